"""Callers whose calls fail although the service answers others: their next calls are rejected for a while.

One account that the service answers too slowly, or with too much, must not hold a worker with each request.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .expiring_map import ExpiringMap

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

__all__ = ["FailingCallers"]

#: Seconds that a failing caller is rejected.
REJECT_SECONDS = 10.0
#: Seconds after which a failure is forgotten if the caller does not call again.
FORGET_SECONDS = 60.0
MAX_CALLERS = 1_000


@dataclass
class _Failure:
    at: float  #: the time of the last failure, by the monotonic clock
    rejected_until: float
    trial_until: float = 0.0  #: until then, a call of this caller is in progress and no other is allowed


class FailingCallers:
    """The failing callers of one process, by any hashable key. Thread-safe.

    After a failure a caller has one call at a time. After a second failure, or the first one that can only be
    the caller's own, all calls are rejected for ``REJECT_SECONDS``.
    """

    def __init__(self) -> None:
        self._failures: ExpiringMap[_Failure] = ExpiringMap(max_size=MAX_CALLERS)
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return len(self._failures) > 0

    def allow(self, callers: Iterable[Hashable], *, seconds: float) -> bool:
        """Whether these callers may call now; if so, the call is expected to end within ``seconds``."""
        now = time.monotonic()
        with self._lock:
            failures = [failure for caller in callers if (failure := self._failures.get(caller))]
            if any(failure.rejected_until > now or failure.trial_until > now for failure in failures):
                return False
            for failure in failures:
                failure.trial_until = now + seconds
        return True

    def succeeded(self, callers: Iterable[Hashable]) -> None:
        """Record an answer."""
        for caller in callers:
            self._failures.pop(caller)

    def reject(self, callers: Iterable[Hashable]) -> None:
        """Record a failure that can only be the callers' own, such as an answer that is too large."""
        now = time.monotonic()
        for caller in callers:
            self._failures.set(caller, _Failure(now, now + REJECT_SECONDS), seconds=FORGET_SECONDS)

    def failed(self, callers: Iterable[Hashable], *, since: float, answered_at: float) -> None:
        """Record the failure of a call that began at ``since``; ``answered_at``: the service's last answer.

        The failure is the callers' own if an earlier call of theirs failed, too, and the service answered
        another caller between the two failures. Both times are by the monotonic clock.
        """
        now = time.monotonic()
        for caller in callers:
            before = self._failures.get(caller)
            rejected_until = before.rejected_until if before else 0.0
            if before and before.at <= since and before.at < answered_at:
                rejected_until = now + REJECT_SECONDS
            self._failures.set(caller, _Failure(now, rejected_until), seconds=FORGET_SECONDS)

    def clear(self) -> None:
        """Forget every failure."""
        self._failures.clear()
