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

__all__ = ["COOKIE", "NO_GUARD", "Guard", "is_recent", "mark", "read_guard", "write_guard"]

COOKIE = "ory_guard"
SALT = "django_ory.selfservice.guard"
SECONDS = 60
MARK_SECONDS = 30

#: Who comes back for the same within this many seconds has not seen a page in between.
SENT_SECONDS = 10
#: How often somebody is sent the same way in a row. A double click, or the way back through the browser's
#: history, comes twice; only a circle never ends. Browsers give up after 16 redirects or more.
SENT_TIMES = 3


@dataclass(frozen=True)
class Guard:
    """``restarts`` in the last minute, ``reason`` of the last; ``way``: a digest of where the visitor was
    just sent, ``times`` in a row.
    """

    restarts: int = 0
    reason: str = ""
    way: str = ""
    times: int = 0

    def after_restart(self, reason: str) -> Guard:
        return replace(self, restarts=self.restarts + 1, reason=reason)

    def after_sending(self, way: str) -> Guard:
        """Somebody is sent this way, which is any text that names it."""
        name = _digest(way)
        return replace(self, way=name, times=self.times + 1 if name == self.way else 1)

    def after_leaving(self, way: str) -> Guard:
        """The same, and what went before is over."""
        return replace(self, restarts=0, reason="").after_sending(way)

    def goes_in_circles(self, way: str) -> bool:
        """This way was tried often enough: another time would not end differently."""
        return self.times >= SENT_TIMES and self.way == _digest(way)


NO_GUARD = Guard()


def _digest(way: str) -> str:
    """A short name, so that the cookie holds no address."""
    return hashlib.sha256(way.encode()).hexdigest()[:16]


def mark() -> str:
    """For the address of a page that is started over: the cookie must come back along with it."""
    return str(int(time.time()))


def is_recent(value: str | None) -> bool:
    """True for a mark that is so young that the cookie cannot have run out."""
    try:
        return abs(time.time() - int(value or "")) < MARK_SECONDS
    except (ValueError, OverflowError):
        return False


def read_guard(request: HttpRequest) -> Guard:
    """What the cookie says; a missing, old or forged one says nothing."""
    try:
        value = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=SECONDS)
        restarts, reason, way, times, written = value
        guard = Guard(int(restarts), str(reason), str(way), int(times))
        recent = time.time() - float(written) < SENT_SECONDS
    except (signing.BadSignature, ValueError, TypeError):
        return NO_GUARD
    return guard if recent else replace(guard, way="", times=0)


def write_guard(request: HttpRequest, response: HttpResponse, guard: Guard) -> None:
    """Keep the guard in the browser, or take it away when there is nothing to remember."""
    if guard != NO_GUARD:
        content = [guard.restarts, guard.reason, guard.way, guard.times, int(time.time())]
        value = signing.dumps(content, salt=SALT)
        response.set_cookie(
            COOKIE, value, max_age=SECONDS, httponly=True, samesite="Lax", secure=request.is_secure()
        )
    elif COOKIE in request.COOKIES:
        response.delete_cookie(COOKIE, samesite="Lax")
