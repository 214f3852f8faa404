"""The login signal is sent once per sign-in, with any number of devices."""

from __future__ import annotations

from typing import Any

from django_ory.users.lookup import MAX_SESSIONS, add_session, is_login_signal_sent
from tests.support.kratos import ago, build_session


def test_signal_is_sent_once_for_a_new_session() -> None:
    session = build_session()
    assert not is_login_signal_sent([], session)
    assert is_login_signal_sent(add_session([], session), session)


def test_reauthentication_of_a_session_sends_no_signal() -> None:
    recent = add_session([], build_session())
    assert is_login_signal_sent(recent, build_session(authenticated_at=ago(seconds=0)))


def test_sessions_of_many_devices_send_one_signal_each() -> None:
    sessions = [build_session(id=f"s{n}", authenticated_at=ago(hours=n)) for n in range(MAX_SESSIONS + 10)]
    recent: Any = []
    for session in sessions:
        if not is_login_signal_sent(recent, session):
            recent = add_session(recent, session)
    assert len(recent) == MAX_SESSIONS
    assert all(is_login_signal_sent(recent, session) for session in sessions)
    newest = build_session(id="new", authenticated_at=ago(seconds=1))
    assert not is_login_signal_sent(recent, newest)
    assert is_login_signal_sent(add_session(recent, newest), newest)


def test_missing_or_naive_times_are_stored_as_utc() -> None:
    bare = build_session(authenticated_at=None, issued_at=None)
    assert add_session([], bare) == [[bare.id, "1970-01-01T00:00:00.000000+00:00"]]
    naive = build_session()
    naive.authenticated_at = naive.authenticated_at and naive.authenticated_at.replace(tzinfo=None)
    assert add_session([], naive)[0][1].endswith("+00:00")
