"""The loop guard: a small signed cookie that remembers for a minute how often a page was started over, and
why, and for some seconds where a visitor was just sent, and how often.

Without it, a browser that drops Kratos' cookies would travel between Kratos and us for ever, and so would one
whose cookie of Kratos does not reach us.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.core import signing

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = [
    "COOKIE",
    "EMPTY_GUARD",
    "RedirectLoopGuard",
    "build_restart_stamp",
    "is_recent",
    "read_guard",
    "write_guard",
]

COOKIE = "ory_guard"
SALT = "django_ory.selfservice.guard"
SECONDS = 60
MARK_SECONDS = 30

#: Who comes back for the same within this many seconds has not seen a page in between.
SENT_SECONDS = 10
#: How often the same redirect may happen in a row. A double click, or the back button of a browser, repeats
#: it once; only a loop never ends. Browsers give up after 16 redirects or more.
SENT_TIMES = 3


@dataclass(frozen=True)
class RedirectLoopGuard:
    """``restarts`` in the last minute, ``reason`` of the last; ``way``: a digest of where the visitor was
    just sent, ``times`` in a row.
    """

    restarts: int = 0
    reason: str = ""
    fingerprint: str = ""
    times: int = 0

    def after_restart(self, reason: str) -> RedirectLoopGuard:
        return replace(self, restarts=self.restarts + 1, reason=reason)

    def after_sending(self, fingerprint: str) -> RedirectLoopGuard:
        """Count a redirect; ``fingerprint`` is any text that identifies it."""
        name = _digest(fingerprint)
        return replace(self, fingerprint=name, times=self.times + 1 if name == self.fingerprint else 1)

    def after_leaving(self, fingerprint: str) -> RedirectLoopGuard:
        """The same, and what went before is over."""
        return replace(self, restarts=0, reason="").after_sending(fingerprint)

    def is_looping(self, fingerprint: str) -> bool:
        """Whether this redirect was tried often enough."""
        return self.times >= SENT_TIMES and self.fingerprint == _digest(fingerprint)


EMPTY_GUARD = RedirectLoopGuard()


def _digest(fingerprint: str) -> str:
    """A short name, so that the cookie holds no address."""
    return hashlib.sha256(fingerprint.encode()).hexdigest()[:16]


def build_restart_stamp() -> str:
    """For the address of a page that is started over: the cookie must come back along with it."""
    return str(int(time.time()))


def is_recent(value: str | None) -> bool:
    """True for a mark that is so young that the cookie cannot have run out."""
    try:
        return abs(time.time() - int(value or "")) < MARK_SECONDS
    except (ValueError, OverflowError):
        return False


def read_guard(request: HttpRequest) -> RedirectLoopGuard:
    """What the cookie says; a missing, old or forged one says nothing."""
    try:
        value = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=SECONDS)
        restarts, reason, fingerprint, times, written = value
        guard = RedirectLoopGuard(int(restarts), str(reason), str(fingerprint), int(times))
        recent = time.time() - float(written) < SENT_SECONDS
    except (signing.BadSignature, ValueError, TypeError):
        return EMPTY_GUARD
    return guard if recent else replace(guard, fingerprint="", times=0)


def write_guard(request: HttpRequest, response: HttpResponse, guard: RedirectLoopGuard) -> None:
    """Keep the guard in the browser, or take it away when there is nothing to remember."""
    if guard != EMPTY_GUARD:
        content = [guard.restarts, guard.reason, guard.fingerprint, guard.times, int(time.time())]
        value = signing.dumps(content, salt=SALT)
        response.set_cookie(
            COOKIE, value, max_age=SECONDS, httponly=True, samesite="Lax", secure=request.is_secure()
        )
    elif COOKIE in request.COOKIES:
        response.delete_cookie(COOKIE, samesite="Lax")
