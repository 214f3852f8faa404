"""The loop guard: a small signed cookie that remembers for a minute how often a page was started over, and
why.

Without it, a browser that drops Kratos' cookies would travel between Kratos and us for ever.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.core import signing

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["COOKIE", "NO_GUARD", "Guard", "digest", "read_guard", "write_guard"]

COOKIE = "ory_guard"
SALT = "django_ory.selfservice.guard"
SECONDS = 60
BOUNCE_SECONDS = 10


@dataclass(frozen=True)
class Guard:
    """``restarts`` in the last minute, ``reason`` of the last; ``left_for``: where a member was just sent."""

    restarts: int = 0
    reason: str = ""
    left_for: str = ""

    def after_restart(self, reason: str) -> Guard:
        return replace(self, restarts=self.restarts + 1, reason=reason)

    def after_leaving(self, target: str) -> Guard:
        return Guard(left_for=digest(target))


NO_GUARD = Guard()


def digest(target: str) -> str:
    """A short name for an address, so that the cookie holds none."""
    return hashlib.sha256(target.encode()).hexdigest()[:16]


def read_guard(request: HttpRequest) -> Guard:
    """What the cookie says; a missing, old or forged one says nothing."""
    try:
        value = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=SECONDS)
        restarts, reason, left_for, left_at = value
        recent = time.time() - float(left_at) < BOUNCE_SECONDS
        return Guard(int(restarts), str(reason), str(left_for) if recent else "")
    except (signing.BadSignature, ValueError, TypeError):
        return NO_GUARD


def write_guard(request: HttpRequest, response: HttpResponse, guard: Guard) -> None:
    """Keep the guard in the browser, or take it away when there is nothing to remember."""
    if guard != NO_GUARD:
        value = signing.dumps([guard.restarts, guard.reason, guard.left_for, int(time.time())], salt=SALT)
        response.set_cookie(
            COOKIE, value, max_age=SECONDS, httponly=True, samesite="Lax", secure=request.is_secure()
        )
    elif COOKIE in request.COOKIES:
        response.delete_cookie(COOKIE, samesite="Lax")
