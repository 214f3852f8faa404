"""The page of connected apps on the real Hydra: removing an app ends its tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from django_ory.clients import get_client

from .test_code_flow import allow

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from django_ory.devstack import StackAddresses

    from .conftest import App, Person

pytestmark = pytest.mark.live

SCOPE = "openid email offline_access"


def sign_in_to(app: App, person: Person, *, scope: str = SCOPE) -> dict[str, Any]:
    """Return the tokens after the sign-in and the consent."""
    page = person.browser.open(app.authorize(scope=scope))
    return app.tokens(allow(person.sign_in() if "/auth/login/" in page.url else page))


def refresh(app: App, tokens: dict[str, Any]) -> requests.Response:
    return app.call_token_endpoint(grant_type="refresh_token", refresh_token=tokens["refresh_token"])


def is_active(tokens: dict[str, Any]) -> bool:
    return bool(get_client().admin_introspect_o_auth2_token(token=tokens["access_token"]).active)


def test_removed_app_loses_all_tokens_and_must_ask_again(
    stack: StackAddresses, alice: Person, app: Callable[..., App]
) -> None:
    photos, shop = app(client_name="Photo Lab"), app(client_name="Shop")
    first = sign_in_to(photos, alice, scope="openid profile offline_access")
    second, other = sign_in_to(photos, alice), sign_in_to(shop, alice)
    page = alice.browser.open(stack.site_url + reverse("ory:connected_apps"))
    assert page.text.count("Photo Lab</bdi>") == 1
    assert "See your profile" in page.text  # of the first grant: its refresh token is alive
    assert page.text.count("while you are away") == 2
    [form] = [form for form in page.forms if ("remove_app", photos.id) in form.buttons]
    form_number = page.forms.index(form)
    page.press("none", form=form_number, remove_app=photos.id)
    assert "The app no longer has access." in page.text
    assert "Photo Lab" not in page.text
    for tokens in (first, second):
        assert not is_active(tokens)
        assert refresh(photos, tokens).json()["error"] == "invalid_grant"
    assert is_active(other)
    assert "/auth/oauth2/consent/" in alice.browser.open(photos.authorize(scope=SCOPE)).url

    page = alice.browser.open(stack.site_url + reverse("ory:connected_apps"))
    page.press("remove_all")
    assert "No app or job has access any more." in page.text
    assert refresh(shop, other).json()["error"] == "invalid_grant"
