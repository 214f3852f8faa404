"""Django's cache on its bad days: whoever asks it gets "nothing" instead of an exception.

A cache that is down is passed by for a while, so that a Redis that hangs costs one request its time and not
all of them; an entry that cannot be read is nothing more than that.
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

from .log_throttle import once_per_window

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.core.cache.backends.base import BaseCache

__all__ = ["PAUSE", "Store"]

T = TypeVar("T")

logger = logging.getLogger("django_ory")

#: Seconds that a cache is passed by after it failed.
PAUSE = 5.0

#: By which backends say that an entry is no pickle of ours.
UNREADABLE = (
    *(ValueError, TypeError, AttributeError, ImportError, LookupError, EOFError, RecursionError),
    *(OverflowError, MemoryError, pickle.PickleError, zlib.error),  # a length that was garbled, too
)
#: The exceptions of the libraries have no common root, and those that are not in use are not imported.
LIBRARIES = (
    ("redis.exceptions", "RedisError"),
    ("pymemcache.exceptions", "MemcacheError"),
    ("pylibmc", "Error"),
)


class Store:
    """One of Django's ``CACHES``, by its name there. Methods never raise because of the cache."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._passed_by_until = 0.0  # by the monotonic clock

    @property
    def is_bypassed(self) -> bool:
        """True for a while after the cache failed."""
        return self._passed_by_until > time.monotonic()

    def get(self, key: str) -> Any:
        """The value, or None."""
        return self._ask(lambda cache: cache.get(key), None)

    def get_many(self, keys: list[str]) -> dict[str, Any]:
        """The values that there are."""
        return self._ask(lambda cache: cache.get_many(keys), {})

    def set(self, key: str, value: Any, seconds: float, *, insist: bool = False) -> bool:
        """Whether the cache took it. ``insist``: try even if the cache failed a moment ago."""
        return self._ask(lambda cache: _set(cache, key, value, seconds), False, insist=insist)

    def add(self, key: str, value: Any, seconds: float) -> bool | None:
        """``set`` unless there is a value: True if there was none, None if the cache does not work."""
        return self._ask(lambda cache: cache.add(key, value, _whole(seconds)), None)

    def delete(self, key: str, *, insist: bool = False) -> bool:
        """Whether the value is gone."""
        return self._ask(lambda cache: _delete(cache, key), False, insist=insist)

    def _ask(self, call: Callable[[BaseCache], Any], otherwise: T, *, insist: bool = False) -> Any | T:
        if self._passed_by_until and self.is_bypassed and not insist:
            return otherwise
        try:
            return call(caches[self.name])
        except UNREADABLE:
            return otherwise
        except _failures() as error:
            self._passed_by_until = time.monotonic() + PAUSE
            once_per_window.warn(
                logger,
                ("cache", self.name),
                "The cache %r does not work (%s). It is passed by, so Kratos is asked more often.",
                self.name,
                type(error).__name__,  # its text may name a host and a password
            )
            return otherwise


def _set(cache: BaseCache, key: str, value: Any, seconds: float) -> bool:
    cache.set(key, value, _whole(seconds))
    return True


def _delete(cache: BaseCache, key: str) -> bool:
    cache.delete(key)
    return True


def _whole(seconds: float) -> int:
    return max(1, round(seconds))


def _failures() -> tuple[type[BaseException], ...]:
    """Everything by which cache backends say that they are down."""
    errors: list[type[BaseException]] = [OSError, DatabaseError, InvalidCacheBackendError]
    for module, name in LIBRARIES:
        error = getattr(sys.modules.get(module), name, None)
        if isinstance(error, type) and issubclass(error, BaseException):
            errors.append(error)
    return tuple(errors)
