"""The authorization code flow through our pages, on a real Kratos and a real Hydra."""

from __future__ import annotations

import base64
import json
import secrets
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
import requests
from django.utils import translation

from django_ory.clients import get_client
from django_ory.mirror.identities import set_identity_state
from django_ory.models import Identity
from django_ory.tokens.verification import verify_access_token

from .browser import CALLBACK, Browser
from .conftest import App, parse_claims

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import StackAddresses

    from .conftest import Person

pytestmark = pytest.mark.live


#: Hydra requires some, even for request objects without a signature.
KEYS = {"keys": [{"kty": "RSA", "kid": "unused", "use": "sig", "n": "u" * 342, "e": "AQAB"}]}


def build_request_object(**claims: str) -> str:
    """OpenID Connect Core 6.1, unsigned."""
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    header, payload = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts)
    return f"{header.rstrip('=')}.{payload.rstrip('=')}."


def introspect(token: str) -> dict[str, Any]:
    return get_client().admin_introspect_o_auth2_token(token=token).model_dump()


def get_return_to(page: Browser) -> str:
    """Return the ``return_to`` of the sign-in page."""
    sent = next(url for url in page.path if "/auth/login/?return_to=" in url)
    return parse_qs(urlsplit(sent).query)["return_to"][0]


def allow(browser: Browser, **options: str) -> Browser:
    assert "/auth/oauth2/consent/" in browser.url, (browser.url, browser.status, browser.text[:1500])
    return browser.press("accept", **options)  # type: ignore[arg-type]


class TestSignIn:
    def test_new_login_returns_tokens(self, alice: Person, app: Callable[..., App]) -> None:
        photos = app()
        page = alice.browser.open(photos.authorize(scope="openid email profile offline_access photos"))
        assert "/auth/login/" in page.url
        assert "to continue to Photo Lab" in page.text
        page = alice.sign_in()
        assert "/auth/oauth2/consent/" in page.url
        assert "Photo Lab" in page.text
        assert alice.email in page.text
        allow(page)
        tokens = photos.tokens(page)
        claims = requests.get(
            f"{photos.stack.hydra_public_url}/userinfo",
            headers={"Authorization": f"Bearer {tokens['access_token']}"},
            timeout=10,
        ).json()
        assert claims["sub"] == alice.id
        assert (claims["email"], claims["email_verified"]) == (alice.email, True)
        assert (claims["name"], claims["given_name"]) == ("Alice Liddell", "Alice")
        assert (claims["acr"], claims["amr"]) == ("aal1", ["pwd"])
        assert tokens["scope"].split() == ["openid", "email", "profile", "offline_access", "photos"]
        assert tokens["refresh_token"]
        token = verify_access_token(tokens["access_token"])
        assert token.get_claim("acr") == "aal1"
        assert 0 <= time.time() - token.get_claim("auth_time") < 60

    def test_signed_in_user_only_consents(self, alice: Person, app: Callable[..., App]) -> None:
        alice.browser.open(app().authorize())
        alice.sign_in()
        page = alice.browser.open(app(client_name="Another").authorize())
        assert "/auth/oauth2/consent/" in page.url
        assert not page.visited("/auth/login/")

    def test_remembered_consent_shows_no_page(self, alice: Person, app: Callable[..., App]) -> None:
        photos = app()
        alice.browser.open(photos.authorize())
        first = photos.claims(allow(alice.sign_in(), remember="1"))
        tokens = photos.tokens(alice.browser.open(photos.authorize()))
        second = parse_claims(tokens["id_token"])
        # Kratos' time of the sign-in, and Hydra's time of the accepted login, which comes after it.
        signed_in_at = verify_access_token(tokens["access_token"]).get_claim("auth_time")
        assert isinstance(signed_in_at, int)
        assert 0 <= second["auth_time"] - signed_in_at < 5
        assert second["sid"] == first["sid"]  # Hydra remembered the sign-in
        assert (second["acr"], second["amr"], second["email"]) == ("aal1", ["pwd"], alice.email)

    def test_prompt_none_only_needs_hydras_cookie(self, alice: Person, app: Callable[..., App]) -> None:
        photos = app()
        assert alice.browser.open(photos.authorize(prompt="none")).query["error"] == "login_required"
        alice.browser.open(photos.authorize())
        allow(alice.sign_in(), remember="1")
        alice.browser.forget(keep="ory_hydra")
        page = alice.browser.open(photos.authorize(prompt="none"))
        assert photos.claims(page)["sub"] == alice.id
        alice.browser.session.headers["Sec-Fetch-Dest"] = (
            "document"  # a page would have brought Kratos' cookie
        )
        assert alice.browser.open(photos.authorize(prompt="none")).query["error"] == "login_required"

    def test_trusted_client_shows_no_consent_page(self, alice: Person, app: Callable[..., App]) -> None:
        trusted = app(skip_consent=True)
        alice.browser.open(trusted.authorize())
        assert trusted.claims(alice.sign_in())["sub"] == alice.id
        assert trusted.claims(alice.browser.open(trusted.authorize(prompt="none")))["email"] == alice.email

    def test_challenge_of_seven_thousand_characters_is_accepted(
        self, alice: Person, app: Callable[..., App]
    ) -> None:
        large = app(metadata={"notes": secrets.token_hex(4_500)})
        page = alice.browser.open(large.authorize())
        assert max(len(url) for url in page.path) > 6_000
        assert large.claims(allow(alice.sign_in()))["sub"] == alice.id


class TestScope:
    def test_granted_scope_never_exceeds_the_request(self, alice: Person, app: Callable[..., App]) -> None:
        photos = app()
        alice.browser.open(photos.authorize(scope="openid email"))
        page = alice.sign_in()
        forged = [("grant_scope", scope) for scope in ("photos", "offline_access", "admin")]
        page.post(page.url.split("?")[0], [*page.forms[0].fields, *forged, ("accept", "1")])
        tokens = photos.tokens(page)
        assert tokens["scope"].split() == ["openid", "email"]
        assert "refresh_token" not in tokens

    def test_deselected_scope_is_not_granted(self, alice: Person, app: Callable[..., App]) -> None:
        photos = app()
        alice.browser.open(photos.authorize(scope="openid email photos"))
        page = alice.sign_in()
        page.press("accept", without=("email", "openid"))
        tokens = photos.tokens(page)
        assert tokens["scope"].split() == ["openid", "photos"]

    def test_shown_audience_is_granted(self, alice: Person, app: Callable[..., App]) -> None:
        photos = app()
        alice.browser.open(photos.authorize())
        allow(alice.sign_in(), remember="1")
        skipped = photos.tokens(alice.browser.open(photos.authorize(audience="https://api.example")))
        assert (
            introspect(skipped["access_token"])["aud"] == []
        )  # Hydra skipped, though this was never asked before
        page = alice.browser.open(photos.authorize(audience="https://api.example", prompt="consent"))
        assert "https://api.example" in page.text
        allow(page, remember="1")
        assert introspect(photos.tokens(page)["access_token"])["aud"] == ["https://api.example"]
        again = photos.tokens(alice.browser.open(photos.authorize(audience="https://api.example")))
        assert introspect(again["access_token"])["aud"] == ["https://api.example"]

    def test_no_scope_grants_nothing(self, alice: Person, app: Callable[..., App]) -> None:
        photos = app()
        alice.browser.open(photos.authorize())
        page = alice.sign_in().press("reject")
        assert page.query["error"] == "access_denied"
        assert "code" not in page.query
        assert "/auth/oauth2/consent/" in alice.browser.open(photos.authorize()).url  # and it may ask again


class TestRedirectHost:
    """The page shows the host that Hydra redirects to, if the request has two."""

    OTHER = "https://bank.example/callback"

    def test_first_of_two_redirect_uris_is_shown(self, alice: Person, app: Callable[..., App]) -> None:
        photos = app(redirect_uris=[CALLBACK, self.OTHER])
        alice.browser.open(f"{photos.authorize()}&{urlencode({'redirect_uri': self.OTHER})}")
        page = alice.sign_in()
        assert "<strong>localhost:1</strong>" in page.text
        assert allow(page).url.startswith(CALLBACK)

    @pytest.mark.parametrize(("scope", "shown"), [("photos", "localhost:1"), ("openid", "bank.example")])
    def test_request_object_only_counts_with_openid(
        self, alice: Person, app: Callable[..., App], scope: str, shown: str
    ) -> None:
        photos = app(redirect_uris=[CALLBACK, self.OTHER], jwks=KEYS)
        alice.browser.open(
            photos.authorize(scope=scope, request=build_request_object(redirect_uri=self.OTHER))
        )
        page = alice.sign_in()
        assert f"<strong>{shown}</strong>" in page.text
        if scope == "photos":
            assert allow(page).url.startswith(CALLBACK)

    def test_any_port_of_a_loopback_address_is_shown(self, alice: Person, app: Callable[..., App]) -> None:
        photos = app(redirect_uris=[CALLBACK, "http://127.0.0.1/callback"])
        alice.browser.open(photos.authorize(redirect_uri="http://127.0.0.1:9/callback"))
        assert "<strong>127.0.0.1:9</strong>" in alice.sign_in().text


class TestFreshLogin:
    @pytest.mark.parametrize("parameters", [{"prompt": "login"}, {"max_age": "0"}])
    def test_new_session_still_requires_a_fresh_login(
        self, alice: Person, app: Callable[..., App], parameters: dict[str, str]
    ) -> None:
        photos = app()
        alice.browser.open(photos.authorize())
        allow(alice.sign_in())
        page = alice.browser.open(photos.authorize(**parameters))
        assert "/auth/login/" in page.url
        assert "refresh=true" in "".join(page.path)
        page = alice.sign_in()
        claims = photos.claims(page if "code" in page.query else allow(page))
        assert claims["sub"] == alice.id

    def test_posted_request_requires_a_fresh_login(self, alice: Person, app: Callable[..., App]) -> None:
        """Hydra's ``request_url`` then has neither prompt nor max_age, and is not sufficient for Hydra."""
        photos = app()
        alice.browser.open(photos.authorize())
        allow(alice.sign_in())
        address, _, query = photos.authorize(prompt="login").partition("?")
        page = alice.browser.post(address, parse_qsl(query))
        assert "/auth/login/" in page.url
        assert "refresh=true" in "".join(page.path)
        page = alice.sign_in()
        assert page.status == 400
        assert page.query["error"] == "invalid_client"
        assert "code" not in page.query

    def test_return_without_a_login_shows_a_page(self, alice: Person, app: Callable[..., App]) -> None:
        photos = app()
        alice.browser.open(photos.authorize())
        allow(alice.sign_in())
        page = alice.browser.open(photos.authorize(prompt="login"))
        page = alice.browser.open(get_return_to(page))
        assert page.status == 403
        assert "Sign in again to continue" in page.text

    def test_max_age_counts_from_the_login(self, alice: Person, app: Callable[..., App]) -> None:
        photos = app()
        alice.browser.open(photos.authorize())
        allow(alice.sign_in(), remember="1")
        page = alice.browser.open(photos.authorize(max_age="3600"))
        assert "code" in page.query
        time.sleep(2.1)
        assert "/auth/login/" in alice.browser.open(photos.authorize(max_age="1")).url

    def test_unknown_prompt_is_rejected(self, alice: Person, app: Callable[..., App]) -> None:
        page = alice.browser.open(app().authorize(prompt="bogus"))
        assert page.query["error"] == "invalid_request"
        assert not page.visited("/consent/")

    def test_prompt_select_account_signs_in_as_another_user(
        self, alice: Person, person: Callable[[], Person], app: Callable[..., App]
    ) -> None:
        """Hydra 2.3 has no such prompt, so the request is restarted with one that it has."""
        photos, bob = app(), person()
        alice.browser.open(photos.authorize())
        allow(alice.sign_in())
        page = alice.browser.open(photos.authorize(prompt="select_account"))
        assert "/auth/login/" in page.url
        [sign_out] = [link for link in page.links if "/auth/logout/" in link]
        page = page.open(sign_out).press("")
        assert "/auth/login/" in page.url, page.path
        assert photos.claims(allow(bob.sign_in(page)))["sub"] == bob.id

    def test_prompt_create_opens_the_registration_page(self, alice: Person, app: Callable[..., App]) -> None:
        assert "/auth/registration/" in alice.browser.open(app().authorize(prompt="create")).url

    def test_hint_and_language_of_the_client_are_those_of_the_sign_in_page(
        self, alice: Person, app: Callable[..., App], settings: Any
    ) -> None:
        settings.MIDDLEWARE = [
            *settings.MIDDLEWARE[:2],
            "django.middleware.locale.LocaleMiddleware",
            *settings.MIDDLEWARE[2:],
        ]
        alice.browser = Browser(app().stack.site_url)  # with the middleware
        with translation.override("en"):
            page = alice.browser.open(app().authorize(login_hint=alice.email, ui_locales="tlh de-AT"))
            assert "/auth/login/" in page.url
            assert ("identifier", alice.email) in [field for form in page.forms for field in form.fields]
            assert 'lang="de"' in page.text
            assert 'lang="de"' in alice.sign_in().text

    def test_prompt_registration_opens_the_registration_page(
        self, alice: Person, app: Callable[..., App]
    ) -> None:
        assert "/auth/registration/" in alice.browser.open(app().authorize(prompt="registration")).url


class TestAnotherUser:
    def test_another_user_at_the_consent_page_must_sign_in(
        self, alice: Person, person: Callable[[], Person], app: Callable[..., App]
    ) -> None:
        """Another user signs in with the same browser while Alice's consent page is open."""
        photos, bob = app(), person()
        alice.browser.open(photos.authorize())
        consent = alice.sign_in().url
        alice.browser.forget(only="ory_kratos_session")
        alice.browser.open(f"{photos.stack.site_url}/auth/login/")
        bob.sign_in(alice.browser)
        page = alice.browser.open(consent)
        assert "/auth/login/" in page.url  # begun again, with prompt=login
        assert page.visited("prompt=login")
        claims = photos.claims(allow(bob.sign_in(alice.browser)))
        assert claims["sub"] == bob.id
        assert claims["email"] == bob.email

    def test_another_session_is_not_signed_in_as_the_remembered_user(
        self, alice: Person, person: Callable[[], Person], app: Callable[..., App]
    ) -> None:
        photos, bob = app(), person()
        alice.browser.open(photos.authorize())
        allow(alice.sign_in())
        alice.browser.forget(only="ory_kratos_session")
        alice.browser.open(f"{photos.stack.site_url}/auth/login/")
        bob.sign_in(alice.browser)
        page = alice.browser.open(photos.authorize())
        assert "/auth/login/" in page.url
        assert photos.claims(allow(bob.sign_in(alice.browser)))["sub"] == bob.id

    @pytest.mark.parametrize("prompt_is_fixed", [False, True])
    def test_remembered_login_without_a_session_requires_a_login(
        self, alice: Person, person: Callable[[], Person], app: Callable[..., App], prompt_is_fixed: bool
    ) -> None:
        """The browser was closed or another site signed the user out, so Kratos' cookie is missing.

        The prompt of a request object cannot be changed by a parameter in the URL.
        """
        photos, bob = app(jwks=KEYS), person()
        inside = {"request": build_request_object(prompt="consent")} if prompt_is_fixed else {}
        alice.browser.open(photos.authorize())
        allow(alice.sign_in())
        alice.browser.forget(only="ory_kratos_session")
        page = alice.browser.open(photos.authorize(**inside))
        assert "/auth/login/" in page.url
        assert photos.claims(allow(bob.sign_in(alice.browser)))["sub"] == bob.id

    def test_another_user_is_asked_for_consent(self, alice: Person, app: Callable[..., App]) -> None:
        photos = app()
        alice.browser.open(photos.authorize())
        allow(alice.sign_in())
        alice.browser.forget(only="ory_kratos_session")
        alice.browser.open(photos.authorize(prompt="consent"))
        assert photos.claims(allow(alice.sign_in()))["sub"] == alice.id

    def test_session_that_ends_at_the_consent_page_requires_a_login(
        self, alice: Person, app: Callable[..., App]
    ) -> None:
        photos = app()
        alice.browser.open(photos.authorize())
        page = alice.sign_in()
        get_client().admin_delete_identity_sessions(alice.id)
        page.press("accept")
        assert "/auth/login/" in page.url
        assert photos.claims(allow(alice.sign_in()))["sub"] == alice.id

    def test_hint_of_another_user_is_rejected(
        self, alice: Person, person: Callable[[], Person], app: Callable[..., App]
    ) -> None:
        photos, bob = app(), person()
        bob.browser.open(photos.authorize())
        hint = photos.tokens(allow(bob.sign_in()))["id_token"]
        alice.browser.open(f"{photos.stack.site_url}/auth/login/")
        alice.sign_in()
        assert alice.browser.open(photos.authorize(id_token_hint=hint)).query["error"] == "login_required"


class TestDeactivated:
    def test_deactivated_user_is_rejected_despite_a_remembered_login(
        self, alice: Person, app: Callable[..., App]
    ) -> None:
        photos = app()
        alice.browser.open(photos.authorize(scope="openid email offline_access"))
        tokens = photos.tokens(allow(alice.sign_in()))
        get_client().admin_patch_identity(
            alice.id, body=[{"op": "replace", "path": "/state", "value": "inactive"}]
        )
        page = alice.browser.open(photos.authorize())
        assert page.query["error"] == "access_denied"
        assert introspect(tokens["refresh_token"])["active"] is False
        page = alice.browser.open(photos.authorize())
        assert "/auth/login/" in page.url  # Hydra has forgotten

    def test_deactivation_by_staff_ends_tokens_and_sessions_at_once(
        self, alice: Person, app: Callable[..., App]
    ) -> None:
        photos = app()
        alice.browser.open(photos.authorize(scope="openid email offline_access"))
        tokens = photos.tokens(allow(alice.sign_in()))
        assert introspect(tokens["refresh_token"])["active"] is True
        assert set_identity_state("default", alice.id, Identity.State.INACTIVE).problems == ()
        for name in ("access_token", "refresh_token"):
            assert introspect(tokens[name])["active"] is False
        assert "/auth/login/" in alice.browser.open(photos.authorize()).url

    def test_deleted_user_is_rejected(self, alice: Person, app: Callable[..., App]) -> None:
        photos = app()
        alice.browser.open(photos.authorize())
        allow(alice.sign_in())
        get_client().admin_delete_identity(alice.id)
        assert alice.browser.open(photos.authorize()).query["error"] == "access_denied"

    def test_404_of_another_server_rejects_no_user(
        self, alice: Person, app: Callable[..., App], settings: Any
    ) -> None:
        photos = app()
        alice.browser.open(photos.authorize(scope="openid offline_access"))
        tokens = photos.tokens(allow(alice.sign_in(), remember="1"))
        right = settings.ORY
        settings.ORY = {"default": {**right["default"], "KRATOS_ADMIN_URL": photos.stack.hydra_admin_url}}
        alice.browser.forget(only="ory_kratos_session")  # otherwise the session has the identity
        request = photos.authorize(scope="openid offline_access", prompt="none")
        assert alice.browser.open(request).status == 503
        settings.ORY = right
        assert introspect(tokens["refresh_token"])["active"] is True
        assert "code" in alice.browser.open(request).query


class TestUsedAndExpired:
    def test_used_consent_verifier_shows_an_error(self, alice: Person, app: Callable[..., App]) -> None:
        photos = app()
        alice.browser.open(photos.authorize())
        page = allow(alice.sign_in())
        [used] = [url for url in page.path if "consent_verifier=" in url]
        assert alice.browser.open(used).query["error"] == "access_denied"

    def test_back_button_after_consent_restarts(self, alice: Person, app: Callable[..., App]) -> None:
        photos = app()
        alice.browser.open(photos.authorize())
        consent = alice.sign_in().url
        allow(alice.browser)
        page = alice.browser.open(consent)  # Hydra shows a used challenge as if nothing had happened
        assert page.status == 200
        assert "error" in page.press("accept").query  # the client receives an error, and can start again

    @pytest.mark.parametrize("page", ["login", "consent", "logout"])
    @pytest.mark.parametrize("challenge", ["garbled", "0" * 36, "x" * 7_000, "%00", "a b"])
    def test_unknown_challenge_is_not_found(self, stack: StackAddresses, page: str, challenge: str) -> None:
        browser = Browser(stack.site_url)
        query = urlencode({f"{page}_challenge": challenge})
        browser.open(f"{stack.site_url}/auth/oauth2/{page}/?{query}")
        assert browser.status == 404
        assert "no longer works" in browser.text

    def test_error_without_a_client_shows_the_code(self, stack: StackAddresses) -> None:
        browser = Browser(stack.site_url)
        browser.open(
            f"{stack.hydra_public_url}/oauth2/auth?client_id=nobody&response_type=code&state=12345678"
        )
        assert browser.status == 400
        assert "/auth/oauth2/error/" in browser.url
        assert "invalid_client" in browser.text


def test_expired_challenge_links_to_the_app(
    ory_stack_factory: Callable[..., StackAddresses], settings: Any, db: None
) -> None:
    stack = ory_stack_factory(config_overrides={"hydra": {"ttl": {"login_consent_request": "1s"}}})
    settings.ORY = stack.ory_setting
    client = get_client().admin_create_o_auth2_client(
        body={
            "client_name": "Photo Lab",
            "client_uri": "https://photos.example/",
            "redirect_uris": [CALLBACK],
            "scope": "openid",
        }
    )
    page = Browser(stack.site_url).open(
        App(stack=stack, id=client.client_id or "", secret="").authorize(scope="openid")
    )
    back = get_return_to(page)
    time.sleep(1.5)
    page.open(back)
    assert page.status == 410
    assert "This page has expired" in page.text
    assert "https://photos.example/" in page.links
