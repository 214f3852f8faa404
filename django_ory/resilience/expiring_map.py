"""A bounded in-process mapping whose entries expire."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["ExpiringMap"]

T = TypeVar("T")


class ExpiringMap(Generic[T]):
    """At most ``max_size`` entries; the oldest one is dropped for a new one. Thread-safe."""

    def __init__(self, *, max_size: int) -> None:
        self._max_size = max_size
        self._lock = threading.Lock()
        self._entries: dict[Hashable, tuple[T, float]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable) -> T | None:
        """The value, or None if it is missing or expired."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry[1] > time.monotonic():
            return entry[0]
        self.pop(key)
        return None

    def set(self, key: Hashable, value: T, *, seconds: float) -> None:
        """Store a value for so many seconds."""
        with self._lock:
            self._entries.pop(key, None)
            if len(self._entries) >= self._max_size:
                del self._entries[next(iter(self._entries))]
            self._entries[key] = (value, time.monotonic() + seconds)

    def pop(self, key: Hashable) -> None:
        """Drop the value, if there is one."""
        with self._lock:
            self._entries.pop(key, None)

    def clear(self) -> None:
        """Drop everything."""
        with self._lock:
            self._entries.clear()
