"""A provider without Kratos on a real Hydra: users of Django sign in at Django's own sign-in page."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
import requests
from django.contrib.auth import get_user_model

from django_ory.adapter import get_adapter
from django_ory.clients import get_client

from .browser import HOME, Browser
from .conftest import PASSWORD, parse_claims

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import StackAddresses

    from .conftest import App

pytestmark = [pytest.mark.live, pytest.mark.urls("tests.live.provider.django_urls")]


@pytest.fixture
def stack(ory_stack: StackAddresses, settings: Any, db: None) -> StackAddresses:
    """The Hydra of the stack. Kratos is not configured."""
    settings.ORY = {
        "default": {
            "HYDRA_PUBLIC_URL": ory_stack.hydra_public_url,
            "HYDRA_ADMIN_URL": ory_stack.hydra_admin_url,
            "OAUTH2_ACCOUNTS": "django",
            "OAUTH2_SUBJECT_KEY": secrets.token_hex(16),  # each test has other subjects at the shared Hydra
        }
    }
    settings.LOGIN_URL = "login"
    return ory_stack


@pytest.fixture
def user(stack: StackAddresses) -> Any:
    created: Any = get_user_model()(email="ann@example.org", username="ann")
    created.set_password(PASSWORD)
    created.save()
    return created


@pytest.fixture
def browser(stack: StackAddresses) -> Browser:
    return Browser(stack.site_url)


def sign_in(browser: Browser) -> Browser:
    assert "/accounts/login/" in browser.url, (browser.url, browser.text[:1500])
    return browser.press("", username="ann", password=PASSWORD)


def test_code_flow_ends_with_tokens_that_can_be_refreshed(
    user: Any, browser: Browser, app: Callable[..., App]
) -> None:
    photos = app()
    browser.open(photos.authorize(scope="openid email offline_access photos"))
    page = sign_in(browser)
    assert "/auth/oauth2/consent/" in page.url, (page.url, page.text[:1500])
    assert "ann@example.org" in page.text
    tokens = photos.tokens(page.press("accept"))
    claims = requests.get(
        f"{photos.stack.hydra_public_url}/userinfo",
        headers={"Authorization": f"Bearer {tokens['access_token']}"},
        timeout=10,
    ).json()
    assert claims["sub"] == get_adapter("default").get_user_subject(user)
    assert claims["email"] == "ann@example.org"
    assert (claims["acr"], claims.get("amr") or []) == ("aal1", [])
    assert abs(claims["auth_time"] - time.time()) < 60
    assert parse_claims(photos.refresh(tokens["refresh_token"])["id_token"])["sub"] == claims["sub"]


def test_signed_in_user_only_consents_and_is_remembered(
    user: Any, browser: Browser, app: Callable[..., App]
) -> None:
    photos = app()
    assert browser.open(photos.authorize(prompt="none")).query["error"] == "login_required"
    browser.open(photos.authorize())
    first = photos.claims(sign_in(browser).press("accept", remember="1"))
    second = photos.claims(browser.open(photos.authorize()))
    assert second["sid"] == first["sid"]
    another = browser.open(app(client_name="Another").authorize())
    assert "/auth/oauth2/consent/" in another.url
    assert not another.visited("/accounts/login/")


@pytest.mark.parametrize("parameters", [{"prompt": "login"}, {"max_age": "0"}])
def test_fresh_login_asks_for_the_password(
    user: Any, browser: Browser, app: Callable[..., App], parameters: dict[str, str]
) -> None:
    photos = app()
    browser.open(photos.authorize())
    sign_in(browser).press("accept", remember="1")
    page = browser.open(photos.authorize(**parameters))
    assert "/auth/oauth2/login/confirm/" in page.url, page.path
    wrong = page.press("", password="wrong")
    assert wrong.status == 400
    started = int(time.time())
    claims = photos.claims(wrong.press("", password=PASSWORD))
    assert claims["auth_time"] >= started


def test_user_who_is_deactivated_loses_the_remembered_login(
    user: Any, browser: Browser, app: Callable[..., App]
) -> None:
    photos = app()
    browser.open(photos.authorize(scope="openid offline_access"))
    tokens = photos.tokens(sign_in(browser).press("accept"))
    get_user_model().objects.update(is_active=False)
    assert browser.open(photos.authorize()).query["error"] == "access_denied"
    assert get_client().admin_introspect_o_auth2_token(token=tokens["access_token"]).active is False


def test_logout_of_a_client_ends_the_django_session(
    user: Any, browser: Browser, app: Callable[..., App]
) -> None:
    photos = app()
    browser.open(photos.authorize())
    tokens = photos.tokens(sign_in(browser).press("accept"))
    query = urlencode({"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": HOME})
    browser.open(f"{photos.stack.hydra_public_url}/oauth2/sessions/logout?{query}").press("accept")
    assert browser.url == HOME
    assert "/accounts/login/" in browser.open(photos.authorize()).url
