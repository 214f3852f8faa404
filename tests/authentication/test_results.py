"""Which sessions sign somebody in."""

from __future__ import annotations

import time
from typing import Any

import pytest

from django_ory.authentication.results import (
    ANONYMOUS,
    SessionState,
    WhoamiResult,
    answer_from_session,
)
from django_ory.client.models import Session

from .stand_in import a_session, ago, identity_json


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, SessionState.SIGNED_IN),
        ({"active": False}, SessionState.ANONYMOUS),
        ({"active": None}, SessionState.ANONYMOUS),
        ({"expires_at": ago(seconds=5)}, SessionState.ANONYMOUS),
        ({"expires_at": None}, SessionState.SIGNED_IN),
        ({"identity": identity_json(state="inactive")}, SessionState.ANONYMOUS),
        ({"identity": identity_json(state="frozen")}, SessionState.ANONYMOUS),
        ({"identity": identity_json(state=None)}, SessionState.SIGNED_IN),
        ({"identity": identity_json(id="1; DROP TABLE")}, SessionState.ANONYMOUS),
        ({"identity": identity_json(id="9f425a8d7efc47688f237647a74fdf13")}, SessionState.ANONYMOUS),
    ],
)
def test_what_whoami_may_say(changes: dict[str, Any], state: SessionState) -> None:
    assert answer_from_session(a_session(**changes), now=time.time()).state is state


def test_an_identity_that_is_null() -> None:
    session = Session.model_validate({"id": "x", "active": True, "identity": None})
    assert answer_from_session(session, now=time.time()).state is SessionState.ANONYMOUS


def test_expiry_is_judged_by_kratos_clock() -> None:
    session = a_session(expires_at=ago(seconds=30))
    assert answer_from_session(session, now=time.time(), clock_offset=-60).state is SessionState.SIGNED_IN


def test_age_is_measured_by_kratos_clock() -> None:
    now = time.time()
    session = a_session(authenticated_at=ago(seconds=100))
    assert WhoamiResult(state=SessionState.SIGNED_IN, session=session).age(now) == pytest.approx(100, abs=2)
    behind = WhoamiResult(state=SessionState.SIGNED_IN, session=session, clock_offset=-90)
    assert behind.age(now) == pytest.approx(10, abs=2)
    assert ANONYMOUS.age(now) is None


def test_a_time_without_a_zone_is_utc() -> None:
    session = a_session()
    session.authenticated_at = session.authenticated_at and session.authenticated_at.replace(tzinfo=None)
    age = WhoamiResult(state=SessionState.SIGNED_IN, session=session).age(time.time())
    assert age == pytest.approx(300, abs=3)


def test_nothing_personal_is_printed() -> None:
    assert "ann@example.org" not in repr(answer_from_session(a_session(), now=time.time()))


def test_a_sign_in_of_the_future_says_that_a_clock_is_wrong() -> None:
    now = time.time()
    session = a_session(authenticated_at=ago(seconds=-20))
    assert WhoamiResult(state=SessionState.SIGNED_IN, session=session).age(now) == 0
    session = a_session(authenticated_at=ago(minutes=-20))
    assert WhoamiResult(state=SessionState.SIGNED_IN, session=session).age(now) is None
