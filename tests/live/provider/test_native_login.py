"""Kratos accepts the logins itself (``oauth2_provider.url``); consent and logout stay with this site."""

from __future__ import annotations

import json
from contextlib import suppress
from io import StringIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from django.core.management import CommandError, call_command

from django_ory.clients import get_client

from .browser import CALLBACK, HOME, Browser

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import StackAddresses

    from .conftest import App, Person

pytestmark = pytest.mark.live


@pytest.fixture
def stack(ory_stack_factory: Callable[..., StackAddresses], settings: Any, db: None) -> StackAddresses:
    """A stack with a Kratos that knows Hydra, configured by the setting alone."""
    settings.ORY = {"default": {**settings.ORY["default"], "OAUTH2_ACCOUNTS": "kratos_native"}}
    started = ory_stack_factory()
    settings.ORY = {"default": {**started.ory_setting["default"], "OAUTH2_ACCOUNTS": "kratos_native"}}
    return started


def check_logins() -> dict[str, Any]:
    """Return what ``ory_check`` finds out about the logins of OAuth2 clients."""
    out = StringIO()
    with suppress(CommandError):
        call_command("ory_check", "--json", stdout=out)
    results = json.loads(out.getvalue())["results"]
    (found,) = (each for each in results if each["check"] == "logins of OAuth2 clients")
    return dict(found)


def test_kratos_without_hydra_is_found(ory_stack: StackAddresses, settings: Any, db: None) -> None:
    settings.ORY = {"default": {**ory_stack.ory_setting["default"], "OAUTH2_ACCOUNTS": "kratos_native"}}
    found = check_logins()
    assert found["ok"] is False
    assert found["hint"] == f"oauth2_provider.url: {ory_stack.hydra_admin_url}"


def finish(page: Browser) -> Browser:
    """Consent, unless the consent is remembered."""
    return page if page.url.startswith(CALLBACK) else page.press("accept")


def test_kratos_accepts_logins_from_sign_in_to_logout(alice: Person, app: Callable[..., App]) -> None:
    """One test, because the stack is its own."""
    photos, browser = app(), alice.browser
    assert check_logins()["ok"] is True
    assert browser.open(photos.authorize(prompt="none")).query["error"] == "login_required"
    assert browser.open(photos.authorize(prompt="bogus")).query["error"] == "invalid_request"

    browser.open(photos.authorize(scope="openid email offline_access"))
    assert "/auth/login/" in browser.url
    assert "Photo Lab" in browser.text
    page = alice.sign_in()
    assert "/auth/oauth2/consent/" in page.url, (page.url, page.path, page.text[:2000])
    tokens = photos.tokens(page.press("accept", without=("email",)))
    assert set(tokens["scope"].split()) == {"openid", "offline_access"}

    # Kratos' session and Hydra's: no page, and the same login.
    page = browser.open(photos.authorize(scope="openid"))
    assert not page.visited("/auth/login/?flow="), page.path
    first = photos.claims(finish(page))
    assert (first["sub"], first["amr"]) == (alice.id, ["password"])
    assert not first.get("acr")

    silent = browser.open(photos.authorize(scope="openid", prompt="none"))
    assert silent.query.get("error", "consent_required") == "consent_required"  # never login_required

    # A new login at Hydra is a new login at Kratos, also with a session.
    browser.open(photos.authorize(scope="openid", prompt="login"))
    assert "/auth/login/" in browser.url
    again = photos.claims(finish(alice.sign_in()))
    assert again["auth_time"] >= first["auth_time"]

    # A logout of the client ends the session of Kratos, too.
    tokens = photos.tokens(finish(browser.open(photos.authorize(scope="openid"))))
    query = urlencode({"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": HOME})
    browser.open(f"{photos.stack.hydra_public_url}/oauth2/sessions/logout?{query}").press("accept")
    assert browser.url == HOME
    assert "/auth/login/" in browser.open(photos.authorize(scope="openid")).url

    # A remembered login of a disabled identity is rejected before Kratos gets the request.
    finish(alice.sign_in())
    get_client().admin_patch_identity(
        alice.id, body=[{"op": "replace", "path": "/state", "value": "inactive"}]
    )
    assert browser.open(photos.authorize(scope="openid")).query["error"] == "access_denied"
    assert not get_client().admin_list_o_auth2_subject_consent_sessions(subject=alice.id)
