"""Results of the session lookup, and the sessions that sign a user in."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from django_ory.authentication.resolver import is_usable
from django_ory.authentication.results import ANONYMOUS, SessionState, WhoamiResult
from django_ory.client.models import Session
from tests.support.kratos import IDENTITY_ID, ago, build_session, identity_json


def signed_in(authenticated_at: str | None, **changes: Any) -> WhoamiResult:
    session = build_session(authenticated_at=authenticated_at)
    return WhoamiResult(state=SessionState.SIGNED_IN, session=session, **changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"active": False}, False),
        ({"active": None}, False),
        ({"expires_at": ago(seconds=5)}, False),
        ({"expires_at": None}, True),
        ({"identity": identity_json(state="inactive")}, False),
        ({"identity": identity_json(state="frozen")}, False),
        ({"identity": identity_json(state=None)}, True),
        ({"identity": identity_json(id=IDENTITY_ID.upper())}, True),
        ({"identity": identity_json(id="1; DROP TABLE")}, False),
        ({"identity": identity_json(id=IDENTITY_ID + "\n")}, False),
        ({"identity": identity_json(id="9f425a8d7efc47688f237647a74fdf13")}, False),
    ],
)
def test_session_is_usable_if_active_and_of_a_valid_identity(changes: dict[str, Any], expected: bool) -> None:
    assert is_usable(build_session(**changes), time.time()) is expected


def test_session_without_identity_is_not_usable() -> None:
    assert not is_usable(Session(id="x", active=True), time.time())


def test_expiry_is_compared_by_the_clock_of_kratos() -> None:
    session = build_session(expires_at=ago(seconds=30))
    assert not is_usable(session, time.time())
    assert is_usable(session, time.time() - 60)


@pytest.mark.parametrize(
    ("seconds", "clock_offset", "age"),
    [
        (100, 0, 100),
        (100, -90, 10),
        (-30, 0, 0),  # the clocks differ a little
        (-3600, 0, None),
    ],
)
def test_age_is_the_time_since_the_last_sign_in(
    seconds: float, clock_offset: float, age: float | None
) -> None:
    result = signed_in(ago(seconds=seconds), clock_offset=clock_offset)
    assert result.age(time.time()) == (age if age is None else pytest.approx(age, abs=2))


def test_age_of_a_time_without_zone_is_by_utc() -> None:
    now = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
    assert signed_in("2026-11-01T07:59:00").age(now.timestamp()) == 60


def test_age_without_a_time_of_sign_in_is_unknown() -> None:
    assert ANONYMOUS.age(time.time()) is None
    assert signed_in(None).age(time.time()) is None


def test_repr_shows_the_state_only() -> None:
    result = signed_in(None, set_cookies=("ory_kratos_session=secret",))
    assert repr(result) == "<WhoamiResult signed_in>"
