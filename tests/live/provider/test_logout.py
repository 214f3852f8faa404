"""Logouts that a client, the site or no client starts, on a real Kratos and a real Hydra."""

from __future__ import annotations

import re
from html import unescape
from queue import Queue
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest

from django_ory.client import OryUnauthorized
from django_ory.clients import get_client
from tests.live.hook_server import hook_server

from .browser import HOME
from .conftest import parse_claims

if TYPE_CHECKING:
    from collections.abc import Callable

    from .browser import Browser
    from .conftest import App, Person

pytestmark = pytest.mark.live


def sign_in(person: Person, app: App) -> str:
    """Sign in and return the ID token."""
    person.browser.open(app.authorize())
    return str(app.tokens(person.sign_in().press("accept", remember="1"))["id_token"])


def sign_out(person: Person, app: App, id_token: str | None) -> Browser:
    query = urlencode({"id_token_hint": id_token, "post_logout_redirect_uri": HOME} if id_token else {})
    return person.browser.open(f"{app.stack.hydra_public_url}/oauth2/sessions/logout?{query}")


def get_session_cookie(person: Person) -> str:
    """Return the session cookie of the browser, "" if it has none."""
    cookies = person.browser.session.cookies
    return next((str(c.value) for c in cookies if c.name == "ory_kratos_session"), "")


def is_valid(cookie: str) -> bool:
    """Return whether Kratos accepts a session cookie."""
    try:
        get_client().to_session(cookie=f"ory_kratos_session={cookie}")
    except OryUnauthorized:
        return False
    return True


def is_signed_in(person: Person) -> bool:
    """Return whether the browser has a session cookie that Kratos accepts."""
    cookie = get_session_cookie(person)
    return cookie != "" and is_valid(cookie)


class TestLogoutOfAClient:
    def test_accepted_logout_ends_all_sessions(self, alice: Person, app: Callable[..., App]) -> None:
        photos = app()
        token = sign_in(alice, photos)
        page = sign_out(alice, photos, token)
        assert "Photo Lab" in page.text
        cookie = get_session_cookie(alice)
        assert is_valid(cookie)
        page.press("accept")
        assert page.url == HOME
        assert get_session_cookie(alice) == ""
        assert not is_valid(cookie)
        assert "/auth/login/" in alice.browser.open(photos.authorize()).url

    def test_rejected_logout_keeps_the_session(self, alice: Person, app: Callable[..., App]) -> None:
        photos = app()
        token = sign_in(alice, photos)
        page = sign_out(alice, photos, token)
        asked = page.url
        page.press("reject")
        assert page.url == f"{photos.stack.site_url}/"
        assert is_signed_in(alice)
        page.open(asked)
        assert page.status == 404  # Hydra would carry out an acceptance now; there is no button for it
        assert alice.browser.open(photos.authorize(prompt="none")).query.get("error") != "login_required"

    def test_client_that_skips_the_question_ends_all_sessions(
        self, alice: Person, app: Callable[..., App]
    ) -> None:
        photos = app(skip_logout_consent=True)
        token = sign_in(alice, photos)
        assert sign_out(alice, photos, token).url == HOME
        assert not is_signed_in(alice)


class TestLogoutOfTheSite:
    def test_logout_ends_hydras_session(self, alice: Person, app: Callable[..., App]) -> None:
        """Otherwise the next user of the browser would be signed in to other sites as Alice."""
        photos = app()
        sign_in(alice, photos)
        alice.browser.open(f"{photos.stack.site_url}/auth/logout/").press("")
        assert alice.browser.open(photos.authorize(prompt="none")).query["error"] == "login_required"
        assert "/auth/login/" in alice.browser.open(photos.authorize()).url

    def test_revoked_session_requires_a_login(self, alice: Person, app: Callable[..., App]) -> None:
        photos = app()
        sign_in(alice, photos)
        get_client().admin_delete_identity_sessions(alice.id)
        assert alice.browser.open(photos.authorize(prompt="none")).query["error"] == "login_required"
        page = alice.browser.open(photos.authorize())
        assert "/auth/login/" in page.url
        assert "code" in alice.sign_in().query  # the consent is still remembered


class TestBackChannel:
    @pytest.mark.parametrize("start", ["client", "site"])
    def test_logout_is_delivered_to_another_client(
        self, alice: Person, app: Callable[..., App], start: str
    ) -> None:
        received: Queue[str] = Queue()

        def respond(_path: str, _headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
            received.put(parse_qs(body.decode())["logout_token"][0])
            return 200, b"{}"

        with hook_server(respond) as url:
            photos, other = app(), app(client_name="Other", backchannel_logout_uri=f"{url}/logout/")
            hint = sign_in(alice, photos)
            alice.browser.open(other.authorize())
            claims = other.claims(alice.browser.press("accept"))
            if start == "client":
                sign_out(alice, photos, hint).press("accept")
            else:
                alice.browser.open(f"{photos.stack.site_url}/auth/logout/").press("")
            token = received.get(timeout=30)  # Hydra posts it after its response
        assert received.empty()
        keys = jwt.PyJWKClient(f"{photos.stack.hydra_public_url}/.well-known/jwks.json")
        logout = jwt.decode(
            token,
            keys.get_signing_key_from_jwt(token),
            algorithms=["RS256"],
            audience=other.id,
            issuer=photos.stack.hydra_public_url,
        )
        assert logout["sid"] == claims["sid"]
        assert list(logout["events"]) == ["http://schemas.openid.net/event/backchannel-logout"]


class TestFrontChannel:
    def test_page_at_the_end_of_a_logout_loads_the_other_client_in_a_frame(
        self, alice: Person, app: Callable[..., App]
    ) -> None:
        photos = app()
        other = app(
            client_name="Other",
            frontchannel_logout_uri=f"{HOME}front/",
            frontchannel_logout_session_required=True,
        )
        hint = sign_in(alice, photos)
        alice.browser.open(other.authorize())
        claims = other.claims(alice.browser.press("accept"))
        page = sign_out(alice, photos, hint).press("accept")
        [frame] = re.findall(r'<iframe[^>]* src="([^"]+)"', page.text)
        url = urlsplit(unescape(frame))
        assert f"{url.scheme}://{url.netloc}{url.path}" == f"{HOME}front/"
        assert parse_qs(url.query) == {"iss": [photos.stack.hydra_public_url], "sid": [claims["sid"]]}


class TestLogoutAtHydra:
    def test_end_of_hydras_session_ends_the_session_of_kratos(
        self, alice: Person, app: Callable[..., App]
    ) -> None:
        """By ``identity_provider_session_id``, in the configuration of ``ory_config``."""
        photos = app()
        sid = parse_claims(sign_in(alice, photos))["sid"]
        cookie = get_session_cookie(alice)
        assert is_valid(cookie)
        get_client().admin_revoke_o_auth2_login_sessions(sid=sid)
        assert not is_valid(cookie)


class TestLogoutWithoutAClient:
    def test_accepted_logout_ends_the_session(self, alice: Person, app: Callable[..., App]) -> None:
        photos = app(skip_logout_consent=True)
        sign_in(alice, photos)
        page = sign_out(alice, photos, None)
        assert "Sign out?" in page.text
        assert "Photo Lab" not in page.text
        page.press("accept")
        assert not is_signed_in(alice)

    def test_used_challenge_shows_signed_out(self, alice: Person, app: Callable[..., App]) -> None:
        photos = app()
        sign_in(alice, photos)
        page = sign_out(alice, photos, None)
        asked = page.url
        page.press("accept")
        page.open(asked)
        assert "You are signed out" in page.text

    def test_session_of_another_user_is_kept(
        self, alice: Person, person: Callable[[], Person], app: Callable[..., App]
    ) -> None:
        photos, bob = app(), person()
        sign_in(alice, photos)
        page = sign_out(alice, photos, None)
        asked = page.url
        alice.browser.forget(only="ory_kratos_session")
        alice.browser.open(f"{photos.stack.site_url}/auth/login/")
        bob.sign_in(alice.browser)
        alice.browser.open(asked).press("accept")
        assert is_signed_in(alice)  # that browser has a session of Bob
