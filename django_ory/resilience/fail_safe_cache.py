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
from typing import Any

from django.core.cache import InvalidCacheBackendError, caches
from django.db import DatabaseError

from .log_throttle import throttled_log

logger = logging.getLogger("django_ory")

#: Seconds that a cache is bypassed after a failure.
BYPASS_SECONDS = 5.0

FAILED = object()

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
        return self._call("get", key, default=None)

    def get_many(self, keys: list[str]) -> dict[str, Any]:
        """Return the values that exist, by key."""
        values: dict[str, Any] = self._call("get_many", keys, default={})
        return values

    def set(self, key: str, value: Any, seconds: float, *, force: bool = False) -> bool:
        """Store a value. Returns whether it was stored. ``force``: also while the cache is bypassed."""
        return self._call("set", key, value, _to_seconds(seconds), default=FAILED, force=force) is not FAILED

    def add(self, key: str, value: Any, seconds: float) -> bool | None:
        """Store a value unless one exists. Returns whether it was stored, None if the cache failed."""
        is_stored: bool | None = self._call("add", key, value, _to_seconds(seconds), default=None)
        return is_stored

    def delete(self, key: str, *, force: bool = False) -> bool:
        """Delete a value. Returns whether none is left. ``force``: also while the cache is bypassed."""
        return self._call("delete", key, default=FAILED, force=force) is not FAILED

    def _call(self, method: str, *arguments: Any, default: Any, force: bool = False) -> Any:
        if self._bypassed_until and self.is_bypassed and not force:
            return default
        try:
            return getattr(caches[self.name], method)(*arguments)
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
