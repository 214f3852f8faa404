"""Open redirects: through a parameter of the browser, a redirect of Hydra, or the metadata of a client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlencode

import pytest

from tests.provider.provider_site import ALICE, BOB, HYDRA, NEXT, ProviderSite, read_field

if TYPE_CHECKING:
    from django.http import HttpResponse
    from pytest_django import Settings

EVIL = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "////evil.example",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example",
    "\thttps://evil.example/",
    "http:evil.example",
    "http:/evil.example",
    f"{HYDRA}@evil.example/",
    f"{HYDRA}:pw@evil.example/",
    f"{HYDRA}.evil.example/",
    f"{HYDRA}\\@evil.example/",
    "http://hydra.test:4445/admin/clients",
    "http://hydra.test/oauth2/auth",
    "https://hydra.test:4444/oauth2/auth",
    "http://hydra.test:4444\x00.evil.example/",
    "http://hydra。test:4444/",
    "http://[::1",
    "http://hydra.test:99999/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "ftp://hydra.test:4444/",
    "",
]
#: Parameters that some page, library or other server uses for a URL.
PARAMETERS = (
    "return_to", "next", "redirect", "redirect_to", "redirect_uri", "redirect_url", "url", "state",
    "error_uri", "post_logout_redirect_uri", "target_link_uri", "iss", "continue", "client", "action",
)  # fmt: skip
TRUSTED = {
    "client_id": "app",
    "skip_consent": True,
    "skip_logout_consent": True,
    "client_uri": "https://photos.example/",
    "redirect_uris": ["https://photos.example/callback"],
}


def is_ours(location: str) -> bool:
    """Whether a browser stays at this site or at Hydra."""
    return location.startswith(f"{HYDRA}/") or (location.startswith("/") and location[1:2] not in ("/", "\\"))


def prepare(site: ProviderSite, page: str, *, to: Any = NEXT, **values: Any) -> None:
    subject = "" if page == "login" else ALICE
    request = {
        "client": TRUSTED,
        "subject": subject,
        "rp_initiated": True,
        "requested_scope": ["openid"],
        **values,
    }
    site.set_request(page, **request)
    site.ory.respond("GET /admin/clients/app", json=request["client"])
    site.set_identity()
    site.sign_in()
    site.allow_logout()
    for verb in ("accept", "reject"):
        site.ory.respond(f"PUT /admin/oauth2/auth/requests/{page}/{verb}", json={"redirect_to": to})


def check(response: HttpResponse, evil: str) -> None:
    """The response leads nowhere else, and has no link to the other site."""
    assert response.status_code < 500 or response.status_code == 503
    if response.status_code in (301, 302, 303, 307, 308):
        assert is_ours(response["Location"])
    page = response.content.decode()
    assert "evil.example" not in page or 'href="' + evil not in page
    assert 'http-equiv="refresh"' not in page.lower()
    assert "Refresh" not in response


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("page", ["login", "consent", "logout"])
def test_redirect_of_hydra_to_another_server_is_not_followed(
    site: ProviderSite, page: str, evil: str
) -> None:
    prepare(site, page, to=evil)
    response = site.get(page)
    assert response.status_code in (302, 503)
    if evil.startswith(("https:", "//e", "javascript", "data")):
        assert response.status_code == 503
    check(response, evil)


@pytest.mark.parametrize(
    "evil",
    [
        "http://testserver.evil.example/auth/oauth2/authorize/?client_id=app",
        "http://testserver@evil.example/auth/oauth2/authorize/?client_id=app",
        "http://testserver/auth/oauth2/authorize/../../logout/?client_id=app",
        "http://testserver/auth/logout/?client_id=app",
        "http://testserver/auth/oauth2/authorize/?a=\r\nSet-Cookie: b",
        "//testserver/auth/oauth2/authorize/?client_id=app",
    ],
)
def test_redirect_to_the_front_of_this_site_is_only_to_its_page(
    site: ProviderSite, settings: Settings, evil: str
) -> None:
    """Hydra can redirect to the authorization endpoint of the site, if that is in front of Hydra's."""
    settings.ORY = {"default": {**settings.ORY["default"], "OAUTH2_CLIENT_REGISTRATION": True}}
    prepare(site, "login", to="http://testserver/auth/oauth2/authorize/?client_id=app")
    assert site.get("login").status_code == 302
    prepare(site, "login", to=evil)
    assert site.get("login").status_code == 503


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("page", ["login", "consent"])
def test_used_challenge_is_not_restarted_at_another_server(site: ProviderSite, page: str, evil: str) -> None:
    prepare(site, page)
    site.set_request(page, status=410, body={"redirect_to": evil})
    response = site.get(page)
    assert response.status_code in (302, 404, 410, 503)
    check(response, evil)


@pytest.mark.parametrize("evil", EVIL)
def test_request_url_at_another_server_is_not_restarted(site: ProviderSite, evil: str) -> None:
    """Bob is signed in, so the request of Alice must restart."""
    for page, values in (("consent", {}), ("login", {"skip": True, "subject": ALICE})):
        client = {**TRUSTED, "skip_consent": False}
        prepare(site, page, request_url=f"{evil}?{urlencode({'client_id': 'app'})}", client=client, **values)
        site.sign_in(BOB)
        response = site.get(page)
        assert response.status_code in (503, 302)
        check(response, evil)
        assert site.list_targets("PUT") == []


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
@pytest.mark.parametrize("page", ["login", "consent", "logout", "error"])
def test_no_parameter_of_the_browser_is_a_redirect(site: ProviderSite, page: str, evil: str) -> None:
    query = dict.fromkeys(PARAMETERS, evil)
    for is_ready in (True, False):
        if is_ready and page != "error":
            prepare(site, page)
        elif page != "error":
            site.set_request(page, status=401, body={"error": "request_unauthorized"})
        check(site.get(page, **query), evil)
        if page in ("consent", "logout"):
            check(site.post(page, **query), evil)
            check(site.post(page, reject="1", **query), evil)
            check(site.post(page, accept="1", **query), evil)
    check(site.browser.get(f"/auth/oauth2/{page}/", query), evil)  # type: ignore[arg-type]


def test_sign_in_returns_only_to_this_site(site: ProviderSite) -> None:
    site.set_request("login")
    location = site.get("login", return_to="https://evil.example/", next="//evil.example/")["Location"]
    assert location.startswith("/auth/login/?")
    assert "evil.example" not in unquote(location)  # the signed state may contain any shorter text


def test_state_of_one_challenge_is_worthless_for_another(site: ProviderSite) -> None:
    """The state has the name and the link of a client, and the time of the first visit."""
    prepare(site, "consent", client={**TRUSTED, "skip_consent": False, "client_uri": "https://evil.example/"})
    state = read_field(site.get("consent", "mine"), "state")
    site.set_request("consent", status=401, body={"error": "request_unauthorized"})
    assert "evil.example" in site.post("consent", "mine", state=state).content.decode()
    for forged in (state, state[:-1], f"{state}x", state.replace(":", "."), "x" * 100_000, "\0"):
        assert "evil.example" not in site.post("consent", "another", state=forged).content.decode()
