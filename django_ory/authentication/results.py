"""The result of a session lookup."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from django_ory.client.models import Session

#: Seconds that a sign-in may be in the future, because two clocks differ.
MAX_CLOCK_ERROR_SECONDS = 60.0


class SessionState(Enum):
    """The state of a request's Kratos session."""

    ANONYMOUS = "anonymous"  #: no credential, or none that Kratos accepts
    SIGNED_IN = "signed_in"
    AAL2_REQUIRED = "aal2_required"  #: signed in, but Kratos requires the second factor first
    UNAVAILABLE = "unavailable"  #: unknown, because Kratos gave no usable response


class WhoamiResult(NamedTuple):
    """The result of ``GET /sessions/whoami``, from Kratos or from the cache.

    A tuple, because nearly every request creates one.
    """

    state: SessionState
    session: Session | None = None  #: set if and only if SIGNED_IN
    set_cookies: tuple[str, ...] = ()  #: raw Set-Cookie lines to relay
    cache_for: float | None = None  #: seconds, if Kratos limits how long the result may be cached
    asked_at: float = 0.0  #: when the call began, seconds since the epoch by this machine's clock
    clock_offset: float = 0.0  #: seconds that Kratos' clock is ahead of this machine's
    from_cache: bool = False  #: look up again before a redirect depends on it
    user_digest: str = ""  #: ``users.rows.build_user_digest`` of the identity, for a session from the cache
    stale: bool = False  #: older than SESSION_CACHE_SECONDS, used because Kratos is unavailable

    def __repr__(self) -> str:
        return f"<WhoamiResult {self.state.value}>"  # neither the session nor a cookie

    def age(self, now: float) -> float | None:
        """Return the seconds since the last sign-in, by Kratos' clock; None if unknown or in the future."""
        if self.session is None or self.session.authenticated_at is None:
            return None
        age = now + self.clock_offset - self.session.authenticated_at.timestamp()
        return max(age, 0.0) if age > -MAX_CLOCK_ERROR_SECONDS else None


ANONYMOUS = WhoamiResult(state=SessionState.ANONYMOUS)
UNAVAILABLE = WhoamiResult(state=SessionState.UNAVAILABLE)
