"""The page of a flow is one call to Kratos, also if it names a user whom the flow does not name."""

from __future__ import annotations

import time
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.core import signing
from django.utils import timezone

from django_ory.selfservice.views.known_user import USER_COOKIE

from . import shapes
from .conftest import SESSION_COOKIE
from .shapes import FLOW, KRATOS, csrf, error_body, field, text

if TYPE_CHECKING:
    from .conftest import Kratos

from .test_views import target

VERIFICATION = shapes.flow(
    "verification",
    [csrf(), field("email", "email", group="code", label=text(1070007), value="")],
    active="code",
)
#: A flow that does not name the user -> the query that starts it.
STARTS: dict[str, tuple[str, Any, dict[str, str]]] = {
    "refresh with codes": ("login", shapes.login(refresh=True), {"refresh": "true"}),
    "second factor": ("login", shapes.login_second(), {"aal": "aal2"}),
    "verification": ("verification", VERIFICATION, {}),
}


def count(kratos: Kratos) -> int:
    """The calls to Kratos from now on are counted by the next one."""
    calls = len(kratos.ory.requests)
    kratos.ory.requests.clear()
    return calls


@pytest.mark.parametrize("name", STARTS)
def test_form_after_its_start_is_one_call_and_names_the_user(kratos: Kratos, name: str) -> None:
    kind, flow, query = STARTS[name]
    kratos.session()
    assert target(kratos.visit(kind, **query))[0].startswith(f"{KRATOS}/self-service/{kind}")
    kratos.open(kind, flow)  # also finds out whether recovery is enabled, for a minute
    count(kratos)
    response = kratos.open(kind, flow)
    assert count(kratos) == 1
    assert b"ann@example.org" in response.content


@pytest.mark.parametrize("name", STARTS)
def test_form_that_kratos_has_started_asks_for_the_user(kratos: Kratos, name: str) -> None:
    kind, flow, _ = STARTS[name]
    kratos.session()
    kratos.open(kind, flow)
    count(kratos)
    response = kratos.open(kind, flow)
    assert count(kratos) == 2
    assert b"ann@example.org" in response.content


@pytest.mark.parametrize(
    ("kind", "flow"),
    [
        ("login", shapes.login_refresh()),
        ("recovery", shapes.recovery_sent()),
        (
            "verification",
            shapes.flow(
                "verification",
                [csrf(), shapes.submit("email", "bob@example.org", group="code", label=text(1070008))],
                state="sent_email",
                active="code",
            ),
        ),
    ],
    ids=["refresh with a password", "recovery", "verification after sign-up"],
)
def test_flow_that_names_the_user_is_one_call(kratos: Kratos, kind: str, flow: Any) -> None:
    kratos.session()
    kratos.open(kind, flow)
    count(kratos)
    assert kratos.open(kind, flow).status_code == 200
    assert count(kratos) == 1


def test_user_of_another_session_is_not_shown(kratos: Kratos) -> None:
    kratos.session()
    kratos.visit("verification")
    kratos.identity = kratos.ory.create_identity({"email": "bob@example.org"})
    kratos.session()
    response = kratos.open("verification", VERIFICATION)
    assert b"ann@example.org" not in response.content
    assert b"bob@example.org" in response.content


@pytest.mark.parametrize("damage", ["forged", "expired", "other content"])
def test_damaged_cookie_is_ignored(kratos: Kratos, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    kratos.session()
    now = time.time()
    if damage == "expired":
        monkeypatch.setattr(time, "time", lambda: now - USER_COOKIE.seconds - 1)
    kratos.visit("verification")
    monkeypatch.undo()
    if damage == "forged":
        kratos.client.cookies[USER_COOKIE.name] = kratos.client.cookies[USER_COOKIE.name].value[:-2] + "xx"
    elif damage == "other content":
        kratos.client.cookies[USER_COOKIE.name] = signing.dumps([1, "x", [2], {}], salt=USER_COOKIE.salt)
    kratos.ory.requests.clear()
    response = kratos.open("verification", VERIFICATION)
    assert [each.path for each in kratos.ory.requests[:2]] == [
        "/self-service/verification/flows",
        "/sessions/whoami",
    ]
    assert b"ann@example.org" in response.content


def test_sign_in_with_the_cookie_of_an_ended_session_is_one_call(kratos: Kratos) -> None:
    kratos.client.cookies[SESSION_COOKIE] = "ended"
    kratos.ory.respond("GET /sessions/whoami", status=401, json=error_body(401))
    kratos.visit("login")
    kratos.open("login", shapes.login())
    count(kratos)
    assert kratos.open("login", shapes.login()).status_code == 200
    assert count(kratos) == 1


def test_form_for_anonymous_users_redirects_a_session_that_has_begun_meanwhile(kratos: Kratos) -> None:
    kratos.visit("login")
    kratos.session()
    assert kratos.open("login", shapes.login()).status_code == 303


def test_second_factor_that_kratos_requires_names_nobody_and_is_one_call(kratos: Kratos) -> None:
    kratos.client.cookies[SESSION_COOKIE] = "first factor"
    kratos.ory.respond("GET /sessions/whoami", status=403, json=error_body(403, "session_aal2_required"))
    kratos.visit("login")
    kratos.open("login", shapes.login_second())
    count(kratos)
    assert kratos.open("login", shapes.login_second()).status_code == 200
    assert count(kratos) == 1


def test_many_addresses_are_asked_for_again(kratos: Kratos) -> None:
    kratos.session()
    assert kratos.identity is not None
    address = {"via": "email", "verified": False, "status": "pending"}
    values = [f"{uuid4()}@example.org" for _ in range(400)]
    many = [{**address, "id": str(n), "value": value} for n, value in enumerate(values)]
    identity = {"id": FLOW, "schema_id": "x", "schema_url": "", "traits": {}, "verifiable_addresses": many}
    kratos.ory.respond("GET /sessions/whoami", json={"id": FLOW, "active": True, "identity": identity})
    assert USER_COOKIE.name not in kratos.visit("verification").cookies
    response = kratos.open("verification", VERIFICATION)
    assert values[0].encode() in response.content


def test_cookie_is_protected_short_lived_and_ends_with_the_sign_out(kratos: Kratos) -> None:
    kratos.session()
    cookie = kratos.visit("verification").cookies[USER_COOKIE.name]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 900)
    assert SESSION_COOKIE not in cookie.value
    response = kratos.client.post("/auth/logout/")
    assert response.cookies[USER_COOKIE.name]["max-age"] == 0


def test_settings_and_anonymous_users_get_no_cookie(kratos: Kratos) -> None:
    assert USER_COOKIE.name not in kratos.visit("verification").cookies
    kratos.session()
    assert USER_COOKIE.name not in kratos.visit("settings").cookies


@pytest.mark.parametrize("minutes", [-4, 0, 4])
def test_time_that_is_left_is_by_the_clock_of_kratos(kratos: Kratos, minutes: int) -> None:
    now = timezone.now() + timedelta(minutes=minutes)
    times = {"issued_at": now - timedelta(minutes=1), "expires_at": now + timedelta(minutes=9, seconds=30)}
    flow = shapes.recovery_sent() | {name: value.isoformat() for name, value in times.items()}
    headers = {"Date": format_datetime(now, usegmt=True)} if minutes else {}
    response = kratos.open("recovery", flow, headers=headers)
    assert "This page expires in 10 minutes." in response.content.decode()
