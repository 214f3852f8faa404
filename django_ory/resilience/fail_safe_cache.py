"""Wrapper around a Django cache that returns a default instead of raising.

After a failure the cache is bypassed for a few seconds, so a Redis that hangs delays one request only. An
entry that cannot be read counts as missing.
"""

from __future__ import annotations

import logging
import pickle
import sys
import time
import zlib
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.cache import InvalidCacheBackendError, caches
from django.db import DatabaseError

from .log_throttle import throttled_log

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.core.cache.backends.base import BaseCache

__all__ = ["BYPASS_SECONDS", "FailSafeCache"]

T = TypeVar("T")

logger = logging.getLogger("django_ory")

#: Seconds that a cache is bypassed after a failure.
BYPASS_SECONDS = 5.0

#: Errors of backends for an entry that is not a valid pickle.
ENTRY_ERRORS = (
    *(ValueError, TypeError, AttributeError, ImportError, LookupError, EOFError, RecursionError),
    *(OverflowError, MemoryError, pickle.PickleError, zlib.error),  # a length that was garbled, too
)
#: Base classes of the errors of cache libraries. A library that is not in use is not imported.
LIBRARY_ERRORS = (
    ("redis.exceptions", "RedisError"),
    ("pymemcache.exceptions", "MemcacheError"),
    ("pylibmc", "Error"),
)


class FailSafeCache:
    """One of Django's ``CACHES``, by its name there. Methods never raise because of the cache."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._bypassed_until = 0.0  # by the monotonic clock

    @property
    def is_bypassed(self) -> bool:
        """True for ``BYPASS_SECONDS`` after a failure."""
        return self._bypassed_until > time.monotonic()

    def get(self, key: str) -> Any:
        """Return the value, or None."""
        return self._run(lambda cache: cache.get(key), None)

    def get_many(self, keys: list[str]) -> dict[str, Any]:
        """Return the values that exist, by key."""
        return self._run(lambda cache: cache.get_many(keys), {})

    def set(self, key: str, value: Any, seconds: float, *, force: bool = False) -> bool:
        """Store a value. Returns whether it was stored. ``force``: also while the cache is bypassed."""
        return self._run(lambda cache: _set(cache, key, value, seconds), False, force=force)

    def add(self, key: str, value: Any, seconds: float) -> bool | None:
        """Store a value unless one exists. Returns whether it was stored, None if the cache failed."""
        return self._run(lambda cache: cache.add(key, value, _to_seconds(seconds)), None)

    def delete(self, key: str, *, force: bool = False) -> bool:
        """Delete a value. Returns whether none is left. ``force``: also while the cache is bypassed."""
        return self._run(lambda cache: _delete(cache, key), False, force=force)

    def _run(self, call: Callable[[BaseCache], Any], default: T, *, force: bool = False) -> Any | T:
        if self._bypassed_until and self.is_bypassed and not force:
            return default
        try:
            return call(caches[self.name])
        except ENTRY_ERRORS:
            return default
        except _backend_errors() as error:
            self._bypassed_until = time.monotonic() + BYPASS_SECONDS
            throttled_log.warn(
                logger,
                ("cache", self.name),
                "Cache %r failed (%s); session cache bypassed for %d seconds.",
                self.name,
                type(error).__name__,  # its text may contain a host and a password
                BYPASS_SECONDS,
            )
            return default


def _set(cache: BaseCache, key: str, value: Any, seconds: float) -> bool:
    cache.set(key, value, _to_seconds(seconds))
    return True


def _delete(cache: BaseCache, key: str) -> bool:
    cache.delete(key)
    return True


def _to_seconds(seconds: float) -> int:
    return max(1, round(seconds))


def _backend_errors() -> tuple[type[BaseException], ...]:
    """Return the errors that backends raise if the cache does not work."""
    errors: list[type[BaseException]] = [OSError, DatabaseError, InvalidCacheBackendError]
    for module, name in LIBRARY_ERRORS:
        error = getattr(sys.modules.get(module), name, None)
        if isinstance(error, type) and issubclass(error, BaseException):
            errors.append(error)
    return tuple(errors)
