"""Sign-out ends Kratos' session, the cached session and the Django session in one request."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_out
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse
from django.test import RequestFactory

from django_ory.authentication.logout import end_hydra_sessions, end_session, end_sessions
from django_ory.authentication.request import get_ory
from django_ory.client import OryConnectionError, OryDecodeError, OryError, OryServerError, OryTimeout
from django_ory.middleware import OryMiddleware
from django_ory.provider import single_logout
from django_ory.testing import FakeResponse, build_error_json
from tests.support.kratos import COOKIE, IDENTITY_ID, UNAUTHORIZED

if TYPE_CHECKING:
    from django.http import HttpRequest

    from tests.support.fixtures import ChangeOry
    from tests.support.kratos import Whoami

pytestmark = pytest.mark.django_db
LOGOUT = "http://kratos.test:4433/self-service/logout"
DELETED = "ory_kratos_session=old; Path=/; Max-Age=0; HttpOnly"


def build_request(**headers: str) -> HttpRequest:
    request = RequestFactory().post("/", headers=headers or {"cookie": COOKIE})
    request.session = SessionStore()
    request.session["cart"] = 1
    request.session.save()
    return request


def add_user(request: HttpRequest) -> HttpRequest:
    """Add the attributes that the middleware sets."""
    OryMiddleware(lambda _: HttpResponse())(request)
    return request


def allow_logout(kratos: Whoami, **submit: Any) -> None:
    """Let Kratos respond to a logout. Afterwards, whoami is a 401."""

    def end(_: Any) -> FakeResponse:
        kratos.reject_credential()
        return FakeResponse(204, headers=(("Set-Cookie", DELETED),))

    flow = {"logout_url": f"{LOGOUT}?token=t", "logout_token": "t"}
    kratos.ory.respond("GET /self-service/logout/browser", json=flow)
    kratos.ory.respond("GET /self-service/logout", None if submit else end, **submit)


def test_session_ends_in_kratos_cache_and_django(kratos: Whoami, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    allow_logout(kratos)
    kratos.signed_in()
    assert get_ory(RequestFactory().get("/", headers={"cookie": COOKIE})).is_authenticated
    request = build_request()
    end_session(request)
    assert not request.session.get("cart")
    create, submit = kratos.calls[-2:]
    assert (create.target, create.headers["Cookie"]) == ("/self-service/logout/browser", COOKIE)
    assert (submit.target, submit.headers["Cookie"]) == ("/self-service/logout?token=t", COOKIE)
    assert get_ory(request).set_cookies == (DELETED,)
    assert not get_ory(request).is_authenticated
    assert not get_ory(build_request()).is_authenticated


def test_session_token_is_revoked(kratos: Whoami) -> None:
    kratos.ory.respond("DELETE /self-service/logout/api", status=204)
    end_session(build_request(**{"x-session-token": "ory_st_x"}))
    assert kratos.calls[-1].json == {"session_token": "ory_st_x"}


def test_ended_session_is_no_error(kratos: Whoami) -> None:
    kratos.ory.respond("GET /self-service/logout/browser", status=401, json=UNAUTHORIZED)
    end_session(build_request())
    kratos.ory.respond("DELETE /self-service/logout/api", status=403, json={})
    end_session(build_request(**{"x-session-token": "ory_st_x"}))


@pytest.mark.parametrize(
    ("submit", "error"),
    [
        ({"status": 403, "json": {}}, OryError),
        ({"status": 500}, OryServerError),
        ({"status": 303, "headers": {"Location": "/error?id=x"}}, OryDecodeError),
        ({"status": 200, "body": "<html>"}, OryDecodeError),
        ({"status": 204, "headers": {"Set-Cookie": "csrf_token_x=new"}}, OryDecodeError),
    ],
    ids=["403", "500", "redirect", "page of another server", "no deleted cookie"],
)
def test_response_without_a_deleted_cookie_is_an_error(
    kratos: Whoami, submit: dict[str, Any], error: type[OryError]
) -> None:
    kratos.signed_in()
    allow_logout(kratos, **submit)
    request = build_request()
    with pytest.raises(error):
        end_session(request)
    assert not request.session.get("cart")
    assert get_ory(request).is_authenticated  # until a later attempt succeeds


def test_anonymous_user_loses_the_django_session_without_a_call(kratos: Whoami) -> None:
    request = build_request(accept="*/*")
    end_session(request)
    assert not request.session.get("cart")
    assert not kratos.calls


def test_missing_kratos_url_and_django_session_are_no_error(kratos: Whoami, change_ory: ChangeOry) -> None:
    change_ory(KRATOS_PUBLIC_URL="")
    end_session(RequestFactory().post("/", headers={"cookie": COOKIE}))


def test_unreachable_kratos_raises_after_the_django_session_ended(
    kratos: Whoami, change_ory: ChangeOry
) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.refuse_connections()
    kratos.ory.respond("GET /self-service/logout/browser", fault="down")
    request = build_request()
    user: Any = get_user_model()
    request.user = user()
    with pytest.raises(OryConnectionError):
        end_session(request)
    assert not request.session.get("cart")


def test_hanging_servers_take_one_timeout_together(change_ory: ChangeOry) -> None:
    """Kratos is called for whoami and for the logout, and Hydra for its session."""
    with socket.create_server(("127.0.0.1", 0)) as listener:  # accepts connections and never responds
        hanging = f"http://127.0.0.1:{listener.getsockname()[1]}"
        change_ory(KRATOS_PUBLIC_URL=hanging, HYDRA_ADMIN_URL=hanging, TIMEOUT=1.5, BREAKER_SECONDS=0)
        request = add_user(build_request())
        request.session[single_logout.SIDS_KEY] = ["the session of Hydra"]
        started = time.monotonic()
        with pytest.raises(OryTimeout):
            end_session(request)
        assert time.monotonic() - started < 2.9  # two timeouts would be 3
    assert not request.session.get("cart")


def test_signal_names_the_user(kratos: Whoami) -> None:
    def record(*, user: Any, **_: Any) -> None:
        users.append(user and user.email)

    users: list[Any] = []
    kratos.signed_in()
    allow_logout(kratos)
    user_logged_out.connect(record)
    try:
        end_session(add_user(build_request()))
    finally:
        user_logged_out.disconnect(record)
    assert users == ["ann@example.org"]


def test_failing_signal_receiver_does_not_keep_the_session(kratos: Whoami, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    allow_logout(kratos)
    kratos.signed_in()
    assert get_ory(RequestFactory().get("/", headers={"cookie": COOKIE})).is_authenticated

    def fail(**_: Any) -> None:
        raise ValueError("a receiver of the project")

    user_logged_out.connect(fail)
    try:
        with pytest.raises(ValueError, match="a receiver"):
            end_session(build_request())
    finally:
        user_logged_out.disconnect(fail)
    assert not get_ory(RequestFactory().get("/", headers={"cookie": COOKIE})).is_authenticated


def allow_end_of_sessions(kratos: Whoami, *, kratos_status: int, hydra_status: int) -> None:
    kratos.ory.respond("DELETE /admin/identities/{id}/sessions", status=kratos_status)
    for kind in ("login", "consent"):
        kratos.ory.respond(f"DELETE /admin/oauth2/auth/sessions/{kind}", status=hydra_status)


def test_all_sessions_of_an_identity_end(kratos: Whoami, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60, HYDRA_ADMIN_URL="http://hydra.test:4445")
    kratos.signed_in()
    assert get_ory(build_request()).is_authenticated
    allow_end_of_sessions(kratos, kratos_status=204, hydra_status=204)
    assert end_sessions(IDENTITY_ID) == {}
    assert [call.target.rpartition("/")[2] for call in kratos.calls[1:]] == [
        "sessions",
        f"login?subject={IDENTITY_ID}",
        f"consent?subject={IDENTITY_ID}&all=true",
    ]
    kratos.reject_credential()
    assert not get_ory(build_request()).is_authenticated


def test_failed_step_does_not_stop_the_others(kratos: Whoami, change_ory: ChangeOry) -> None:
    change_ory(HYDRA_ADMIN_URL="http://hydra.test:4445")
    allow_end_of_sessions(kratos, kratos_status=500, hydra_status=500)
    assert set(end_sessions(IDENTITY_ID)) == {"kratos", "hydra_logins", "hydra_consents"}
    assert set(end_sessions(IDENTITY_ID, kratos=False)) == {"hydra_logins", "hydra_consents"}
    assert set(end_hydra_sessions("subject")) == {"hydra_logins", "hydra_consents"}


def test_missing_sessions_and_missing_hydra_are_no_failure(kratos: Whoami, change_ory: ChangeOry) -> None:
    change_ory(HYDRA_ADMIN_URL="")
    kratos.ory.respond("DELETE /admin/identities/{id}/sessions", status=404, json=build_error_json(404))
    assert end_sessions(IDENTITY_ID) == {}
