"""At most one warning per minute and cause: an outage of an hour must not fill the disk."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Hashable

from .fork import call_in_child

#: Seconds between two warnings of the same cause, in one process.
LOG_INTERVAL_SECONDS = 60.0
MAX_CAUSES = 1_000


class ThrottledLog:
    """Logs one warning per interval for each cause. Thread-safe."""

    def __init__(self) -> None:
        self._until: dict[Hashable, float] = {}
        self._lock = threading.Lock()

    def __contains__(self, cause: Hashable) -> bool:
        """Whether the interval of a cause has not ended."""
        return self._until.get(cause, 0.0) > time.monotonic()

    def start_interval(self, cause: Hashable) -> bool:
        """Start the interval of a cause. Returns False if the last one has not ended."""
        with self._lock:
            now = time.monotonic()
            if self._until.get(cause, 0.0) > now:
                return False
            if len(self._until) >= MAX_CAUSES:
                self._until = {key: until for key, until in self._until.items() if until > now}
            if len(self._until) < MAX_CAUSES:
                self._until[cause] = now + LOG_INTERVAL_SECONDS
            return True

    def warn(self, logger: logging.Logger, cause: Hashable, message: str, *args: object) -> None:
        """Log a warning, unless one of the same cause was logged in this interval."""
        if self.start_interval(cause):
            logger.warning(message, *args)

    def clear(self) -> None:
        """Forget every cause. Called by tests and in the child of a fork."""
        self._lock = threading.Lock()  # another thread may have held the former one at the fork
        self._until = {}


throttled_log = ThrottledLog()
call_in_child(throttled_log.clear)
