"""Limits the simultaneous calls of one caller; further calls wait."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["CallerSlots"]


class CallerSlots:
    """At most ``slots`` calls at a time for each caller. Thread-safe."""

    def __init__(self, *, slots: int) -> None:
        self._slots = slots
        self._changed = threading.Condition(threading.Lock())
        self._used: dict[Hashable, int] = {}
        self._waiting = 0

    def take(self, caller: Hashable, *, seconds: float) -> bool:
        """Wait up to ``seconds`` for a slot. Returns whether one was free; then ``give_back`` must follow."""
        with self._changed:
            free = self._is_free(caller)
            if not free:
                self._waiting += 1
                try:
                    free = self._changed.wait_for(lambda: self._is_free(caller), timeout=seconds)
                finally:
                    self._waiting -= 1
            if free:
                self._used[caller] = self._used.get(caller, 0) + 1
            return free

    def give_back(self, caller: Hashable) -> None:
        """End the use of a slot."""
        with self._changed:
            left = self._used[caller] - 1
            if left:
                self._used[caller] = left
            else:
                del self._used[caller]
            if self._waiting:
                self._changed.notify_all()

    def _is_free(self, caller: Hashable) -> bool:
        return self._used.get(caller, 0) < self._slots
