"""Which Kratos sessions ``user_logged_in`` was already sent for: a short list on the identity's row, shared
by processes.

A session that fell off the list counts as announced if it is older than all that are on it; otherwise a
person with many devices would be announced on every request.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django_ory.client.models import Session

__all__ = ["LIMIT", "add_session", "is_announced"]

#: Sessions remembered per identity.
LIMIT = 50

Entries = list[list[str]]  #: [session id, time of sign-in as ISO 8601 in UTC], oldest first


def is_announced(recent: Any, session: Session) -> bool:
    """True if the list says that this session is not new. Anything unreadable in it is passed over."""
    entries = _entries(recent)
    if any(entry[0] == session.id for entry in entries):
        return True
    return len(entries) >= LIMIT and _signed_in_at(session) <= entries[0][1]


def add_session(recent: Any, session: Session) -> Entries:
    """The list with this session on it, at most ``LIMIT`` long."""
    entries = [*_entries(recent), [session.id, _signed_in_at(session)]]
    return sorted(entries, key=lambda entry: entry[1])[-LIMIT:]


def _entries(recent: Any) -> Entries:
    if not isinstance(recent, list):
        return []
    return [
        entry
        for entry in recent
        if isinstance(entry, list) and len(entry) == 2 and all(isinstance(part, str) for part in entry)
    ]


def _signed_in_at(session: Session) -> str:
    at = session.authenticated_at or session.issued_at or datetime.fromtimestamp(0, UTC)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="microseconds")
