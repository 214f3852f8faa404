"""Guard against redirect loops: a signed cookie that lives for a minute.

The cookie counts the restarts of a page with their reason, and the repeats of a redirect without a page in
between. Without the guard, a browser that blocks Kratos' cookies or does not send them to this site would be
redirected between Kratos and the site without end.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django_ory.http.signed_cookies import SignedCookie

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["EMPTY_GUARD", "GUARD_COOKIE", "RedirectLoopGuard", "build_restart_stamp", "is_recent_stamp"]

GUARD_COOKIE = SignedCookie("ory_guard", "django_ory.selfservice.guard", seconds=60)
RESTART_STAMP_SECONDS = 30

#: A redirect that is repeated within this time is counted.
REPEAT_SECONDS = 10
#: A double click or the back button repeats a redirect once. Browsers stop after 16 redirects or more.
MAX_REPEATS = 3


@dataclass(frozen=True)
class RedirectLoopGuard:
    """``restarts`` in the last minute and the ``reason`` of the last one.

    ``fingerprint``: a digest of the last redirect, made ``repeats`` times in a row. The cookie has no URL.
    """

    restarts: int = 0
    reason: str = ""
    fingerprint: str = ""
    repeats: int = 0

    @classmethod
    def from_request(cls, request: HttpRequest) -> RedirectLoopGuard:
        """Read the cookie. A missing, expired or forged one gives an empty guard."""
        try:
            restarts, reason, fingerprint, repeats, written_at = GUARD_COOKIE.read(request)
            guard = cls(int(restarts), str(reason), str(fingerprint), int(repeats))
            is_recent = time.time() - float(written_at) < REPEAT_SECONDS
        except (ValueError, TypeError):
            return EMPTY_GUARD
        return guard if is_recent else replace(guard, fingerprint="", repeats=0)

    def save(self, request: HttpRequest, response: HttpResponse) -> None:
        """Set the cookie. For an empty guard, delete the cookie."""
        if self == EMPTY_GUARD:
            GUARD_COOKIE.delete(request, response)
            return
        value = [self.restarts, self.reason, self.fingerprint, self.repeats, int(time.time())]
        GUARD_COOKIE.save(request, response, value)

    def after_restart(self, reason: str) -> RedirectLoopGuard:
        return replace(self, restarts=self.restarts + 1, reason=reason)

    def after_redirect(self, name: str) -> RedirectLoopGuard:
        """Count a redirect, identified by any text."""
        fingerprint = _digest(name)
        repeats = self.repeats + 1 if fingerprint == self.fingerprint else 1
        return replace(self, fingerprint=fingerprint, repeats=repeats)

    def after_redirect_back(self, name: str) -> RedirectLoopGuard:
        """Count a redirect away from the page, which ends its restarts."""
        return replace(self, restarts=0, reason="").after_redirect(name)

    def is_looping(self, name: str) -> bool:
        """Whether this redirect was made so often in a row that another one would have the same result."""
        return self.repeats >= MAX_REPEATS and self.fingerprint == _digest(name)


EMPTY_GUARD = RedirectLoopGuard()


def build_restart_stamp() -> str:
    """Return a time stamp for the URL of a restart. The guard's cookie must be sent with this URL."""
    return str(int(time.time()))


def is_recent_stamp(value: str | None) -> bool:
    """Whether a time stamp is so recent that the guard's cookie cannot have expired."""
    try:
        return abs(time.time() - int(value or "")) < RESTART_STAMP_SECONDS
    except (ValueError, OverflowError):
        return False


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:16]
