"""The pace of the calls of a sync: slower before Ory's rate limit, a wait after a 429.

Self-hosted servers have no limits. Those of Ory Network count the calls of the whole project, so a sync
leaves a part of each limit to the site.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping

from django_ory.client import OryRateLimited
from django_ory.client.rate_limits import parse_rate_limit

__all__ = ["Pacer", "TimeLimitReached"]

logger = logging.getLogger("django_ory.mirror")

MAX_SHARE = 0.5  # of each rate limit; the other half is left for sign-ins and staff
MAX_REJECTIONS = 6  # rejected calls in a row
MAX_WAIT_SECONDS = 120.0
MIN_LOGGED_SECONDS = 1.0


class TimeLimitReached(Exception):
    """The next call would be later than the sync may take, or the sync was canceled."""


class Pacer:
    """Decides when the next call may be sent.

    Args:
        alias: The project, for the log.
        seconds: The time that all calls and waits may take; None for no limit.
        clock: Returns seconds.
        sleep: Waits for a number of seconds, or until ``cancel``; returns whether it was canceled.
    """

    def __init__(
        self,
        alias: str,
        *,
        seconds: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], bool] | None = None,
    ) -> None:
        self._alias, self._clock = alias, clock
        self._canceled = threading.Event()
        self._sleep = sleep or self._canceled.wait
        self._end = None if seconds is None else clock() + seconds
        self._called_at = self._next_at = clock()
        self._rejections = 0
        self.waited_seconds = 0.0

    def cancel(self) -> None:
        """End the present wait, and all later ones, with TimeLimitReached."""
        self._canceled.set()

    def is_late(self) -> bool:
        """Return whether the time limit has passed."""
        return self._end is not None and self._clock() >= self._end

    def wait(self) -> None:
        """Wait until the next call may be sent. Raises TimeLimitReached at once if that is too late."""
        seconds = self._next_at - self._clock()
        if self._canceled.is_set() or (self._end is not None and seconds > 0 and self._next_at >= self._end):
            raise TimeLimitReached
        if seconds > 0:
            if seconds >= MIN_LOGGED_SECONDS:
                logger.info(
                    "Sync of project %s waits %.0f seconds for Ory's rate limit.", self._alias, seconds
                )
            self.waited_seconds += seconds
            if self._sleep(seconds):
                raise TimeLimitReached
        self._called_at = self._clock()

    def record(self, headers: Mapping[str, str]) -> None:
        """Read the rate limit from the headers of a success."""
        self._rejections = 0
        limit = parse_rate_limit(headers)
        if limit is None:
            return
        self._next_at = self._called_at + min(limit.seconds_per_call / MAX_SHARE, MAX_WAIT_SECONDS)
        if limit.remaining is not None and limit.reset:
            reserved = (limit.limit or 0) * (1 - MAX_SHARE)
            if limit.remaining <= reserved:
                reset_at = self._clock() + min(limit.reset, MAX_WAIT_SECONDS)
                self._next_at = max(self._next_at, reset_at)

    def back_off(self, error: OryRateLimited) -> None:
        """Let the next call wait after a rejected one. Raises ``error`` if that would take too long."""
        self._rejections += 1
        seconds = max(error.retry_after or 0.0, 2.0 ** (self._rejections - 1))
        if self._rejections > MAX_REJECTIONS or seconds > MAX_WAIT_SECONDS:
            raise error
        logger.warning(
            "Sync of project %s: Ory's rate limit was reached; the next call is sent in %.0f seconds.",
            self._alias,
            seconds,
        )
        self._next_at = self._clock() + seconds
