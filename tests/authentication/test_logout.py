"""Signing out ends everything that can be ended here, and says where the browser must go for the rest."""

from __future__ import annotations

import json
import socket
import time
from typing import TYPE_CHECKING, Any

import pytest
import requests
import responses
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_out
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse
from django.test import RequestFactory

from django_ory.authentication.logout import end_session
from django_ory.authentication.request import get_ory
from django_ory.client import OryConnectionError, OryTimeout
from django_ory.middleware import OryMiddleware
from django_ory.provider import single_logout

from .stand_in import COOKIE, UNAUTHORIZED

if TYPE_CHECKING:
    from django.http import HttpRequest

    from .fixtures import ChangeOry
    from .stand_in import StandIn

pytestmark = pytest.mark.django_db
LOGOUT = "http://kratos.test:4433/self-service/logout"
URL = f"{LOGOUT}?token=t"


def a_request(**headers: str) -> HttpRequest:
    request = RequestFactory().post("/", headers=headers or {"cookie": COOKIE})
    request.session = SessionStore()
    request.session["cart"] = 1
    request.session.save()
    return request


def with_user(request: HttpRequest) -> HttpRequest:
    """With what the middleware puts on it."""
    OryMiddleware(lambda _: HttpResponse())(request)
    return request


def test_the_browser_visits_kratos_next(kratos: StandIn, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.mock.get(f"{LOGOUT}/browser", json={"logout_url": URL, "logout_token": "t"})
    kratos.signed_in()
    assert get_ory(RequestFactory().get("/", headers={"cookie": COOKIE})).is_authenticated
    request = a_request()
    assert end_session(request, return_to="http://testserver/bye/") == URL
    assert not request.session.get("cart")
    sent = kratos.calls[-1]
    assert sent.headers["Cookie"] == COOKIE
    assert "return_to=http%3A%2F%2Ftestserver%2Fbye%2F" in (sent.url or "")
    kratos.is_down()
    assert not get_ory(a_request()).unavailable  # answered from memory, and the answer is nobody
    assert not get_ory(a_request()).is_authenticated


def test_a_token_is_revoked_here(kratos: StandIn) -> None:
    kratos.mock.delete(f"{LOGOUT}/api", status=204)
    assert end_session(a_request(**{"x-session-token": "ory_st_x"})) is None
    assert json.loads(kratos.calls[-1].body or "") == {"session_token": "ory_st_x"}


@pytest.mark.parametrize("status", [401, 403])
def test_a_session_that_is_over_already(kratos: StandIn, status: int) -> None:
    kratos.mock.get(f"{LOGOUT}/browser", status=status, json=UNAUTHORIZED)
    assert end_session(a_request()) is None


def test_a_stranger(kratos: StandIn) -> None:
    request = a_request(accept="*/*")
    assert end_session(request) is None
    assert not request.session.get("cart")
    assert not kratos.calls


def test_without_kratos_and_without_django_sessions(kratos: StandIn, change_ory: ChangeOry) -> None:
    change_ory(KRATOS_PUBLIC_URL="")
    assert end_session(RequestFactory().post("/", headers={"cookie": COOKIE})) is None


def test_kratos_is_down(kratos: StandIn, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.is_down()
    kratos.mock.add(responses.GET, f"{LOGOUT}/browser", body=requests.ConnectionError())
    request = a_request()
    user: Any = get_user_model()
    request.user = user()
    with pytest.raises(OryConnectionError):
        end_session(request)
    assert not request.session.get("cart")
    assert not get_ory(a_request()).is_authenticated


def test_who_hangs_is_waited_for_once(change_ory: ChangeOry) -> None:
    """Kratos is asked twice, who it is and to sign them out, and Hydra is told; they all get one timeout."""
    with socket.create_server(("127.0.0.1", 0)) as listener:  # takes connections and never says anything
        hanging = f"http://127.0.0.1:{listener.getsockname()[1]}"
        change_ory(KRATOS_PUBLIC_URL=hanging, HYDRA_ADMIN_URL=hanging, TIMEOUT=1.0, BREAKER_SECONDS=0)
        request = with_user(a_request())
        request.session[single_logout.SID_KEY] = "the session of Hydra"
        started = time.monotonic()
        with pytest.raises(OryTimeout):
            end_session(request)
        assert time.monotonic() - started < 1.5
    assert not request.session.get("cart")


def test_djangos_signal_names_who_it_was(kratos: StandIn) -> None:
    def revoke(_: Any) -> tuple[int, dict[str, str], str]:
        kratos.nobody()
        return 204, {}, ""

    def note(*, user: Any, **_: Any) -> None:
        named.append(user and user.email)

    named: list[Any] = []
    kratos.signed_in()
    kratos.mock.add_callback(responses.DELETE, f"{LOGOUT}/api", revoke)
    user_logged_out.connect(note)
    try:
        end_session(with_user(a_request(**{"x-session-token": "ory_st_x"})))
    finally:
        user_logged_out.disconnect(note)
    assert named == ["ann@example.org"]


def test_a_receiver_that_fails_keeps_nobody_signed_in(kratos: StandIn, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.mock.get(f"{LOGOUT}/browser", json={"logout_url": URL, "logout_token": "t"})
    kratos.signed_in()
    assert get_ory(RequestFactory().get("/", headers={"cookie": COOKIE})).is_authenticated

    def fail(**_: Any) -> None:
        raise ValueError("a receiver of the project")

    user_logged_out.connect(fail)
    try:
        with pytest.raises(ValueError, match="a receiver"):
            end_session(a_request())
    finally:
        user_logged_out.disconnect(fail)
    assert not get_ory(RequestFactory().get("/", headers={"cookie": COOKIE})).is_authenticated
