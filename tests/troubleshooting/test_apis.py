"""Symptoms of APIs: tokens, scopes, clocks, CSRF."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from .page import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import Settings

    from django_ory.testing import FakeOry

AUDIENCE = "https://api.example"
pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.rest_framework.urls")]


@pytest.fixture(autouse=True)
def _api(settings: Settings) -> None:
    default = {**settings.ORY["default"], "OAUTH2_AUDIENCE": [AUDIENCE], "OAUTH2_VERIFICATION": "auto"}
    settings.ORY = {"default": default}
    settings.REST_FRAMEWORK = {"EXCEPTION_HANDLER": "django_ory.rest_framework.handlers.exception_handler"}


def create_token(ory: FakeOry, **values: Any) -> str:
    return ory.create_token("app", **{"audience": [AUDIENCE], "as_jwt": True, **values}).value


@pytest.fixture
def call(client: Client, ory: FakeOry) -> Callable[..., str]:
    """``call("/any/", token)`` returns head and body of the response."""

    def get(path: str, token: str) -> str:
        response = client.get(path, headers={"authorization": f"Bearer {token}"})
        return f"{response.headers} {response.content.decode()}"

    return get


def test_token_of_another_api_is_rejected(call: Callable[..., str], ory: FakeOry) -> None:
    token = create_token(ory, audience=["https://other.example"])
    expect("token-audience", call("/any/", token))


def test_expired_token_is_rejected(call: Callable[..., str], ory: FakeOry) -> None:
    expect("token-inactive", call("/any/", create_token(ory, as_jwt=False, expires_in=-60)))


def test_token_of_the_future_is_rejected(
    call: Callable[..., str], ory: FakeOry, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, late = create_token(ory), SimpleNamespace(time=lambda: time.time() - 120)
    monkeypatch.setattr("django_ory.tokens.access_token.time", late)
    expect("clock", call("/any/", token))


def test_token_of_another_issuer_is_rejected(
    call: Callable[..., str], ory: FakeOry, settings: Settings
) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "OAUTH2_ISSUER": "https://oauth.example.org/"}}
    expect("issuer", call("/any/", create_token(ory)))


def test_token_without_the_scope_is_rejected(call: Callable[..., str], ory: FakeOry) -> None:
    expect("token-scope", call("/scope/", create_token(ory, scope=["openid"])))


def test_post_without_the_csrf_token_is_rejected(call: Callable[..., str], ory: FakeOry) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.cookies["csrftoken"] = "a" * 32
    ory.login(browser)
    expect("drf-csrf", browser.post("/any/").content.decode())
