"""Users with a second factor and Hydra's login request, on a real Kratos and a real Hydra."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from django_ory.client import AAL2Required, OryUnauthorized
from django_ory.clients import get_client
from tests.live.codes import enroll_authenticator_app

from .browser import HOME, give_second_factor
from .conftest import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import App, Person

pytestmark = pytest.mark.live


@pytest.fixture
def secret(alice: Person) -> str:
    """Enroll Alice's TOTP secret as an app would."""
    return enroll_authenticator_app(get_client(), alice.email, PASSWORD)


def test_both_factors_complete_the_login(alice: Person, secret: str, app: Callable[..., App]) -> None:
    photos = app()
    alice.browser.open(photos.authorize(acr_values="aal2"))
    page = give_second_factor(alice.sign_in(), secret)
    assert "/auth/oauth2/consent/" in page.url, (page.url, page.path, page.text[:3000])
    claims = photos.claims(page.press("accept"))
    assert (claims["acr"], claims["amr"]) == ("aal2", ["pwd", "otp", "mfa"])


def test_essential_level_is_reached_or_an_error(
    alice: Person, person: Callable[[], Person], secret: str, app: Callable[..., App]
) -> None:
    photos, bob = app(), person()
    claims = json.dumps({"id_token": {"acr": {"essential": True, "values": ["aal2"]}}})
    bob.browser.open(photos.authorize(claims=claims))
    assert bob.sign_in().query["error"] == "unmet_authentication_requirements"
    alice.browser.open(photos.authorize(claims=claims))
    page = give_second_factor(alice.sign_in(), secret)
    assert photos.claims(page.press("accept"))["acr"] == "aal2"


def test_fresh_login_requires_both_factors(alice: Person, secret: str, app: Callable[..., App]) -> None:
    photos = app()
    alice.browser.open(photos.authorize())
    give_second_factor(alice.sign_in(), secret).press("accept", remember="1")
    page = alice.browser.open(photos.authorize(prompt="login"))
    assert "/auth/login/" in page.url
    page = alice.sign_in()
    page = give_second_factor(page, secret, steps_ahead=1)
    claims = photos.claims(page)  # the consent is still remembered
    assert claims["sub"] == alice.id
    assert (claims["acr"], claims["amr"]) == ("aal2", ["pwd", "otp", "mfa"])


def test_missing_second_factor_with_prompt_login_requires_both_factors(
    alice: Person, secret: str, app: Callable[..., App]
) -> None:
    """The first factor is older than the request, so it is required again, without a page in between."""
    photos = app()
    alice.browser.open(f"{photos.stack.site_url}/auth/login/")
    alice.sign_in()
    page = alice.browser.open(photos.authorize(prompt="login"))
    assert "/auth/login/" in page.url
    page = give_second_factor(alice.sign_in(), secret)
    assert "/auth/oauth2/consent/" in page.url, (page.url, page.path, page.text[:3000])
    assert photos.claims(page.press("accept"))["acr"] == "aal2"


@pytest.mark.parametrize("skips", [True, False])
def test_logout_ends_a_session_without_the_second_factor(
    alice: Person, secret: str, app: Callable[..., App], skips: bool
) -> None:
    """Alice has given her password and not her second factor when a client signs her out.

    She is asked even if the client skips the question: Kratos does not return the owner of her session.
    """
    photos = app(skip_logout_consent=skips)
    alice.browser.open(photos.authorize())
    hint = photos.tokens(give_second_factor(alice.sign_in(), secret).press("accept", remember="1"))[
        "id_token"
    ]
    alice.browser.forget(only="ory_kratos_session")
    alice.browser.open(f"{photos.stack.site_url}/auth/login/")
    alice.sign_in()
    [cookie] = [c.value for c in alice.browser.session.cookies if c.name == "ory_kratos_session"]
    with pytest.raises(AAL2Required):
        get_client().to_session(cookie=f"ory_kratos_session={cookie}")
    query = urlencode({"id_token_hint": hint, "post_logout_redirect_uri": HOME})
    page = alice.browser.open(f"{photos.stack.hydra_public_url}/oauth2/sessions/logout?{query}")
    with pytest.raises(AAL2Required):
        get_client().to_session(cookie=f"ory_kratos_session={cookie}")
    assert page.press("accept").url == HOME
    with pytest.raises(OryUnauthorized):
        get_client().to_session(cookie=f"ory_kratos_session={cookie}")


def test_acr_values_without_a_second_factor_are_ignored(alice: Person, app: Callable[..., App]) -> None:
    photos = app()
    alice.browser.open(photos.authorize(acr_values="aal2"))
    page = alice.sign_in()
    assert "/auth/oauth2/consent/" in page.url, (page.path, page.text)
    assert photos.claims(page.press("accept"))["acr"] == "aal1"
