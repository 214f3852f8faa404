"""What Kratos said about a credential and what Django says to it: the values that decisions are made from."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from django_ory.client.identifiers import parse_uuid

if TYPE_CHECKING:
    from django_ory.client.models import Session

__all__ = [
    "ANONYMOUS",
    "UNAVAILABLE",
    "SessionState",
    "WhoamiResult",
    "answer_from_session",
]


#: Seconds that a sign-in may lie in the future before we say that somebody's clock is wrong.
TOLERANCE = 60.0


class SessionState(Enum):
    """Who is asking."""

    ANONYMOUS = "anonymous"  #: no credential, or none that Kratos accepts
    SIGNED_IN = "signed_in"
    AAL2_REQUIRED = "aal2_required"  #: signed in, and Kratos wants the second factor first; not anonymous
    UNAVAILABLE = "unavailable"  #: Kratos did not say


class WhoamiResult(NamedTuple):
    """One answer of whoami, fresh or remembered. A tuple, since nearly every request makes one."""

    state: SessionState
    session: Session | None = None  #: set if and only if SIGNED_IN
    set_cookies: tuple[str, ...] = ()  #: raw Set-Cookie lines to relay
    cache_for: float | None = None  #: seconds, if Kratos said how long it may be remembered
    asked_at: float = 0.0  #: when Kratos was asked, seconds since the epoch by our clock
    clock_offset: float = 0.0  #: seconds that Kratos' clock is ahead of ours
    from_cache: bool = False  #: from the cache: ask again before sending anyone away
    stale: bool = False  #: older than it should be, used because Kratos is not available
    barred: bool = False  #: signed out here; Kratos may not have heard of it yet

    def __repr__(self) -> str:
        return f"<WhoamiResult {self.state.value}>"  # neither the session nor a cookie

    def age(self, now: float) -> float | None:
        """Seconds since the person proved who they are, by Kratos' clock; None if that cannot be told."""
        if self.session is None or self.session.authenticated_at is None:
            return None
        age = now + self.clock_offset - _utc(self.session.authenticated_at).timestamp()
        return max(age, 0.0) if age > -TOLERANCE else None

    def as_stale(self) -> WhoamiResult:
        """The same, used although it is too old."""
        return self._replace(stale=True)


ANONYMOUS = WhoamiResult(state=SessionState.ANONYMOUS)
UNAVAILABLE = WhoamiResult(state=SessionState.UNAVAILABLE)


def is_usable(session: Session, now: float) -> bool:
    """True if the session really signs somebody in: active, not over, and of an active identity with a proper
    id.
    """
    identity = session.identity
    if not session.active or identity is None or (identity.state or "active") != "active":
        return False
    if session.expires_at is not None and _utc(session.expires_at).timestamp() <= now:
        return False
    return parse_uuid(identity.id) is not None


def answer_from_session(
    session: Session,
    *,
    now: float,
    set_cookies: tuple[str, ...] = (),
    cache_for: float | None = None,
    clock_offset: float = 0.0,
) -> WhoamiResult:
    """The answer for a 200 of whoami. A session that signs nobody in makes an anonymous one.

    That is not worth remembering: Kratos says 401 for such a session, so something else is wrong.
    """
    if not is_usable(session, now + clock_offset):
        return WhoamiResult(state=SessionState.ANONYMOUS, asked_at=now, cache_for=0.0)
    return WhoamiResult(
        state=SessionState.SIGNED_IN,
        session=session,
        set_cookies=set_cookies,
        cache_for=cache_for,
        asked_at=now,
        clock_offset=clock_offset,
    )


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
