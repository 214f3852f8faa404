"""Limits the simultaneous calls of one caller; further calls wait for their turn."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["CallerSlots"]


class CallerSlots:
    """At most ``slots`` calls at a time for each caller. Thread-safe."""

    def __init__(self, *, slots: int) -> None:
        self._slots = slots
        self._lock = threading.Lock()
        self._used: dict[Hashable, int] = {}
        self._waiting: dict[Hashable, deque[threading.Event]] = {}

    def take(self, caller: Hashable, *, seconds: float) -> bool:
        """Wait up to ``seconds`` for a slot. Returns whether one was free; then ``give_back`` must follow."""
        with self._lock:
            used = self._used.get(caller, 0)
            if used < self._slots:
                self._used[caller] = used + 1
                return True
            turn = threading.Event()
            self._waiting.setdefault(caller, deque()).append(turn)
        try:
            if turn.wait(seconds):
                return True
        except BaseException:  # this thread is being ended
            if not self._withdraw(caller, turn):
                self.give_back(caller)
            raise
        return not self._withdraw(caller, turn)

    def give_back(self, caller: Hashable) -> None:
        """End the use of a slot. It passes to the call that has waited longest, so that each gets one."""
        with self._lock:
            if caller in self._waiting:
                self._waiting[caller][0].set()
                self._remove(caller, self._waiting[caller][0])
                return
            left = self._used[caller] - 1
            if left:
                self._used[caller] = left
            else:
                del self._used[caller]

    def _withdraw(self, caller: Hashable, turn: threading.Event) -> bool:
        """Stop waiting. Returns False if a slot was passed on at the last moment."""
        with self._lock:
            if turn.is_set():
                return False
            self._remove(caller, turn)
            return True

    def _remove(self, caller: Hashable, turn: threading.Event) -> None:
        self._waiting[caller].remove(turn)
        if not self._waiting[caller]:
            del self._waiting[caller]
