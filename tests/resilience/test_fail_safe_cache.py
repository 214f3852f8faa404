"""An unavailable or slow cache, or one with invalid entries, raises no exception."""

from __future__ import annotations

import pickle
import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache.backends.locmem import LocMemCache

from django_ory.resilience import fail_safe_cache as module
from django_ory.resilience.fail_safe_cache import BYPASS_SECONDS, FailSafeCache

if TYPE_CHECKING:
    from collections.abc import Callable


class RedisError(Exception):
    """The exceptions of cache libraries have no common root."""


class Broken:
    """A backend with methods that always raise."""

    def __init__(self, error: type[Exception]) -> None:
        self.error = error
        self.calls = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def fail(*_: object, **__: object) -> None:
            self.calls += 1
            raise self.error("redis://:hunter2@cache.internal is down")

        return fail


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[type[Exception]], Broken]:
    library = ModuleType("redis.exceptions")
    library.RedisError = RedisError  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "redis.exceptions", library)

    def put(error: type[Exception]) -> Broken:
        backend = Broken(error)
        monkeypatch.setattr(module, "caches", {"default": backend})
        return backend

    return put


@pytest.mark.parametrize("error", [OSError, pickle.UnpicklingError, AttributeError, RedisError])
def test_unexpected_http_method_has_no_route(
    broken: Callable[[type[Exception]], Broken], error: type[Exception]
) -> None:
    broken(error)
    assert FailSafeCache("default").get("k") is None
    assert FailSafeCache("default").get_many(["k"]) == {}
    assert FailSafeCache("default").set("k", 1, 1) is False
    assert FailSafeCache("default").add("k", 1, 1) is None
    assert FailSafeCache("default").delete("k") is False


def test_failed_cache_is_bypassed(
    broken: Callable[[type[Exception]], Broken],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    backend = broken(RedisError)
    store = FailSafeCache("default")
    now = 1_000.0
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now))
    for _ in range(5):
        store.get("k")
    assert backend.calls == 1
    store.set("k", 1, 1, force=True)
    assert backend.calls == 2
    now += BYPASS_SECONDS
    store.get("k")
    assert backend.calls == 3
    assert caplog.text.count("RedisError") == 1
    assert "hunter2" not in caplog.text


def test_unreadable_entry_is_missing(
    broken: Callable[[type[Exception]], Broken], caplog: pytest.LogCaptureFixture
) -> None:
    backend = broken(pickle.UnpicklingError)
    store = FailSafeCache("default")
    store.get("k")
    store.get("k")
    assert backend.calls == 2
    assert not caplog.records


@pytest.mark.parametrize("garbled", [b"\x80\x05\x95" + b"\xff" * 8, b"\x80\x05\x8e" + b"\xff" * 8])
def test_entry_with_garbled_length_is_missing(monkeypatch: pytest.MonkeyPatch, garbled: bytes) -> None:
    with pytest.raises((OverflowError, MemoryError)):
        pickle.loads(garbled)
    monkeypatch.setattr(LocMemCache, "get", lambda *_: pickle.loads(garbled))
    assert FailSafeCache("default").get("k") is None


def test_unknown_error_of_the_library_is_raised(
    broken: Callable[[type[Exception]], Broken],
) -> None:
    broken(ZeroDivisionError)
    with pytest.raises(ZeroDivisionError):
        FailSafeCache("default").get("k")


ENTRY = pickle.dumps({"an": ["entry", 1.5, None]})


@pytest.mark.parametrize("length", range(len(ENTRY)))
def test_entry_that_was_cut_off_is_missing_and_the_cache_stays_in_use(
    monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    backend: Any = LocMemCache("cut off", {})
    backend.set("k", 1)
    backend._cache[backend.make_key("k")] = ENTRY[:length]
    monkeypatch.setattr(module, "caches", {"default": backend})
    store = FailSafeCache("default")
    assert store.get("k") is None
    assert not store.is_bypassed
