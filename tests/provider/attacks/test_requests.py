"""Requests that no page sends: other methods, prefetches, challenges twice, too long or misplaced."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import pytest
from django.test import Client

from tests.provider.provider_site import ALICE, BOB, NEXT, ProviderSite, auth_url

if TYPE_CHECKING:
    from django.http import HttpResponse

PAGES = ("login", "consent", "logout")
TRUSTED = {
    "client_id": "app",
    "client_name": "Photo Lab",
    "skip_consent": True,
    "skip_logout_consent": True,
    "redirect_uris": ["https://photos.example/callback"],
}
ERRORS = range(400, 500)


@pytest.fixture
def ready(site: ProviderSite) -> ProviderSite:
    """Alice is signed in. Each page would accept a GET of its challenge: the client is trusted."""
    for page in PAGES:
        subject = "" if page == "login" else ALICE
        site.set_request(page, client=TRUSTED, subject=subject, rp_initiated=True, requested_scope=["openid"])
        site.set_result(page, "accept")
        site.set_result(page, "reject")
    site.ory.respond("GET /admin/clients/app", json=TRUSTED)
    site.set_identity()
    site.sign_in()
    site.allow_logout()
    return site


def send(site: ProviderSite, page: str, query: str, *, headers: dict[str, str] | None = None) -> HttpResponse:
    return site.browser.get(f"/auth/oauth2/{page}/?{query}", headers=headers)  # type: ignore[return-value]


@pytest.mark.parametrize("page", PAGES)
def test_plain_request_is_accepted(ready: ProviderSite, page: str) -> None:
    """The other tests of this module need this, or they could not fail."""
    assert ready.get(page)["Location"] == NEXT
    assert len(ready.list_targets("PUT")) == 1


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "ACCEPT"])
@pytest.mark.parametrize("page", PAGES)
def test_other_methods_change_nothing(ready: ProviderSite, page: str, method: str) -> None:
    path = f"/auth/oauth2/{page}/?{page}_challenge=c&accept=1"
    for headers in ({}, {"X-Http-Method-Override": "GET", "X-Method-Override": "POST"}):
        response = ready.browser.generic(method, path, "accept=1", headers=headers)
        assert response.status_code == 405
    assert ready.list_targets("PUT") == []


@pytest.mark.parametrize("override", ["X-Http-Method-Override", "X-Method-Override"])
def test_get_is_never_a_post(site: ProviderSite, override: str) -> None:
    site.set_request("consent", subject=ALICE, requested_scope=["openid"])
    site.sign_in()
    query = "consent_challenge=c&accept=1&_method=POST&grant_scope=openid"
    assert send(site, "consent", query, headers={override: "POST"}).status_code == 200
    assert site.list_targets("PUT") == []


@pytest.mark.parametrize(
    "header",
    [
        {"Sec-Purpose": "prefetch"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Sec-Purpose": "prefetch;anonymous-client-ip"},
        {"Purpose": "prefetch"},
        {"X-Moz": "prefetch"},
    ],
)
@pytest.mark.parametrize("page", PAGES)
def test_prefetch_changes_nothing(ready: ProviderSite, page: str, header: dict[str, str]) -> None:
    response = send(ready, page, f"{page}_challenge=c", headers=header)
    assert response.status_code == 503
    assert "no-store" in response["Cache-Control"]
    assert ready.ory.requests == []


@pytest.mark.parametrize(
    "challenge",
    [
        "\0",
        "a\0b",
        "a\r\nX-Injected: b",
        "a\u2028b",
        "\u202eabc",
        "x" * 16_385,
        "\ufffe",
        "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace") + "\x85",
    ],
)
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_challenge_that_is_no_text_is_not_sent_to_hydra(
    ready: ProviderSite, page: str, method: str, challenge: str
) -> None:
    if method == "POST":
        if page == "login":
            return
        response = ready.post(page, challenge, accept="1")
    else:
        response = ready.get(page, challenge)
    assert response.status_code in ERRORS
    assert ready.ory.requests == []


@pytest.mark.parametrize(
    "challenge",
    ["../../clients/app", "a/../b", "c?skip=true", "c&login_challenge=d", "c#", "%2e%2e%2f", "ü", "{c}"],
)
@pytest.mark.parametrize("page", PAGES)
def test_challenge_stays_one_value_of_the_query(ready: ProviderSite, page: str, challenge: str) -> None:
    ready.get(page, challenge)
    sent = [each for each in ready.ory.requests if f"/requests/{page}" in each.path]
    assert [each.path.rpartition("/requests/")[2] for each in sent] == [page, f"{page}/accept"]
    assert [each.query for each in sent] == [{f"{page}_challenge": [challenge]}] * 2


@pytest.mark.parametrize("page", PAGES)
def test_repeated_challenge_counts_once(ready: ProviderSite, page: str) -> None:
    """The accepted request is the one that was read."""
    send(ready, page, f"{page}_challenge=foreign&{page}_challenge=c")
    sent = [each.query for each in ready.ory.requests if f"/requests/{page}" in each.path]
    assert sent == [{f"{page}_challenge": ["c"]}] * 2


@pytest.mark.parametrize("page", ["consent", "logout"])
def test_query_of_a_post_is_ignored(ready: ProviderSite, page: str) -> None:
    path = f"/auth/oauth2/{page}/?{page}_challenge=foreign&accept=1&remember=1&grant_scope=admin&state=x"
    ready.browser.post(path, {f"{page}_challenge": "c", "accept": "1"})
    sent = [each.query for each in ready.ory.requests if f"/requests/{page}" in each.path]
    assert sent == [{f"{page}_challenge": ["c"]}] * 2
    assert ready.browser.post(path, {"accept": "1"}).status_code == 400


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "name",
    [
        "challenge",
        "{page}_challenge[]",
        "{page}_challenge[0]",
        "{page}-challenge",
        "{page}_CHALLENGE",
        "other",
    ],
)
def test_challenge_in_another_parameter_is_no_challenge(ready: ProviderSite, page: str, name: str) -> None:
    other = PAGES[(PAGES.index(page) + 1) % 3]
    name = f"{other}_challenge" if name == "other" else name.format(page=page)
    response = send(ready, page, f"{quote(name)}=c")
    assert response.status_code == 400
    assert ready.ory.requests == []


@pytest.mark.parametrize("page", ["consent", "logout"])
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", '{"consent_challenge": "c", "logout_challenge": "c", "accept": "1"}'),
        ("text/plain", "consent_challenge=c&logout_challenge=c&accept=1"),
        ("multipart/form-data; boundary=x", "--x\r\nbroken"),
        ("multipart/form-data", "no boundary"),
        ("application/x-www-form-urlencoded; charset=utf-16", "consent_challenge=c&accept=1"),
        ("application/x-www-form-urlencoded", "&".join(f"grant_scope={n}" for n in range(2_000))),
        ("application/x-www-form-urlencoded", "consent_challenge=%00%ff&logout_challenge=%00%ff&accept=1"),
    ],
)
def test_body_of_another_form_is_a_client_error(
    ready: ProviderSite, page: str, content_type: str, body: str
) -> None:
    ready.browser.raise_request_exception = False  # Django answers 400 itself for some of them
    response = ready.browser.generic("POST", f"/auth/oauth2/{page}/", body, content_type=content_type)
    assert response.status_code in ERRORS
    assert ready.list_targets("PUT") == []


@pytest.mark.parametrize("page", ["consent", "logout"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Referer": "https://evil.example/"},
        {"X-Csrftoken": "x" * 64},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_post_of_another_site_is_refused(ready: ProviderSite, page: str, headers: dict[str, str]) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.cookies["ory_kratos_session"] = "secret"
    fields = {f"{page}_challenge": "c", "accept": "1", "reject": "1", "csrfmiddlewaretoken": "y" * 64}
    response = browser.post(f"/auth/oauth2/{page}/", fields, headers=headers)
    assert response.status_code == 403
    assert ready.ory.requests == []


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "testserver@evil.example",
        "testserver:80@evil.example",
        "testserver,evil.example",
        "[",
        "",
    ],
)
def test_other_host_is_refused(ready: ProviderSite, page: str, host: str) -> None:
    ready.browser.raise_request_exception = False
    response = send(ready, page, f"{page}_challenge=c", headers={"Host": host})
    assert response.status_code == 400
    assert ready.ory.requests == []


def test_forwarded_host_is_not_part_of_a_link(site: ProviderSite) -> None:
    site.set_request("login")
    response = send(
        site,
        "login",
        "login_challenge=c",
        headers={
            "X-Forwarded-Host": "evil.example",
            "X-Forwarded-Proto": "https",
            "Forwarded": "host=evil.example",
            "X-Original-Url": "/evil",
        },
    )
    assert response.status_code == 302
    location = unquote(response["Location"])  # the signed state may contain any shorter text
    assert not [text for text in ("evil.example", "/evil") if text in location]


def test_answer_for_the_user_before_another_sign_in_is_not_sent(site: ProviderSite) -> None:
    """The page was opened by Alice. Bob signs in in another tab, then the form is sent."""
    site.set_request("consent", subject=ALICE, requested_scope=["openid"], request_url=auth_url())
    site.set_result("consent", "accept")
    site.sign_in()
    assert site.get("consent").status_code == 200
    site.sign_in(BOB)
    for answer in ({"accept": "1"}, {"reject": "1"}):
        assert "prompt=login" in site.post("consent", **answer)["Location"]
    assert site.list_targets("PUT") == []
