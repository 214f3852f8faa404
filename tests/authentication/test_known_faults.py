"""Known faults of small middleware for Kratos, with a test of each."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import requires
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session as DjangoSession

from django_ory.clients import get_client
from django_ory.conf import OrySettings
from django_ory.context_processors import ory as processor
from django_ory.testing import FakeResponse
from tests.support.kratos import COOKIE, ago, identity_json, session_json

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from tests.support.fixtures import ChangeOry
    from tests.support.kratos import Whoami

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.authentication.urls")]
SIGNED_IN = {"cookie": COOKIE}
User: Any = get_user_model()


def request_report(client: Client, **headers: str) -> Any:
    return client.get("/report/", headers={**SIGNED_IN, **headers})


def test_01_no_timeout(client: Client, change_ory: ChangeOry) -> None:
    """A Kratos that accepts connections and never responds."""
    assert 0 < OrySettings().connect_timeout <= OrySettings().timeout <= 10
    with socket.create_server(("127.0.0.1", 0)) as silent:
        change_ory(KRATOS_PUBLIC_URL=f"http://127.0.0.1:{silent.getsockname()[1]}", TIMEOUT=0.3)
        started = time.monotonic()
        assert request_report(client).json()["unavailable"]
        assert time.monotonic() - started < OrySettings().timeout - 0.5


def test_02_kratos_down_is_no_500(client: Client, kratos: Whoami) -> None:
    kratos.refuse_connections()
    assert request_report(client).status_code == 200
    assert client.get("/user/", headers=SIGNED_IN).status_code == 503


@pytest.mark.parametrize(
    "answer",
    [
        {"body": "<html>welcome</html>", "headers": {"Content-Type": "text/html"}},
        {"json": {"id": "x", "active": True, "identity": None}},
        {"json": {"active": True}},
        {"body": "null"},
        {"body": '{"id": "cut of', "headers": {"Content-Type": "application/json"}},
    ],
)
def test_03_invalid_response_is_anonymous_and_no_500(
    client: Client, kratos: Whoami, answer: dict[str, Any]
) -> None:
    kratos.respond(**answer)
    body = request_report(client).json()
    assert body["user"] is None
    assert not body["is_authenticated"]


def test_04_a_crafted_cookie_is_no_500(client: Client, kratos: Whoami) -> None:
    kratos.respond(500, json={"error": {"code": 500, "reason": "securecookie: base64 decode failed"}})
    assert request_report(client).json()["user"] is None
    kratos.signed_in()
    assert request_report(client).json()["user"]  # other users are not affected
    for cookie in (
        "ory_kratos_session=\x00",
        "ory_kratos_session=\xff",
        "ory_kratos_session=" + "A" * 100_000,
    ):
        request_headers = {"HTTP_COOKIE": cookie}
        assert client.get("/report/", **request_headers).json()["user"] is None  # type: ignore[arg-type]


def test_05_other_cookies_are_not_forwarded(client: Client, kratos: Whoami) -> None:
    request_report(client, cookie=f"sessionid=django; csrftoken=django; {COOKIE}; tracker=1")
    assert kratos.calls[0].headers["Cookie"] == COOKIE


def test_06_redirects_are_not_followed(client: Client, kratos: Whoami) -> None:
    kratos.respond(302, headers={"Location": "https://evil.example/"})
    assert request_report(client).json()["user"] is None
    assert len(kratos.calls) == 1


def test_07_inactive_user_is_denied(client: Client, kratos: Whoami) -> None:
    kratos.signed_in()
    assert request_report(client).json()["user"]
    User._default_manager.update(is_active=False)
    assert request_report(client).json()["user"] is None


@pytest.mark.parametrize("changes", [{"active": False}, {"expires_at": ago(minutes=1)}])
def test_08_inactive_session_is_anonymous(client: Client, kratos: Whoami, changes: Any) -> None:
    kratos.signed_in(**changes)
    assert request_report(client).json()["user"] is None


def test_09_cookies_are_forwarded_and_not_rebuilt(client: Client, kratos: Whoami) -> None:
    raw = 'ory_kratos_session="MTcz|=,/+"'
    request_report(client, cookie=raw)
    assert kratos.calls[0].headers["Cookie"] == raw


def test_10_no_usable_empty_password(client: Client, kratos: Whoami) -> None:
    kratos.signed_in()
    request_report(client)
    user = User._default_manager.get()
    assert not user.has_usable_password()
    assert not user.check_password("")


def test_11_csrf_is_not_rotated(client: Client, kratos: Whoami) -> None:
    kratos.signed_in()
    for _ in range(2):
        assert "csrftoken" not in request_report(client).cookies


def test_12_permissions_are_checked(client: Client, kratos: Whoami) -> None:
    kratos.signed_in()
    request_report(client)
    User._default_manager.get().user_permissions.add(Permission.objects.get(codename="add_group"))
    assert client.get("/django-permission/", headers=SIGNED_IN).content == b"in"


def test_13_logout_ends_the_session(client: Client, kratos: Whoami, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in()
    logout = "http://kratos.test:4433/self-service/logout"
    flow = {"logout_url": f"{logout}?token=t", "logout_token": "t"}
    kratos.ory.respond("GET /self-service/logout/browser", json=flow)

    def end(_: Any) -> FakeResponse:
        kratos.reject_credential()
        return FakeResponse(204, headers=(("Set-Cookie", "ory_kratos_session=x; Max-Age=0"),))

    kratos.ory.respond("GET /self-service/logout", end)
    assert request_report(client).json()["user"]
    response = client.post("/auth/logout/", headers=SIGNED_IN)
    assert response.status_code == 303
    assert response.cookies["ory_kratos_session"]["max-age"] == "0"
    assert request_report(client).json()["user"] is None


def test_14_login_signal_is_sent_once(client: Client, kratos: Whoami) -> None:
    received = []

    def receiver(**values: Any) -> None:
        received.append(values)

    user_logged_in.connect(receiver)
    kratos.signed_in()
    for _ in range(3):
        request_report(client)
    user_logged_in.disconnect(receiver)
    assert len(received) == 1


def test_15_user_without_second_factor_is_not_anonymous(client: Client, kratos: Whoami) -> None:
    kratos.require_second_factor()
    assert request_report(client).json()["aal2_required"]
    query = parse_qs(urlsplit(client.get("/session/", headers=SIGNED_IN)["Location"]).query)
    assert query["aal"] == ["aal2"]


def test_16_tokens_are_accepted(client: Client, kratos: Whoami) -> None:
    kratos.signed_in()
    for headers in ({"x-session-token": "ory_st_x"}, {"authorization": "Bearer ory_st_x"}):
        assert client.get("/report/", headers=headers).json()["user"]


def test_17_traits_are_synced(client: Client, kratos: Whoami) -> None:
    kratos.signed_in()
    request_report(client)
    kratos.signed_in(identity=identity_json(traits={"email": "new@example.org"}, updated_at=ago(minutes=1)))
    request_report(client)
    user = User._default_manager.get()
    assert getattr(user, User.get_email_field_name()) == "new@example.org"


def test_18_context_processor_makes_no_second_call(client: Client, kratos: Whoami) -> None:
    kratos.signed_in()
    response = request_report(client)
    assert processor(response.wsgi_request)["ory"].is_authenticated
    assert len(kratos.calls) == 1


def test_19_no_session_row(client: Client, kratos: Whoami) -> None:
    kratos.signed_in()
    request_report(client)
    assert not DjangoSession.objects.exists()


def test_20_cache_saves_calls(
    client: Client, kratos: Whoami, change_ory: ChangeOry, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in()
    request_report(client)
    with django_assert_num_queries(1):
        request_report(client)
    assert len(kratos.calls) == 1


class CountingKratos(BaseHTTPRequestHandler):
    """Returns a session. There is one instance per connection."""

    protocol_version = "HTTP/1.1"
    connections = requests = 0

    def setup(self) -> None:
        CountingKratos.connections += 1
        super().setup()

    def do_GET(self) -> None:
        CountingKratos.requests += 1
        body = json.dumps(session_json()).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


def test_20_connections_are_reused(client: Client, change_ory: ChangeOry) -> None:
    CountingKratos.connections = CountingKratos.requests = 0
    with ThreadingHTTPServer(("127.0.0.1", 0), CountingKratos) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        change_ory(KRATOS_PUBLIC_URL=f"http://127.0.0.1:{server.server_address[1]}")
        for _ in range(5):
            assert request_report(client).json()["user"]
        get_client().close()
        server.shutdown()
    assert (CountingKratos.requests, CountingKratos.connections) == (5, 1)


def test_21_dependencies_are_not_pinned() -> None:
    needed = requires("django-ory") or []
    assert needed
    assert not [each for each in needed if re.search("==|<|~=", each.partition(";")[0])]  # only lower bounds


def test_22_return_address_is_kept(client: Client, kratos: Whoami) -> None:
    location = client.get("/user/?page=2&q=a%26b", headers=SIGNED_IN)["Location"]
    return_to = parse_qs(urlsplit(location).query)["return_to"]
    assert return_to == ["http://testserver/user/?page=2&q=a%26b"]
    django = client.get("/django-login/?page=2", headers=SIGNED_IN)["Location"]
    assert parse_qs(urlsplit(django).query)["next"] == ["/django-login/?page=2"]
