"""Entries expire, and their number is limited."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

from django_ory.resilience import expiring_map as module
from django_ory.resilience.expiring_map import ExpiringMap

if TYPE_CHECKING:
    import pytest


class Clock:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now


def test_entry_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    entries: ExpiringMap[int] = ExpiringMap(max_size=5)
    entries.set("a", 1, seconds=5)
    assert entries.get("a") == 1
    assert entries.get("b") is None
    clock.now += 5.1
    assert entries.get("a") is None
    assert entries.used_until < clock.now


def test_oldest_entry_makes_room() -> None:
    entries: ExpiringMap[int] = ExpiringMap(max_size=2)
    for key, value in (("a", 1), ("b", 2), ("a", 3), ("c", 4)):
        entries.set(key, value, seconds=5)
    assert [entries.get(key) for key in "abc"] == [3, None, 4]
    entries.pop("a")
    entries.pop("a")
    assert [entries.get(key) for key in "abc"] == [None, None, 4]
    entries.clear()
    assert entries.get("c") is None
    assert entries.used_until == 0


def test_value_is_added_once_until_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    entries: ExpiringMap[int] = ExpiringMap(max_size=2)
    assert entries.add("a", 1, seconds=5)
    assert not entries.add("a", 2, seconds=5)
    assert entries.get("a") == 1
    assert entries.used_until == clock.now + 5
    clock.now += 5.1
    assert [entries.add(key, 3, seconds=5) for key in "abca"] == [True, True, True, True]  # "a" made room
    assert [entries.get(key) for key in "abc"] == [3, None, 3]


def test_one_of_many_threads_adds_a_value() -> None:
    entries: ExpiringMap[int] = ExpiringMap(max_size=10)
    start = Barrier(8)

    def add(number: int) -> bool:
        start.wait(10)
        return entries.add("key", number, seconds=60)

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(add, range(8))) == [False] * 7 + [True]
