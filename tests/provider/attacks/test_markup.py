"""Texts of clients on our pages: markup, script URLs, templates, bidirectional and very long texts."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from django_ory.http.redirects import read_client_name
from tests.provider.provider_site import ALICE, ProviderSite, auth_url, parse_query, read_field

if TYPE_CHECKING:
    from django.http import HttpResponse

TEXTS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title><script>alert(1)</script>",
    "<!--",
    "]]><svg onload=alert(1)>",
    "{{ request }}{% csrf_token %}{{ 7|add:7 }}",
    "%(client_name)s %s {0} ${7*7}",
    "&lt;script&gt;",
    "a\u202ebeta\u2066\u2028\u0000\ud800",
    "x" * 5_000,
    "\u0301" * 500,
]
URLS = [
    "javascript:alert(1)",
    " javascript:alert(1)",
    "JAVASCRIPT:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "blob:https://evil.example/1",
    "file:///etc/passwd",
    "//evil.example/",
    "/auth/logout/",
    "https://user:password@evil.example/",
    "https://evil.example\\@photos.example/",
    'https://evil.example/" onclick="alert(1)',
    "https://evil.example/<script>alert(1)</script>",
    "https://[",
    "https://evil.example:99999/",
    "view-source:https://evil.example/",
]
ALLOWED_TAGS = {
    *("html", "head", "meta", "title", "link", "script", "body", "header", "main", "div", "section", "nav"),
    *(
        "a",
        "h1",
        "h2",
        "p",
        "strong",
        "bdi",
        "span",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "details",
        "summary",
    ),
    *("form", "input", "fieldset", "legend", "label", "button", "img", "svg", "path"),
}


class Page(HTMLParser):
    """The tags of a page, and the URLs of its links and images."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.urls: list[str] = []
        self.handlers: list[str] = []
        self.scripts = 0
        self.feed(response.content.decode())

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attributes:
            if name in ("href", "src", "action", "formaction", "srcset", "xlink:href"):
                self.urls.append(value or "")
            if name.startswith("on") or name in ("style", "srcdoc"):
                self.handlers.append(name)
        self.scripts += tag == "script"

    def check(self) -> None:
        assert set(self.tags) <= ALLOWED_TAGS
        assert self.handlers == []
        assert self.scripts <= 1
        for url in self.urls:
            assert re.match(r"https?://[\w.-]+(:\d+)?(/[^\s\"]*)?$|/(?!/)|#", url), url
            assert "user:password" not in url


def open_pages(site: ProviderSite, **client: Any) -> list[HttpResponse]:
    """Open each page with the client, also those for a failure."""
    client = {"client_id": "app", "redirect_uris": ["https://photos.example/cb"], **client}
    site.sign_in()
    site.set_identity()
    url = auth_url(redirect_uri="https://photos.example/cb")
    for page in ("consent", "logout"):
        site.set_request(page, client=client, subject=ALICE, requested_scope=["openid"], request_url=url)
    responses = [site.get("consent"), site.get("logout")]
    state = read_field(responses[0], "state")
    site.set_request("consent", status=401, body={"error": "request_unauthorized"})
    return [*responses, site.post("consent", state=state)]


@pytest.mark.parametrize("text", TEXTS)
def test_text_of_a_client_is_only_text(site: ProviderSite, text: str) -> None:
    for response in open_pages(site, client_name=text, owner=text, client_uri="https://photos.example/"):
        Page(response).check()
        assert len(response.content) < 40_000


@pytest.mark.parametrize("invisible", ["\u202e", "\u2066", "\u200b", "\u00ad", "\ufeff", "\x85", "\u2028"])
def test_invisible_characters_of_a_name_are_not_shown(site: ProviderSite, invisible: str) -> None:
    """They would reverse the text of the page, or make two names look alike."""
    for response in open_pages(
        site, client_name=f"Photo{invisible} Lab", client_uri="https://photos.example/"
    ):
        page = response.content.decode()
        assert "Photo Lab" in page
        assert invisible not in page
    site.browser.cookies.clear()
    site.set_request("login", client={"client_id": "app", "client_name": f"Photo{invisible} Lab"})
    signed = parse_query(site.get("login")["Location"])["client"]
    assert read_client_name(signed) == "Photo Lab"


@pytest.mark.parametrize("is_verified", [True, False])
def test_error_page_links_only_to_the_site_of_a_verified_client(
    site: ProviderSite, is_verified: bool
) -> None:
    """Otherwise a client named "Your Bank" would get a button with this name to a site of its choice."""
    metadata = {} if is_verified else {"django_ory": {"origin": "registration"}}
    expired = open_pages(
        site, client_name="Your Bank", client_uri="https://evil.example/", metadata=metadata
    )[-1]
    assert expired.status_code == 410
    assert ("evil.example" in expired.content.decode()) is is_verified


def test_message_in_the_name_of_a_client_is_not_shown_for_a_link(site: ProviderSite) -> None:
    """Any site can link to the last page of the device flow, and a client can register under any name."""
    client = {
        "client_id": "a",
        "client_name": "Call 555 0100",
        "metadata": {"django_ory": {"origin": "registration"}},
    }
    site.ory.respond("GET /admin/clients/a", json=client)
    response = site.browser.get("/auth/oauth2/device/done/", {"client_id": "a"})
    assert response.status_code == 200
    assert "555 0100" not in response.content.decode()


@pytest.mark.parametrize("url", URLS)
def test_url_of_a_client_is_a_web_address_or_not_shown(site: ProviderSite, url: str) -> None:
    names = ("client_uri", "logo_uri", "policy_uri", "tos_uri")
    for response in open_pages(site, client_name="Photo Lab", **dict.fromkeys(names, url)):
        Page(response).check()


@pytest.mark.parametrize("text", TEXTS)
def test_scope_and_audience_are_only_text(site: ProviderSite, text: str) -> None:
    site.sign_in()
    site.set_request(
        "consent",
        client={
            "client_id": "app",
            "client_name": "Photo Lab",
            "audience": [text],
            "scope": f"openid {text}",
        },
        subject=ALICE,
        requested_scope=["openid", text],
        requested_access_token_audience=[text],
    )
    Page(site.get("consent")).check()


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("text", TEXTS)
def test_parameters_of_the_error_page_are_only_text(
    site: ProviderSite, settings: Any, text: str, debug: bool
) -> None:
    settings.DEBUG = debug
    text = text.encode("utf-8", "replace").decode()
    names = ("error", "error_description", "error_hint", "error_debug", "error_uri", "state", "client_name")
    response = site.browser.get("/auth/oauth2/error/", dict.fromkeys(names, text))
    assert response.status_code == 400
    Page(response).check()  # type: ignore[arg-type]
    if not debug and len(text) > 10:
        assert text not in response.content.decode()
