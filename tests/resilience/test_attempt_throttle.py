"""Attempts are limited per key and window, and none is allowed while the cache does not work."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import caches

from django_ory.resilience.attempt_throttle import AttemptThrottle
from django_ory.resilience.fail_safe_cache import FailSafeCache


@pytest.fixture(autouse=True)
def empty_cache(settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    caches["default"].clear()


class RecordingCache(FailSafeCache):
    """A cache with a list of the added keys and their seconds."""

    def __init__(self) -> None:
        super().__init__("default")
        self.added: list[tuple[str, float]] = []

    def add(self, key: str, value: Any, seconds: float) -> bool | None:
        self.added.append((key, seconds))
        return super().add(key, value, seconds)


def build_throttle(name: str = "codes", *, limit: int = 3, cache: str = "default") -> AttemptThrottle:
    return AttemptThrottle(FailSafeCache(cache), name=name, limit=limit, seconds=300)


def test_attempt_after_limit_is_refused() -> None:
    throttle = build_throttle()
    assert [throttle.take("default", "192.0.2.1") for _ in range(5)] == [True, True, True, False, False]


def test_other_instance_shares_counts() -> None:
    assert [build_throttle().take("a") for _ in range(4)] == [True, True, True, False]


@pytest.mark.parametrize("key", [("b",), ("a", ""), ("a,b",), ("a" * 10_000 + "\n\0\ud800",)])
def test_other_key_has_counts_of_its_own(key: tuple[str, ...]) -> None:
    throttle = build_throttle(limit=1)
    assert throttle.take("a", "b")
    assert throttle.take(*key)
    assert not throttle.take("a", "b")
    assert not throttle.take(*key)


def test_other_name_has_counts_of_its_own() -> None:
    assert build_throttle("codes", limit=1).take("a")
    assert build_throttle("clients", limit=1).take("a")


def test_expired_attempt_makes_room_for_one() -> None:
    cache = RecordingCache()
    throttle = AttemptThrottle(cache, name="codes", limit=2, seconds=300)
    assert [throttle.take("a") for _ in range(3)] == [True, True, False]
    assert [seconds for _, seconds in cache.added] == [300, 300]
    cache.delete(cache.added[0][0])  # as an expiry does
    assert [throttle.take("a") for _ in range(2)] == [True, False]


def test_entry_that_another_process_takes_is_not_counted_twice() -> None:
    throttle = build_throttle(limit=2)
    throttle.cache.get_many = lambda keys: {}  # type: ignore[method-assign]  # read before the other process
    assert [throttle.take("a") for _ in range(3)] == [True, True, False]


def test_cache_that_fails_allows_nothing(settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "no.such.Backend"}}
    throttle = build_throttle()
    assert [throttle.take("a") for _ in range(3)] == [False, False, False]


def test_key_is_not_stored_in_clear_text() -> None:
    cache = RecordingCache()
    AttemptThrottle(cache, name="codes", limit=2, seconds=300).take("default", "secret-code")
    ((key, _),) = cache.added
    assert key.startswith("django_ory:")
    assert "secret-code" not in key
