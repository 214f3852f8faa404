"""Rejects the calls of a caller for a while if they fail although the service is up.

An account with a response that is too slow or too large must not occupy a worker with each request.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterable
from typing import NamedTuple

from .expiring_map import ExpiringMap

#: Seconds that a failing caller is rejected.
REJECT_SECONDS = 10.0
#: Seconds after which a failure is forgotten if the caller does not call again.
FORGET_SECONDS = 60.0
MAX_CALLERS = 1_000


class _Failure(NamedTuple):
    at: float  #: the time of the last failure, by the monotonic clock
    rejected_until: float
    trial_until: float = 0.0  #: until then a call of this caller is in progress, and others are rejected


class FailingCallers(ExpiringMap[_Failure]):
    """The failing callers of one process, by any hashable key. Thread-safe."""

    def __init__(self) -> None:
        super().__init__(max_size=MAX_CALLERS)

    def rejects(self, callers: Iterable[Hashable], *, seconds: float) -> bool:
        """Whether a call of these callers must not be sent now. If not, it must end within ``seconds``.

        After a failure a caller has one call at a time.
        """
        now = time.monotonic()
        failures = {each: failure for each in callers if (failure := self.get(each))}
        if any(max(failure.rejected_until, failure.trial_until) > now for failure in failures.values()):
            return True
        for caller, failure in failures.items():
            self.set(caller, failure._replace(trial_until=now + seconds), seconds=FORGET_SECONDS)
        return False

    def record_success(self, callers: Iterable[Hashable]) -> None:
        """Record an answer."""
        for caller in callers:
            self.pop(caller)

    def record_failure(self, callers: Iterable[Hashable], *, since: float, is_own: bool = False) -> None:
        """Record the failure of a call that began at ``since``, by the monotonic clock.

        The second failure in a row rejects the callers for ``REJECT_SECONDS``. Calls that failed side by side
        count once. ``is_own``: the failure can only be the callers' own, so the first one rejects them.
        """
        now = time.monotonic()
        for caller in callers:
            before = self.get(caller)
            is_rejected = is_own or (before is not None and before.at <= since)
            until = now + REJECT_SECONDS if is_rejected else before.rejected_until if before else 0.0
            self.set(caller, _Failure(now, until), seconds=FORGET_SECONDS)
