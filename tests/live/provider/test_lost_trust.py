"""Consents of a client that loses ``skip_consent``, on a real Kratos and a real Hydra."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from django_ory.clients import get_client
from django_ory.mirror.clients import update_client

from .browser import is_asked

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import App, Person

pytestmark = pytest.mark.live

#: With a scope beyond the usual request.
MORE = "openid email profile offline_access photos"


def set_trust(app: App, *, skip_consent: bool) -> None:
    patch = [{"op": "replace", "path": "/skip_consent", "value": skip_consent}]
    get_client().admin_patch_o_auth2_client(app.id, body=patch)


def test_lost_trust_ends_automatic_consents(alice: Person, app: Callable[..., App]) -> None:
    photos = app(skip_consent=True)
    alice.browser.open(photos.authorize())
    assert "code" in alice.sign_in().query
    assert "code" in alice.browser.open(photos.authorize()).query
    set_trust(photos, skip_consent=False)
    assert alice.browser.open(photos.authorize(prompt="none")).query["error"] == "consent_required"
    page = alice.browser.open(photos.authorize())
    assert is_asked(page)
    assert "code" in page.press("accept", remember="1").query
    assert "code" in alice.browser.open(photos.authorize()).query  # now she has consented
    assert "code" in alice.browser.open(photos.authorize(prompt="none")).query


def test_lost_trust_keeps_consents_of_the_user(alice: Person, app: Callable[..., App]) -> None:
    photos = app()
    alice.browser.open(photos.authorize())
    assert "code" in alice.sign_in().press("accept", remember="1").query
    set_trust(photos, skip_consent=True)
    assert "code" in alice.browser.open(photos.authorize(scope=MORE)).query
    set_trust(photos, skip_consent=False)
    assert "code" in alice.browser.open(photos.authorize()).query
    assert is_asked(alice.browser.open(photos.authorize(scope=MORE)))


def test_lost_trust_ends_the_automatic_audience(alice: Person, app: Callable[..., App]) -> None:
    photos = app()
    alice.browser.open(photos.authorize())
    assert "code" in alice.sign_in().press("accept", remember="1").query
    set_trust(photos, skip_consent=True)
    assert "code" in alice.browser.open(photos.authorize(audience="https://api.example")).query
    set_trust(photos, skip_consent=False)
    token = photos.tokens(alice.browser.open(photos.authorize(audience="https://api.example")))
    assert get_client().admin_introspect_o_auth2_token(token=token["access_token"]).aud == []


def test_skip_consent_removed_by_the_mirror_revokes_tokens(alice: Person, app: Callable[..., App]) -> None:
    photos, other = app(skip_consent=True), app(skip_consent=True)
    alice.browser.open(photos.authorize(scope="openid offline_access"))
    tokens = photos.tokens(alice.sign_in())
    others = other.tokens(alice.browser.open(other.authorize()))
    assert update_client("default", photos.id, {"skip_consent": False}).problems == ()
    active = [
        get_client().admin_introspect_o_auth2_token(token=token).active
        for token in (tokens["access_token"], tokens["refresh_token"], others["access_token"])
    ]
    assert active == [False, False, True]
    assert is_asked(alice.browser.open(photos.authorize()))
