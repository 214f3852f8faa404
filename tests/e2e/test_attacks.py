"""Attacks that only a browser can refuse: pages of the provider in a frame, and forms of another site."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from .servers import ServedSite
    from .visitor import Visitor

PAGES = (
    *("/auth/oauth2/error/?error=x", "/auth/oauth2/login/", "/auth/oauth2/logout/", "/auth/oauth2/device/"),
    *("/auth/oauth2/device/done/",),
)


class EvilSite:
    """Another origin, but same-site with the provider, so the browser sends all cookies."""

    def __init__(self) -> None:
        site = self
        self.body = ""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(f"<!doctype html><title>Evil</title>{site.body}".encode())

            def log_message(self, *_: object) -> None:
                """Write nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server.server_port}/"

    def open(self, page: Page, body: str) -> None:
        self.body = body
        page.goto(self.url)


@pytest.fixture
def evil() -> Iterator[EvilSite]:
    site = EvilSite()
    thread = threading.Thread(target=site.server.serve_forever)
    thread.start()
    yield site
    site.server.shutdown()
    thread.join(timeout=30)
    site.server.server_close()


def open_consent(visitor: Visitor, workshop: ServedSite) -> str:
    """Sign in for a client, up to the question. Returns the URL of the page."""
    visitor.page.goto(workshop.url)
    visitor.press("Sign in with Toolshelf")
    visitor.fill_in_sign_in()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Allow Fix-it Friday?")
    return visitor.page.url


def test_pages_of_the_provider_are_not_shown_in_a_frame(
    member: Callable[..., Visitor],
    workshop: ServedSite,
    site: ServedSite,
    evil: EvilSite,
    browser: Browser,
) -> None:
    alma = member()
    consent = open_consent(alma, workshop)
    # A context of its own, because the browser reports each refused frame as an error of the page.
    with browser.new_context(storage_state=alma.page.context.storage_state()) as context:
        page = context.new_page()
        page.goto(consent)
        expect(page.get_by_role("heading", level=1)).to_have_text("Allow Fix-it Friday?")
        urls = [consent, *(f"{site.url}{path}" for path in PAGES)]
        framed = "".join(
            f'<iframe src="{url}"></iframe>' for url in [f"{site.url}/static/ory/ory.css", *urls]
        )
        evil.open(page, f'{framed}<iframe sandbox="allow-scripts allow-forms" src="{consent}"></iframe>')
        page.wait_for_load_state("load")
        allowed, *refused = page.frames[1:]
        assert ".ory" in allowed.locator("body").inner_text()  # the style sheet: frames work
        assert [frame.url for frame in refused] == ["chrome-error://chromewebdata/"] * (len(urls) + 1)
        for frame in refused:
            assert frame.locator("form, .ory").count() == 0
    alma.press("Allow")  # the page itself works
    expect(alma.page.get_by_role("heading", level=1)).to_have_text(f"See you on Friday, {alma.first}.")


def test_form_of_another_site_grants_nothing(
    member: Callable[..., Visitor], workshop: ServedSite, site: ServedSite, evil: EvilSite
) -> None:
    alma = member()
    consent = open_consent(alma, workshop)
    challenge = parse_qs(urlsplit(consent).query)["consent_challenge"][0]
    page = alma.page.context.new_page()
    for encoding in ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain"):
        evil.open(
            page,
            f'<form method="post" action="{site.url}/auth/oauth2/consent/" enctype="{encoding}">'
            f'<input name="consent_challenge" value="{challenge}"><input name="grant_scope" value="openid">'
            '<input name="csrfmiddlewaretoken" value="x"><button name="accept" value="1">Win</button></form>',
        )
        with page.expect_navigation():
            page.get_by_role("button", name="Win").click()
        assert page.url == f"{site.url}/auth/oauth2/consent/"
        assert "403" in page.title() or "403" in page.locator("body").inner_text()
