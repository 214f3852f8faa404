"""Sign-ins are announced once each, however many devices somebody has."""

from __future__ import annotations

from typing import Any

import pytest

from django_ory.users.login_signal import LIMIT, add_session, is_announced
from tests.authentication.stand_in import a_session, ago


def test_a_new_session_is_announced_once() -> None:
    session = a_session()
    assert not is_announced([], session)
    assert is_announced(add_session([], session), session)


def test_a_fresh_sign_in_of_the_same_session_is_not_new() -> None:
    recent = add_session([], a_session())
    assert is_announced(recent, a_session(authenticated_at=ago(seconds=0)))


def test_many_devices_do_not_push_each_other_out() -> None:
    sessions = [a_session(id=f"s{n}", authenticated_at=ago(hours=n)) for n in range(LIMIT + 10)]
    recent: Any = []
    for session in sessions:
        if not is_announced(recent, session):
            recent = add_session(recent, session)
    assert len(recent) == LIMIT
    assert all(is_announced(recent, session) for session in sessions)
    newest = a_session(id="new", authenticated_at=ago(seconds=1))
    assert not is_announced(recent, newest)
    assert is_announced(add_session(recent, newest), newest)


@pytest.mark.parametrize("recent", [None, "x", 3, {}, [1, "a", None, ["a"], ["a", 1], ["a", "b", "c"]]])
def test_a_list_that_makes_no_sense_is_an_empty_one(recent: Any) -> None:
    session = a_session()
    assert not is_announced(recent, session)
    assert len(add_session(recent, session)) == 1


def test_times_may_be_missing_or_naive() -> None:
    bare = a_session(authenticated_at=None, issued_at=None)
    assert add_session([], bare) == [[bare.id, "1970-01-01T00:00:00.000000+00:00"]]
    naive = a_session()
    naive.authenticated_at = naive.authenticated_at and naive.authenticated_at.replace(tzinfo=None)
    assert add_session([], naive)[0][1].endswith("+00:00")
