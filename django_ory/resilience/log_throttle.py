"""At most one warning per minute and cause: an outage of an hour must not fill the disk."""

from __future__ import annotations

import logging
from collections.abc import Hashable

from .expiring_map import ExpiringMap

#: Seconds between two warnings of the same cause, in one process.
LOG_INTERVAL_SECONDS = 60.0
MAX_CAUSES = 1_000


class ThrottledLog(ExpiringMap[bool]):
    """Logs one warning per interval for each cause. Thread-safe."""

    def __init__(self) -> None:
        super().__init__(max_size=MAX_CAUSES)

    def __contains__(self, cause: Hashable) -> bool:
        """Whether the interval of a cause has not ended."""
        return self.get(cause) is not None

    def warn(self, logger: logging.Logger, cause: Hashable, message: str, *args: object) -> None:
        """Log a warning, unless one of the same cause was logged in this interval."""
        if self.add(cause, True, seconds=LOG_INTERVAL_SECONDS):
            logger.warning(message, *args)


throttled_log = ThrottledLog()
