"""The pages through Django's test client, with unusable responses of Kratos."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from django_ory.selfservice.decisions.redirect_loop import GUARD_COOKIE

from . import shapes
from .shapes import FLOW, KRATOS, error_body

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.probes import Probes

    from .conftest import Kratos

from .test_views import ALL, OPEN, Tags, target


def test_expired_flow_restarts_with_return_to_and_message(kratos: Kratos) -> None:
    kratos.flow(
        "login", error_body(410, "self_service_flow_expired", return_to="http://testserver/x"), status=410
    )
    url, query = target(kratos.visit("login", flow=FLOW))
    assert url == reverse("ory:login")
    assert query.pop("return_to") == "http://testserver/x"
    assert query.keys() == {"again"}
    assert GUARD_COOKIE.name in kratos.client.cookies
    assert target(kratos.client.get(url, query))[0] == f"{KRATOS}/self-service/login/browser"
    kratos.ory.respond("GET /self-service/login/flows", json=shapes.login())
    response = kratos.visit("login", flow=FLOW)
    assert b"That page has expired" in response.content
    assert response.cookies[GUARD_COOKIE.name]["max-age"] == 0


def test_replaced_flow_redirects_to_the_new_one(kratos: Kratos) -> None:
    other = "11111111-2222-4333-8444-555555555555"
    kratos.flow(
        "verification", error_body(410, "self_service_flow_replaced") | {"use_flow_id": other}, status=410
    )
    assert target(kratos.visit("verification", flow=FLOW)) == (reverse("ory:verification"), {"flow": other})


def test_blocked_cookies_of_the_site_are_explained(kratos: Kratos) -> None:
    kratos.flow("login", error_body(403, "security_csrf_violation"), status=403)
    url, query = target(kratos.visit("login", flow=FLOW))
    kratos.client.cookies.clear()  # a browser without cookies
    response = kratos.client.get(url, query)
    assert response.status_code == 403
    assert b"Cookies are required" in response.content


def test_blocked_cookies_of_kratos_are_explained(kratos: Kratos) -> None:
    kratos.flow("login", error_body(403, "security_csrf_violation"), status=403)
    url, query = target(kratos.visit("login", flow=FLOW))
    assert target(kratos.client.get(url, query))[0].startswith(KRATOS)
    response = kratos.visit("login", flow=FLOW)
    assert response.status_code == 403
    assert b"Cookies are required" in response.content


def test_old_restart_url_does_not_explain_cookies(
    kratos: Kratos, probes: Probes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The 503 page links to its own URL, which may stay open in a browser for long."""
    kratos.flow("login", error_body(410, "self_service_flow_expired"), status=410)
    a_minute_ago = time.time() - 61
    monkeypatch.setattr(time, "time", lambda: a_minute_ago)
    url, query = target(kratos.visit("login", flow=FLOW))
    monkeypatch.undo()
    kratos.ory.respond("GET /sessions/whoami", fault="down")
    response = kratos.client.get(url, query)
    assert response.status_code == 503
    (link,) = Tags(response).all("a", **{"class": "ory-button ory-button--primary"})
    kratos.ory.respond("GET /sessions/whoami", status=401, json=error_body(401))
    probes.run()
    assert target(kratos.client.get(str(link["href"])))[0].startswith(KRATOS)


def test_missing_flow_restarts_at_most_twice(kratos: Kratos) -> None:
    kratos.flow("recovery", error_body(404), status=404)
    statuses = [kratos.visit("recovery", flow=FLOW).status_code for _ in range(3)]
    assert statuses == [303, 303, 400]


def test_disabled_flow_is_explained(kratos: Kratos) -> None:
    response = kratos.open("registration", error_body(400, "self_service_flow_disabled"), status=400)
    assert response.status_code == 403
    assert b"disabled on this site" in response.content


def test_location_change_redirects_to_kratos(kratos: Kratos) -> None:
    body = error_body(422, "browser_location_change_required") | {"redirect_browser_to": f"{KRATOS}/x"}
    assert kratos.open("login", body, status=422)["Location"] == f"{KRATOS}/x"


def test_required_refresh_redirects_to_login(kratos: Kratos) -> None:
    kratos.session()
    url, query = target(kratos.open("settings", error_body(403, "session_refresh_required"), status=403))
    assert url == reverse("ory:login")
    assert query == {"refresh": "true", "return_to": f"http://testserver/auth/settings/?flow={FLOW}"}


# Outages.

NONSENSE: list[dict[str, Any]] = [
    {"fault": "down"},
    {"fault": "slow"},
    {"body": "<html>maintenance</html>", "headers": {"Content-Type": "text/html"}},
    {"body": '{"id": "x", "ui": {"nod', "headers": {"Content-Type": "application/json"}},
    {"body": "[]", "headers": {"Content-Type": "application/json"}},
    {"json": error_body(500), "status": 500},
    {"body": "Bad gateway", "status": 502},
]


@pytest.mark.parametrize("answer", NONSENSE)
@pytest.mark.parametrize("kind", OPEN)
def test_unusable_response_for_a_flow_is_a_503(
    kratos: Kratos, kind: str, answer: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    response = kratos.open(kind, **answer)
    kratos.visit(kind, flow=FLOW)
    assert response.status_code == 503
    assert [record.levelname for record in caplog.records if record.name == "django_ory"] == ["WARNING"]
    assert response["Retry-After"]
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("answer", NONSENSE)
def test_unavailable_kratos_is_a_503_instead_of_a_redirect(kratos: Kratos, answer: dict[str, Any]) -> None:
    kratos.ory.respond("GET /sessions/whoami", **answer)
    assert kratos.visit("login").status_code == 503


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        ({"status": 404, "body": "Not Found"}, "as Kratos does"),
        ({"body": "<html>"}, "as Kratos does"),
        ({"status": 307, "headers": {"Location": f"{KRATOS}/sessions/whoami"}}, "are not swapped"),
    ],
    ids=["404", "HTML", "admin API"],
)
def test_other_server_than_kratos_is_named_in_the_log(
    kratos: Kratos, caplog: pytest.LogCaptureFixture, answer: dict[str, Any], advice: str
) -> None:
    kratos.ory.respond("GET /sessions/whoami", **answer)
    response = kratos.visit("login")
    assert response.status_code == 503
    [line] = [record.getMessage() for record in caplog.records if record.name == "django_ory"]
    assert line.startswith(
        f"Kratos is unavailable for a page (project default, {KRATOS}): GET /sessions/whoami"
    )
    assert advice in line
    assert KRATOS not in response.content.decode()


@pytest.mark.parametrize("setting", ["KRATOS_PUBLIC_URL", "SDK_URL"])
def test_kratos_with_hidden_health_endpoints_is_available(
    kratos: Kratos, settings: Settings, setting: str
) -> None:
    """Like on Ory Network, and behind some gateways."""
    settings.ORY = {"default": {setting: KRATOS}}
    kratos.ory.respond("GET /health/alive", status=404)
    assert kratos.visit("login").status_code == 303


@pytest.mark.parametrize("debug", [True, False])
def test_other_loopback_name_is_explained_in_development(
    kratos: Kratos, settings: Settings, caplog: pytest.LogCaptureFixture, debug: bool
) -> None:
    settings.DEBUG = debug
    settings.ORY = {"default": {**settings.ORY["default"], "KRATOS_BROWSER_URL": "http://localhost:4433"}}
    response = kratos.client.get(
        reverse("ory:login"), {"next": "/loans/"}, headers={"host": "127.0.0.1:8000"}
    )
    if not debug:
        assert response.status_code == 303
        return
    page = response.content.decode()
    assert response.status_code == 400
    assert f'href="http://localhost:8000{reverse("ory:login")}?next=%2Floans%2F"' in page
    assert f"Open http://localhost:8000{reverse('ory:login')} instead, or correct settings" in page
    assert "runserver localhost:8000" in page
    assert "127.0.0.1, and Kratos is at localhost" in caplog.text


@pytest.mark.parametrize(
    ("urls", "key"),
    [
        ({"KRATOS_PUBLIC_URL": "http://localhost:4433"}, "KRATOS_PUBLIC_URL"),
        (
            {"KRATOS_PUBLIC_URL": KRATOS, "KRATOS_BROWSER_URL": "http://localhost:4433"},
            "KRATOS_BROWSER_URL",
        ),
    ],
)
def test_other_loopback_name_names_the_setting_that_is_set(
    kratos: Kratos, settings: Settings, caplog: pytest.LogCaptureFixture, urls: dict[str, str], key: str
) -> None:
    settings.DEBUG = True
    settings.ORY = {"default": urls}
    assert kratos.client.get(reverse("ory:login"), headers={"host": "127.0.0.1:8000"}).status_code == 400
    assert f'correct settings.ORY["default"]["{key}"]' in caplog.text


@pytest.mark.parametrize(
    ("host", "kratos_url"),
    [
        ("localhost:8000", "http://localhost:4433"),
        ("127.0.0.1:8000", "http://127.0.0.1:4433"),
        ("testserver", "http://localhost:4433"),
        ("127.0.0.1:8000", "http://kratos.test:4433"),
    ],
)
def test_other_host_is_not_explained(kratos: Kratos, settings: Settings, host: str, kratos_url: str) -> None:
    settings.DEBUG = True
    settings.ORY = {"default": {**settings.ORY["default"], "KRATOS_BROWSER_URL": kratos_url}}
    assert kratos.client.get(reverse("ory:login"), headers={"host": host}).status_code == 303


@pytest.mark.parametrize("kind", ALL)
def test_start_with_an_unknown_session_is_a_503(kratos: Kratos, kind: str) -> None:
    kratos.unknown_session(fault="down")
    assert kratos.visit(kind).status_code == 503


@pytest.mark.parametrize(
    ("kind", "flow", "status"),
    [
        ("login", shapes.login(), 503),
        ("registration", shapes.registration_second(), 503),
        ("settings", shapes.settings(), 503),
        ("login", shapes.login_second(), 200),
        ("recovery", shapes.recovery(), 200),
        ("verification", shapes.verification_sent(), 200),
    ],
    ids=["login", "registration", "settings", "second factor", "recovery", "verification"],
)
def test_flow_with_an_unknown_session_is_a_503_if_it_depends_on_it(
    kratos: Kratos, kind: str, flow: Any, status: int
) -> None:
    kratos.unknown_session(fault="down")
    assert kratos.open(kind, flow).status_code == status


def test_rate_limit_is_a_503_with_its_retry_after(kratos: Kratos) -> None:
    response = kratos.open("login", error_body(429), status=429, headers={"Retry-After": "17"})
    assert (response.status_code, response["Retry-After"]) == (503, "17")


def test_cookies_are_not_logged(kratos: Kratos, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    kratos.session()
    kratos.client.cookies["csrf_token_" + "a" * 64] = "s3cret-csrf"
    kratos.open("login", error_body(403, "security_csrf_violation"), status=403)
    assert "s3cret-csrf" not in caplog.text
    assert "signed-in" not in caplog.text


@pytest.mark.parametrize(
    "cookie", ["ory_kratos_session=\x00\x01", "ory_kratos_session=" + "x" * 100_000, "=;=;;;" * 1000]
)
def test_malformed_cookies_are_ignored(kratos: Kratos, cookie: str) -> None:
    assert kratos.client.get(reverse("ory:login"), headers={"cookie": cookie}).status_code == 303


@pytest.mark.parametrize("kind", ALL)
def test_post_to_a_flow_page_is_a_405(kratos: Kratos, kind: str) -> None:
    assert kratos.client.post(reverse(f"ory:{kind}")).status_code == 405
