"""Single flight: collapses concurrent identical calls into one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError, Future
from typing import Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """The calls in progress in this process, by key. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: dict[Hashable, Future[T]] = {}

    def share(self, key: Hashable, call: Callable[[], T], *, wait: float) -> tuple[T, bool]:
        """Return the result of ``call``, and whether another thread made the call.

        After waiting ``wait`` seconds for another thread, the call is made here. Raises what ``call`` raises.
        """
        with self._lock:
            shared = self._calls.get(key)
            if shared is None:
                own: Future[T] = Future()
                self._calls[key] = own
        if shared is None:
            return self._make_call(key, own, call), False
        try:
            return shared.result(timeout=wait), True
        except (TimeoutError, CancelledError):
            return call(), False

    def drop(self, key: Hashable) -> None:
        """Forget the call in progress for a key, so that no caller joins it."""
        with self._lock:
            self._calls.pop(key, None)

    def clear(self) -> None:
        """Forget the calls in progress, so that no caller joins them. Called in the child of a fork."""
        self._lock = threading.Lock()  # another thread may have held the former one at the fork
        self._calls = {}

    def _make_call(self, key: Hashable, own: Future[T], call: Callable[[], T]) -> T:
        try:
            result = call()
        except Exception as error:
            own.set_exception(error)
            raise
        except BaseException:  # this thread is being ended, which does not concern the others
            own.cancel()
            raise
        else:
            own.set_result(result)
            return result
        finally:
            with self._lock:
                if self._calls.get(key) is own:
                    del self._calls[key]
