"""The admin page that introspects a token: the token is neither shown again nor logged."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from tests.support.resources import list_calls

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:django_ory_introspect")
ROUTE = "POST /admin/oauth2/introspect"


def test_active_token_shows_its_values_and_not_itself(
    admin: Client, ory: FakeOry, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = ory.create_token("shop", subject="user-1", scope=["read"], claims={"plan": "<b>gold</b>"})
    response = admin.post(PAGE, {"token": f"  {token.value}\n"})
    html = response.content.decode()
    for text in ("access_token", "shop", "user-1", "read", "&lt;b&gt;gold"):
        assert text in html
    assert token.value not in html + caplog.text
    assert token.value not in str(list(LogEntry.objects.values()))
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize("token", ["unknown", "ory_st_session", "\u202e", "x" * 8_000])
def test_unknown_token_is_not_active(admin: Client, token: str) -> None:
    response = admin.post(PAGE, {"token": token})
    assert response.status_code == 200
    html = response.content.decode()
    assert "Result" in html
    assert "Expires at" not in html


@pytest.mark.parametrize("token", ["", "   ", "x" * 20_000, "a\x00b"])
def test_invalid_token_is_not_sent(admin: Client, ory: FakeOry, token: str) -> None:
    response = admin.post(PAGE, {"token": token})
    html = response.content.decode()
    assert response.status_code == 200
    assert "errorlist" in html
    assert "xxxx" not in html
    assert list_calls(ory, method="POST") == []


@pytest.mark.parametrize("kind", ["down", "slow", "error", "html", "truncated", "rate_limited"])
def test_failing_hydra_is_a_message_without_the_token(admin: Client, ory: FakeOry, kind: str) -> None:
    with ory.fault("hydra", kind):
        response = admin.post(PAGE, {"token": "ory_at_SECRET"})
    html = response.content.decode()
    assert response.status_code == 200
    assert "errorlist" in html
    assert "SECRET" not in html


def test_strange_times_are_shown(admin: Client, ory: FakeOry) -> None:
    ory.respond(ROUTE, json={"active": True, "exp": 10**17, "iat": -(10**17), "nbf": 1, "sub": "u" * 9000})
    response = admin.post(PAGE, {"token": "x"})
    assert response.status_code == 200
    assert str(10**17) in response.content.decode()


def test_claims_need_the_permission_for_personal_data(
    staff_with: Callable[..., Client], ory: FakeOry
) -> None:
    token = ory.create_token("shop", subject="user-1", claims={"email": "bob@example.com"})
    client = staff_with("introspect_token")
    html = client.post(PAGE, {"token": token.value}).content.decode()
    assert "user-1" in html
    assert "bob@example.com" not in html


def test_staff_without_the_permission_get_403(staff_with: Callable[..., Client], ory: FakeOry) -> None:
    client = staff_with("view_oauth2client", "view_personal_data")
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"token": "x"}).status_code == 403
    assert list_calls(ory) == []


def test_post_without_the_csrf_token_is_forbidden(admin_with_csrf: Client) -> None:
    assert admin_with_csrf.post(PAGE, {"token": "x"}).status_code == 403


def test_get_never_introspects(admin: Client, ory: FakeOry) -> None:
    assert admin.get(PAGE, {"token": "x"}).status_code == 200
    assert list_calls(ory) == []
