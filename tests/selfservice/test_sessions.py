"""The page of the sessions: this device and the others, and ending them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from django_ory.authentication.hydra_sessions import record_hydra_session
from django_ory.authentication.request import get_ory
from django_ory.client.models import Session
from django_ory.selfservice.account.devices import build_device_session, describe_user_agent
from django_ory.selfservice.views.sessions import PAGE_ROWS
from django_ory.testing import FakeOry, json_response
from django_ory.testing.fake.sessions import StoredSession
from tests.support.kratos import AAL2_REQUIRED

from .conftest import Kratos
from .test_views import Tags

if TYPE_CHECKING:
    from django.test import RequestFactory

URL = "/auth/settings/sessions/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0"
WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"
CHROME = f"Mozilla/5.0 (Linux; Android 10; K) {BLINK} Chrome/140.0.0.0 Mobile Safari/537.36"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X)"
IPAD = "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X)"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
LINUX = "Mozilla/5.0 (X11; Linux x86_64)"
ANDROID = "Mozilla/5.0 (Linux; Android 10; K)"


def add_session(kratos: Kratos, user_agent: str = FIREFOX, **fields: Any) -> StoredSession:
    """Add another session of the user."""
    assert kratos.identity
    device = {"id": "d", "user_agent": user_agent, "ip_address": "203.0.113.9:4711", "location": "Bonn, DE"}
    return kratos.ory.create_session(kratos.identity, **{"devices": [device], **fields})


def get_ends(response: Any) -> list[str]:
    """Return the ids of the sessions that the page offers to end."""
    return [str(each["value"]) for each in Tags(response).all("button", name="end")]


def get_text(response: Any) -> str:
    text: str = response.content.decode()
    return text


def test_page_lists_this_device_and_the_others(kratos: Kratos) -> None:
    kratos.session()
    other = add_session(kratos)
    kratos.ory.requests.clear()
    response = kratos.client.get(URL, headers={"user-agent": CHROME})
    text = get_text(response)
    assert get_ends(response) == [other.id]
    assert "Chrome on Android" in text
    assert "This device" in text
    assert "Firefox on Windows" in text
    assert "Bonn, DE" in text
    assert "203.0.113.9" not in text
    assert "Password" in text
    assert [each.path for each in kratos.ory.requests] == ["/sessions/whoami", "/sessions"]
    assert "no-store" in response["Cache-Control"]
    (link,) = Tags(response).all("a", href=reverse("ory:sessions"))
    assert link["aria-current"] == "page"


def test_only_session_has_no_button(kratos: Kratos) -> None:
    kratos.session()
    response = kratos.client.get(URL)
    assert "You are not signed in on any other device." in get_text(response)
    assert get_ends(response) == []
    assert not Tags(response).all("button", name="end_others")


def test_sessions_of_another_user_are_not_listed(kratos: Kratos, ory: FakeOry) -> None:
    kratos.session()
    foreign = ory.create_session(ory.create_identity({"email": "eve@example.org"}))
    assert get_ends(kratos.client.get(URL)) == []
    kratos.client.post(URL, {"end": foreign.id})
    assert foreign.is_active


def test_one_session_is_ended(kratos: Kratos) -> None:
    kratos.session()
    first, second = add_session(kratos), add_session(kratos)
    response = kratos.client.post(URL, {"end": first.id}, follow=True)
    assert "The device is signed out." in get_text(response)
    assert (first.is_active, second.is_active) == (False, True)
    assert get_ends(response) == [second.id]
    assert response.redirect_chain[0][1] == 303


def test_all_other_sessions_are_ended(kratos: Kratos) -> None:
    kratos.session()
    others = [add_session(kratos) for _ in range(2)]
    response = kratos.client.post(URL, {"end_others": "true", "return_to": "/loans/"}, follow=True)
    assert "All other devices are signed out." in get_text(response)
    assert not any(each.is_active for each in others)
    assert "This device" in get_text(response)
    assert Tags(response).all("a", href="http://testserver/loans/")


class TestLogoutOfClients:
    """Hydra ends the logins that began with a revoked session, and notifies their clients."""

    def record(self, kratos: Kratos, sid: str, session: StoredSession, *, subject: str = "") -> None:
        assert kratos.identity
        record_hydra_session(
            sid, subject=subject or kratos.identity.id, alias="default", session_id=session.id
        )

    def list_ended(self, kratos: Kratos) -> list[str]:
        return [
            each.target.partition("?sid=")[2] for each in kratos.ory.requests if "login?sid=" in each.target
        ]

    def test_clients_of_one_session_are_notified(self, kratos: Kratos) -> None:
        kratos.session()
        first, second = add_session(kratos), add_session(kratos)
        self.record(kratos, "s1", first)
        self.record(kratos, "s2", second)
        kratos.client.post(URL, {"end": first.id})
        assert self.list_ended(kratos) == ["s1"]

    def test_clients_of_all_others_are_notified(self, kratos: Kratos) -> None:
        kratos.session()
        (own,) = kratos.ory.kratos.sessions.sessions.values()
        self.record(kratos, "own", own)
        self.record(kratos, "s1", add_session(kratos))
        kratos.client.post(URL, {"end_others": "true"})
        assert self.list_ended(kratos) == ["s1"]

    def test_session_of_another_user_is_kept(self, kratos: Kratos) -> None:
        """Even if Kratos answered as if it had ended the session."""
        kratos.session()
        foreign = add_session(kratos)
        self.record(kratos, "foreign", foreign, subject="another")
        kratos.ory.respond(f"DELETE /sessions/{foreign.id}", status=204)
        kratos.client.post(URL, {"end": foreign.id})
        assert self.list_ended(kratos) == []

    def test_failure_of_hydra_is_logged(self, kratos: Kratos, caplog: pytest.LogCaptureFixture) -> None:
        kratos.session()
        other = add_session(kratos)
        self.record(kratos, "s1", other)
        kratos.ory.respond("DELETE /admin/oauth2/auth/sessions/login", status=500, json={"error": "error"})
        assert kratos.client.post(URL, {"end": other.id}).status_code == 303
        assert "Could not end Hydra's sessions" in caplog.text
        assert not other.is_active


def test_message_is_not_shown_to_another_session(kratos: Kratos) -> None:
    kratos.session()
    other = add_session(kratos)
    done = kratos.client.post(URL, {"end": other.id})["Location"]
    assert "signed out." in get_text(kratos.client.get(done))
    kratos.session()
    assert "signed out." not in get_text(kratos.client.get(done))
    assert "signed out." not in get_text(kratos.client.get(URL, {"done": "end"}))


@pytest.mark.parametrize("value", ["", "not-a-uuid", "../../admin/sessions", "x" * 5000])
def test_invalid_id_is_not_sent_to_kratos(kratos: Kratos, value: str) -> None:
    kratos.session()
    kratos.ory.requests.clear()
    response = kratos.client.post(URL, {"end": value})
    assert (response.status_code, response["Location"]) == (303, URL)
    assert [each.method for each in kratos.ory.requests] == ["GET"]


def test_own_session_is_not_ended(kratos: Kratos) -> None:
    kratos.session()
    (own,) = kratos.ory.kratos.sessions.sessions.values()
    response = kratos.client.post(URL, {"end": own.id}, follow=True)
    assert own.is_active
    assert "signed out." not in get_text(response)


def test_post_without_a_token_is_rejected(ory: FakeOry, db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    kratos = Kratos(ory, client)
    kratos.session()
    other = add_session(kratos)
    assert client.post(URL, {"end_others": "true"}).status_code == 403
    assert other.is_active
    token = client.get(URL).context["csrf_token"]
    assert client.post(URL, {"end_others": "true", "csrfmiddlewaretoken": str(token)}).status_code == 303
    assert not other.is_active


def test_get_ends_no_session(kratos: Kratos) -> None:
    kratos.session()
    other = add_session(kratos)
    kratos.client.get(URL, {"end": other.id, "end_others": "true"})
    assert other.is_active


def test_ended_session_is_forgotten_by_the_cache(kratos: Kratos, settings: Any, rf: RequestFactory) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "SESSION_CACHE_SECONDS": 60}}
    kratos.session()
    other = add_session(kratos)

    def is_signed_in() -> bool:
        cookie = f"ory_kratos_session={other.cookie}"
        return get_ory(rf.get("/", headers={"cookie": cookie})).is_authenticated

    assert is_signed_in()
    kratos.ory.requests.clear()
    assert is_signed_in()
    assert not kratos.ory.requests  # from the cache
    kratos.client.post(URL, {"end": other.id})
    assert not is_signed_in()


# Kratos rejects a call.


def test_aal2_of_a_newer_kratos_leads_to_the_second_factor_and_back(kratos: Kratos) -> None:
    kratos.session()
    kratos.ory.respond("GET /sessions", json=AAL2_REQUIRED, status=403)
    response = kratos.client.get(URL, {"return_to": "/loans/"})
    url = urlsplit(response["Location"])
    assert (response.status_code, url.path) == (302, reverse("ory:login"))
    query = parse_qs(url.query)
    assert query["aal"] == ["aal2"]
    back = urlsplit(query["return_to"][0])
    assert (back.path, parse_qs(back.query)) == (URL, {"return_to": ["http://testserver/loans/"]})


def test_aal2_that_the_session_has_already_does_not_loop(kratos: Kratos, ory: FakeOry) -> None:
    ory.login(kratos.client, aal="aal2")
    ory.respond("GET /sessions", json=AAL2_REQUIRED, status=403)
    assert kratos.client.get(URL).status_code == 503


@pytest.mark.parametrize("method", ["get", "post"])
def test_session_that_has_ended_meanwhile_signs_in_again(kratos: Kratos, ory: FakeOry, method: str) -> None:
    kratos.session()
    for route in ("GET /sessions", "DELETE /sessions"):
        ory.respond(route, json={"error": {"code": 401}}, status=401)
    response = getattr(kratos.client, method)(URL, {"end_others": "true"})
    url = urlsplit(response["Location"])
    assert (response.status_code, url.path) == (302 if method == "get" else 303, reverse("ory:login"))
    assert parse_qs(url.query)["return_to"] == [f"http://testserver{URL}"]


@pytest.mark.parametrize("kind", ["down", "slow", "error", "html", "rate_limited"])
@pytest.mark.parametrize("route", ["GET /sessions", "DELETE /sessions", "DELETE /sessions/{id}"])
def test_response_is_503_if_a_call_fails(kratos: Kratos, ory: FakeOry, kind: str, route: str) -> None:
    kratos.session()
    other = add_session(kratos)
    ory.respond(route, fault=kind)
    if route.startswith("GET"):
        response = kratos.client.get(URL)
    else:
        response = kratos.client.post(URL, {"end": other.id} if "{" in route else {"end_others": "true"})
    assert response.status_code == 503
    assert "Retry-After" in response


# Pages.


@pytest.mark.parametrize("has_total", [True, False])
def test_many_sessions_have_pages(kratos: Kratos, ory: FakeOry, has_total: bool) -> None:
    kratos.session()
    for _ in range(PAGE_ROWS + 1):
        add_session(kratos)
    if not has_total:
        rows = [{"id": f"{index:08}-0000-4000-8000-000000000000"} for index in range(PAGE_ROWS + 1)]

        def answer(request: Any) -> Any:
            start = (int(request.get_query("page")) - 1) * PAGE_ROWS
            return json_response(rows[start : start + PAGE_ROWS])

        ory.respond("GET /sessions", answer)
    first = kratos.client.get(URL, {"return_to": "/loans/"})
    assert len(get_ends(first)) == PAGE_ROWS
    links = {str(each["href"]) for each in Tags(first).all("a") if "page=" in str(each["href"])}
    (following,) = links
    assert parse_qs(urlsplit(following).query) == {"page": ["2"], "return_to": ["http://testserver/loans/"]}
    second = kratos.client.get(following)
    assert len(get_ends(second)) == 1
    assert not set(get_ends(first)) & set(get_ends(second))
    assert "This device" not in get_text(second)
    assert "Next page" not in get_text(second)
    assert "Previous page" in get_text(second)


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 4, "9" * 400, "\u0662", ""])
def test_odd_page_is_answered(kratos: Kratos, page: str) -> None:
    kratos.session()
    assert kratos.client.get(URL, {"page": page}).status_code == 200


# Devices.


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        (FIREFOX, "Firefox on Windows"),
        (CHROME, "Chrome on Android"),
        (f"{MAC} {WEBKIT} Version/18.6 Safari/605.1.15", "Safari on macOS"),
        (f"{IPHONE} {WEBKIT} CriOS/140.0.7339.39 Mobile/15E148 Safari/604.1", "Chrome on iPhone"),
        (f"{IPAD} {WEBKIT} FxiOS/143.0 Mobile/15E148 Safari/604.1", "Firefox on iPad"),
        (f"{WINDOWS} {BLINK} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge on Windows"),
        (f"{LINUX} {BLINK} Chrome/140.0.0.0 Safari/537.36 OPR/122.0.0.0", "Opera on Linux"),
        (f"{ANDROID} {BLINK} SamsungBrowser/28.0 Chrome/130.0.0.0", "Samsung Internet on Android"),
        (
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/140.0.0.0",
            "Chrome on ChromeOS",
        ),
        ("Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36", "Android"),
        ("curl/8.5.0", "curl"),
        ("MyShop/3.1 (iPhone; iOS 18.6)", "MyShop"),
        ("okhttp/4.12.0", "okhttp"),
        ("", "Unknown device"),
        ("Mozilla/5.0", "Unknown device"),
        ("<script>alert(1)</script>", "Unknown device"),
        ("\x00\ud800 " + "a" * 100_000, "Unknown device"),
    ],
)
def test_user_agent_is_described(user_agent: str, expected: str) -> None:
    assert describe_user_agent(user_agent) == expected


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        ({"ip_address": "203.0.113.9:4711", "location": ""}, "203.0.113.9"),
        ({"ip_address": "[2001:db8::1]:4711"}, "2001:db8::1"),
        ({"ip_address": "2001:db8::1"}, "2001:db8::1"),
        ({"ip_address": "203.0.113.9", "location": "Bonn, DE"}, "Bonn, DE"),
        ({"ip_address": None, "location": ", "}, ""),
        ({"location": "x" * 5000}, "x" * 100),
    ],
)
def test_place_of_a_device(device: dict[str, Any], expected: str) -> None:
    session = Session.model_validate({"id": "x", "devices": [device]})
    assert build_device_session(session).place == expected


def test_last_device_of_a_session_counts() -> None:
    devices = [{"user_agent": "curl/8"}, {"user_agent": FIREFOX}]
    session = Session.model_validate({"id": "x", "devices": devices})
    assert build_device_session(session).title == "Firefox on Windows"


def test_methods_are_named_once() -> None:
    methods = [
        {"method": "oidc", "provider": "git-hub"},
        {"method": "oidc", "provider": "github"},
        {"method": "totp"},
        {"method": "totp"},
        {"method": "smoke_signal"},
    ]
    session = Session.model_validate({"id": "x", "authentication_methods": methods, "devices": None})
    assert build_device_session(session).methods == ("Git Hub", "GitHub", "Authenticator app", "Smoke signal")


def test_hostile_session_is_escaped(kratos: Kratos) -> None:
    kratos.session()
    attack = "<img src=x onerror=alert(1)>"
    methods = [{"method": attack}, {"method": "oidc", "provider": attack}]
    device = {"user_agent": f"{attack}/1", "location": attack, "ip_address": attack}
    add_session(kratos, devices=[device], authentication_methods=methods)
    text = get_text(kratos.client.get(URL))
    assert "<img" not in text.lower()


def test_time_of_a_session_is_shown(kratos: Kratos, settings: Any) -> None:
    settings.TIME_ZONE = "UTC"
    kratos.session()
    assert kratos.identity
    kratos.ory.create_session(kratos.identity, authenticated_at=datetime(2026, 5, 4, 9, 30, tzinfo=UTC))
    assert "Signed in on May 4, 2026, 9:30 a.m." in get_text(kratos.client.get(URL))
