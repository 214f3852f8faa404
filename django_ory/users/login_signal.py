"""Sends ``user_logged_in`` once per Kratos session; the identity's row lists these sessions.

Sessions that the list no longer contains are older than all sessions of the list, so older sessions count as
sent. Otherwise the signal would be sent again for each request of a user with many devices.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.contrib.auth.signals import user_logged_in
from django.db import transaction

from .rows import get_rows

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest

    from django_ory.client.models import Session
    from django_ory.models import Identity

__all__ = ["MAX_SESSIONS", "add_session", "is_login_signal_sent", "send_login_signal"]

#: Sessions per identity.
MAX_SESSIONS = 50

RecentSessions = list[list[str]]  #: [session id, time of sign-in as ISO 8601 in UTC], oldest first


def send_login_signal(
    row: Identity, user: AbstractBaseUser, session: Session, request: HttpRequest | None
) -> None:
    """Send ``user_logged_in``, unless this process or another has sent the signal for this session."""
    if is_login_signal_sent(row.recent_sessions, session):
        return
    rows = get_rows().filter(pk=row.pk)
    with transaction.atomic(using=rows.db):
        rows.update(alias=row.alias)  # locks the row
        recent = rows.values_list("recent_sessions", flat=True).first()
        if recent is None or is_login_signal_sent(recent, session):
            return
        rows.update(recent_sessions=add_session(recent, session))
    user_logged_in.send(sender=user.__class__, request=request, user=user)


def is_login_signal_sent(recent: RecentSessions, session: Session) -> bool:
    """Return whether the signal was sent for this session."""
    if session.id in [entry[0] for entry in recent]:
        return True
    return len(recent) >= MAX_SESSIONS and _signed_in_at(session) <= recent[0][1]


def add_session(recent: RecentSessions, session: Session) -> RecentSessions:
    """Return the list with this session, shortened to the newest ``MAX_SESSIONS``."""
    entries = [*recent, [session.id, _signed_in_at(session)]]
    return sorted(entries, key=lambda entry: entry[1])[-MAX_SESSIONS:]


def _signed_in_at(session: Session) -> str:
    at = session.authenticated_at or session.issued_at or datetime.fromtimestamp(0, UTC)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="microseconds")
