"""One warning per minute and cause: a Kratos that is down for an hour must not fill the disk."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from django_ory.resilience.fork import call_in_child

if TYPE_CHECKING:
    import logging
    from collections.abc import Hashable

__all__ = ["WINDOW", "Windows", "once_per_window"]

#: Seconds between two warnings of the same cause, in one process.
WINDOW = 60.0
MAX_CAUSES = 1_000


class Windows:
    """Which causes were told of a short while ago. Thread-safe."""

    def __init__(self) -> None:
        self._until: dict[Hashable, float] = {}
        self._lock = threading.Lock()

    def __contains__(self, cause: Hashable) -> bool:
        return self._until.get(cause, 0.0) > time.monotonic()

    def enter(self, cause: Hashable) -> bool:
        """Open a window for a cause. False if it is still open."""
        with self._lock:
            now = time.monotonic()
            if self._until.get(cause, 0.0) > now:
                return False
            if len(self._until) >= MAX_CAUSES:
                self._until = {key: until for key, until in self._until.items() if until > now}
            if len(self._until) < MAX_CAUSES:
                self._until[cause] = now + WINDOW
            return True

    def warn(self, logger: logging.Logger, cause: Hashable, message: str, *args: object) -> None:
        """Log a warning unless the window of its cause is open."""
        if self.enter(cause):
            logger.warning(message, *args)

    def clear(self) -> None:
        """Forget everything. Tests and the child of a fork call it."""
        self._lock = threading.Lock()  # another thread may have held the former one at the fork
        self._until = {}


once_per_window = Windows()
call_in_child(once_per_window.clear)
