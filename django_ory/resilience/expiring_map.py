"""A bounded in-process mapping with entries that expire."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class ExpiringMap(Generic[T]):
    """At most ``max_size`` entries; the oldest one is dropped for a new one.

    Thread-safe: each step is one atomic operation of a dictionary. Without a lock, a fork needs no care.
    """

    def __init__(self, *, max_size: int) -> None:
        self._max_size = max_size
        self._entries: OrderedDict[Hashable, tuple[T, float]] = OrderedDict()
        self.used_until = 0.0  #: the time at which the last entry expires, by the monotonic clock

    def get(self, key: Hashable) -> T | None:
        """Return the value, or None if it is missing or expired."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry[1] > time.monotonic():
            return entry[0]
        self.pop(key)
        return None

    def set(self, key: Hashable, value: T, *, seconds: float) -> None:
        """Store a value for so many seconds."""
        until = time.monotonic() + seconds
        self.used_until = max(self.used_until, until)
        self._entries.pop(key, None)
        self._entries[key] = (value, until)
        if len(self._entries) > self._max_size:
            self._entries.popitem(last=False)

    def add(self, key: Hashable, value: T, *, seconds: float) -> bool:
        """Store a value for so many seconds, unless there is one. Returns whether it was stored."""
        if self.get(key) is not None:
            return False
        entry = (value, time.monotonic() + seconds)
        self.used_until = max(self.used_until, entry[1])
        is_stored = self._entries.setdefault(key, entry) is entry
        if len(self._entries) > self._max_size:
            self._entries.popitem(last=False)
        return is_stored

    def pop(self, key: Hashable) -> None:
        """Drop the value, if there is one."""
        self._entries.pop(key, None)

    def clear(self) -> None:
        """Drop everything."""
        self._entries.clear()
        self.used_until = 0.0
