"""Parameters of authorization requests, and what the client is told, on a real Kratos and a real Hydra.

``README.md`` of this folder lists the features of the provider with their tests.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from django_ory.clients import get_client
from tests.live.codes import enroll_authenticator_app

from .browser import give_second_factor, is_asked
from .conftest import PASSWORD, parse_claims
from .test_code_flow import allow, introspect

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import App, Person

pytestmark = pytest.mark.live


class TestConsent:
    def test_prompt_consent_asks_again_despite_a_remembered_consent(
        self, alice: Person, app: Callable[..., App]
    ) -> None:
        photos = app()
        alice.browser.open(photos.authorize())
        allow(alice.sign_in(), remember="1")
        assert "code" in alice.browser.open(photos.authorize()).query
        page = alice.browser.open(photos.authorize(prompt="consent"))
        assert is_asked(page)
        assert not page.visited("/auth/login/")
        assert photos.claims(allow(page))["sub"] == alice.id

    def test_trusted_client_can_ask_for_the_page(self, alice: Person, app: Callable[..., App]) -> None:
        photos = app(skip_consent=True)
        alice.browser.open(photos.authorize(prompt="consent"))
        page = alice.sign_in()
        assert is_asked(page)
        assert photos.claims(allow(page))["sub"] == alice.id

    def test_new_scope_asks_again_and_is_added(self, alice: Person, app: Callable[..., App]) -> None:
        photos = app()
        alice.browser.open(photos.authorize(scope="openid email offline_access"))
        allow(alice.sign_in(), remember="1")
        more = "openid email offline_access photos"
        assert alice.browser.open(photos.authorize(scope=more, prompt="none")).query["error"] == (
            "consent_required"
        )
        time.sleep(1.1)  # Hydra takes the consent whose request is the latest, in whole seconds
        page = alice.browser.open(photos.authorize(scope=more))
        assert is_asked(page)
        assert page.text.count(">New<") == 1
        fields = [*page.forms[0].fields, ("grant_scope", "photos"), ("remember", "1"), ("accept", "1")]
        tokens = photos.tokens(page.post(page.url, fields))  # a new scope is not selected
        assert set(tokens["scope"].split()) == set(more.split())
        tokens = photos.tokens(alice.browser.open(photos.authorize(scope=more)))
        assert set(tokens["scope"].split()) == set(more.split())

    def test_metadata_of_the_client_is_shown_without_scripts(
        self, alice: Person, app: Callable[..., App]
    ) -> None:
        photos = app(
            client_uri="https://photos.example/about",
            logo_uri="https://photos.example/logo.png",
            policy_uri="https://photos.example/privacy",
            tos_uri="javascript:alert(1)",
        )
        alice.browser.open(photos.authorize())
        page = alice.sign_in()
        assert {"https://photos.example/about", "https://photos.example/privacy"} <= set(page.links)
        assert 'src="https://photos.example/logo.png"' in page.text
        assert "javascript:" not in page.text
        assert photos.claims(allow(page))["sub"] == alice.id


class TestAudience:
    def test_unregistered_resource_is_not_granted(self, alice: Person, app: Callable[..., App]) -> None:
        photos = app()
        alice.browser.open(photos.authorize(resource="https://bank.example"))
        page = alice.sign_in()
        assert "bank.example" not in page.text
        assert introspect(photos.tokens(allow(page))["access_token"])["aud"] == []

    def test_unregistered_audience_is_rejected_by_hydra(self, alice: Person, app: Callable[..., App]) -> None:
        page = alice.browser.open(app().authorize(audience="https://bank.example"))
        assert page.query["error"] == "invalid_request"


class TestClaims:
    @pytest.mark.parametrize(
        ("scope", "present", "absent"),
        [
            ("openid", [], ["email", "email_verified", "name", "given_name"]),
            ("openid email", ["email", "email_verified"], ["name", "given_name"]),
            ("openid profile", ["name", "given_name", "family_name"], ["email"]),
        ],
    )
    def test_id_token_has_the_claims_of_the_scope(
        self, alice: Person, app: Callable[..., App], scope: str, present: list[str], absent: list[str]
    ) -> None:
        photos = app()
        alice.browser.open(photos.authorize(scope=f"{scope} offline_access"))
        tokens = photos.tokens(allow(alice.sign_in()))
        claims = parse_claims(tokens["id_token"])
        assert not [name for name in present if name not in claims]
        assert not [name for name in absent if name in claims]
        access = introspect(tokens["access_token"])
        assert access["sub"] == alice.id
        assert access["ext"]["acr"] == "aal1"
        assert "email" not in access["ext"]

    def test_request_without_openid_gets_no_id_token(self, alice: Person, app: Callable[..., App]) -> None:
        photos = app()
        alice.browser.open(photos.authorize(scope="photos offline_access"))
        tokens = photos.tokens(allow(alice.sign_in()))
        assert "id_token" not in tokens
        assert introspect(tokens["access_token"])["sub"] == alice.id


class TestLogin:
    def test_acr_values_require_the_second_factor_of_a_session_with_one(
        self, alice: Person, app: Callable[..., App]
    ) -> None:
        """The client that needs no second factor comes first, then the one that requires the step-up."""
        secret = enroll_authenticator_app(get_client(), alice.email, PASSWORD)
        photos, bank = app(), app(client_name="Bank")
        alice.browser.open(photos.authorize())
        alice.sign_in()
        page = alice.browser
        if "aal=aal2" in "".join(page.path):  # Kratos requires both factors at a sign-in
            page = give_second_factor(page, secret)
        first = photos.claims(allow(page))
        alice.browser.open(bank.authorize(acr_values="aal2"))
        page = alice.browser
        if "aal=aal2" in "".join(page.path):
            page = give_second_factor(page, secret, steps_ahead=1)
        second = bank.claims(allow(page))
        assert second["acr"] == "aal2"
        assert second["sub"] == first["sub"]

    def test_hint_of_the_user_is_accepted_also_silently(self, alice: Person, app: Callable[..., App]) -> None:
        photos = app()
        alice.browser.open(photos.authorize())
        hint = photos.tokens(allow(alice.sign_in(), remember="1"))["id_token"]
        page = alice.browser.open(photos.authorize(id_token_hint=hint, prompt="none"))
        assert photos.claims(page)["sub"] == alice.id

    def test_auth_time_is_that_of_the_first_login(self, alice: Person, app: Callable[..., App]) -> None:
        photos = app()
        alice.browser.open(photos.authorize())
        first = photos.claims(allow(alice.sign_in(), remember="1"))
        time.sleep(1.1)
        again = photos.claims(alice.browser.open(photos.authorize(max_age="3600")))
        assert again["auth_time"] == first["auth_time"]
