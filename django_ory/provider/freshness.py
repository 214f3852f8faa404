"""Who is in front of the page, and whether that was proved recently enough for what the client asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .decisions import AskAgain, SignIn

if TYPE_CHECKING:
    from datetime import datetime

    from .authorization import Authorization
    from .trail import Trail

__all__ = ["SignedIn", "missing_step"]


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """Who is in front of the page: what Kratos says of the browser's session.

    ``authenticated_at`` and ``second_at`` are when the first and the second factor were given last. Kratos
    takes either of them afresh and keeps the level of the session.
    """

    subject: str
    session_id: str
    authenticated_at: datetime | None
    expires_at: datetime | None
    second_at: datetime | None = None
    aal: str = "aal1"
    methods: tuple[str, ...] = ()


def missing_step(
    asked: Authorization, session: SignedIn, *, now: datetime, trail: Trail | None, second_factor: bool
) -> SignIn | AskAgain | None:
    """The factor that has to be given afresh, if any: the first one first, and each is asked for once."""
    since = _since(asked, now=now, trail=trail)
    if since is None:
        return None
    if session.authenticated_at is None or session.authenticated_at.timestamp() < since:
        step = SignIn(refresh=True)
        return AskAgain(sign_in=step) if trail else step
    if second_factor and session.second_at is not None and session.second_at.timestamp() < since:
        step = SignIn(refresh=True, aal="aal2")
        return AskAgain(sign_in=step) if trail and trail.stepped_up else step
    return None


def _since(asked: Authorization, *, now: datetime, trail: Trail | None) -> float | None:
    """From when on (Unix time) a factor counts for this request; None if any does."""
    seen_at = trail.seen_at if trail else float("inf")
    if asked.needs_fresh_sign_in:
        return seen_at
    return None if asked.max_age is None else min(seen_at, now.timestamp() - asked.max_age)
