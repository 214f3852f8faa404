"""Attacks that only a real Hydra can refuse: foreign, repeated, swapped and simultaneous answers."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import pytest
import requests

from django_ory.clients import get_client

from .browser import CALLBACK

if TYPE_CHECKING:
    from collections.abc import Callable

    from .browser import Browser
    from .conftest import App, Person

pytestmark = pytest.mark.live


def post_without_following(browser: Browser, button: str) -> str:
    """Send the first form of the page. Returns where the browser would go."""
    form = browser.forms[0]
    url = urljoin(browser.url, form.action)
    answer = browser.session.post(url, data=[*form.fields, (button, "1")], allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text[:1000]
    return answer.headers["Location"]


def find_visited(browser: Browser, part: str) -> str:
    """Return the URL with this text among the last redirects."""
    return next(url for url in browser.path if part in url)


def test_login_challenge_of_an_attacker_signs_no_victim_in(
    person: Callable[[], Person], app: Callable[..., App]
) -> None:
    """Mallory starts a sign-in and sends Alice the link of the login page."""
    alice, mallory, photos = person(), person(), app()
    link = find_visited(mallory.browser.open(photos.authorize()), "login_challenge=")
    alice.browser.open(link)
    page = alice.sign_in()
    assert "/auth/oauth2/" not in page.url
    assert "request_forbidden" in page.url
    assert "code" not in page.query
    page = mallory.browser.open(link)  # the acceptance was bound to Alice's browser
    assert "/auth/login/" in page.url


def test_consent_of_another_user_is_neither_shown_nor_granted(
    person: Callable[[], Person], app: Callable[..., App]
) -> None:
    alice, bob, photos = person(), person(), app(client_name="Alice's app")
    alice.browser.open(photos.authorize())
    link = alice.sign_in().url
    bob.browser.open(app().authorize())
    page = bob.sign_in()
    own_form = page.forms[0]
    page.open(link)
    assert "Alice&#x27;s app" not in page.text.partition("<form")[0] or "/auth/login/" in page.url
    assert alice.email not in page.text
    fields = [pair for pair in own_form.fields if pair[0] == "csrfmiddlewaretoken"]
    for answer in ("accept", "reject"):
        forged = [*fields, ("consent_challenge", alice.browser.query["consent_challenge"]), (answer, "1")]
        page.post(link.partition("?")[0], forged)
        assert "code" not in page.query
    assert get_client().admin_list_o_auth2_subject_consent_sessions(subject=alice.id) == []
    assert photos.claims(alice.browser.press("accept"))["sub"] == alice.id  # her page still works


def test_acceptance_is_worthless_in_another_browser(
    person: Callable[[], Person], app: Callable[..., App]
) -> None:
    """Mallory has read the redirect of Alice's consent, such as from a log."""
    alice, mallory, photos = person(), person(), app()
    alice.browser.open(photos.authorize())
    stolen = post_without_following(alice.sign_in(), "accept")
    mallory.browser.open(photos.authorize())
    page = mallory.browser.open(stolen)
    assert page.query["error"] == "request_forbidden"
    assert "code" not in alice.browser.open(stolen).query  # Hydra counts it as used


@pytest.mark.parametrize("at_once", [False, True])
def test_repeated_answer_gives_one_code(alice: Person, app: Callable[..., App], at_once: bool) -> None:
    """Two tabs send the form: Hydra accepts both answers, but completes the request once."""
    photos = app()
    alice.browser.open(photos.authorize())
    page = alice.sign_in()
    link, locations = page.url, [post_without_following(page, "accept") for _ in range(2)]
    barrier, results = threading.Barrier(2, timeout=30), []

    def follow(location: str) -> None:
        if at_once:
            barrier.wait()
        answer = requests.get(location, cookies=page.session.cookies, allow_redirects=False, timeout=30)
        results.append(answer.headers.get("Location", ""))  # none if the database of Hydra is locked

    threads = [threading.Thread(target=follow, args=(location,)) for location in locations]
    for thread in threads:
        thread.start()
        if not at_once:
            thread.join(timeout=30)
    for thread in threads:
        thread.join(timeout=30)
    codes = ["code=" in result for result in results]
    assert codes == [True, False] if not at_once else sum(codes) <= 1
    page.open(link)  # the page of the used challenge
    assert "code" not in page.query


@pytest.mark.parametrize("page", ["login", "consent", "logout"])
def test_challenge_of_another_page_is_unknown(alice: Person, app: Callable[..., App], page: str) -> None:
    photos = app()
    challenges = {"login": "", "consent": ""}
    challenges["login"] = find_visited(alice.browser.open(photos.authorize()), "login_challenge=").partition(
        "login_challenge="
    )[2]
    challenges["consent"] = alice.sign_in().query["consent_challenge"]
    for name, challenge in challenges.items():
        if name != page:
            answer = alice.browser.open(
                f"{photos.stack.site_url}/auth/oauth2/{page}/?{page}_challenge={challenge}"
            )
            assert answer.status in (400, 404), (page, name)
            assert "no longer works" in answer.text


def test_page_names_the_host_that_gets_the_code(alice: Person, app: Callable[..., App]) -> None:
    """Hydra ignores the first parameter, because it has a semicolon."""
    photos = app(redirect_uris=["https://bank.example/callback;", CALLBACK])
    url = photos.authorize()
    alice.browser.open(url.replace("?", "?redirect_uri=https://bank.example/callback;&", 1))
    page = alice.sign_in()
    assert "bank.example" not in page.text
    assert urlsplit(CALLBACK).netloc in page.text
    assert page.press("accept").url.startswith(f"{CALLBACK}?code=")


def test_grant_beyond_the_request_is_cut_and_the_first_refresh_works(
    alice: Person, app: Callable[..., App]
) -> None:
    photos = app(scope="openid offline_access photos", audience=["https://api.example"])
    alice.browser.open(photos.authorize(scope="openid offline_access photos", audience="https://api.example"))
    page = alice.sign_in()
    forged = [
        *(("grant_scope", scope) for scope in ("openid", "offline_access", "photos", "admin", "email")),
        ("grant_access_token_audience", "https://other.example"),
        ("audience", "https://other.example"),
        ("resource", "https://other.example"),
        ("subject", "admin"),
        ("accept", "1"),
    ]
    kept = [pair for pair in page.forms[0].fields if pair[0] != "grant_scope"]
    page.post(page.url.partition("?")[0], [*kept, *forged])
    tokens = photos.tokens(page)
    assert tokens["scope"].split() == ["openid", "offline_access", "photos"]
    refreshed = photos.refresh(tokens["refresh_token"])
    token = get_client().admin_introspect_o_auth2_token(token=refreshed["access_token"])
    assert (token.sub, token.aud) == (alice.id, ["https://api.example"])
    assert (token.scope or "").split() == ["openid", "offline_access", "photos"]
