"""Single flight: of many who want to know the same at the same moment, one asks and all hear the answer."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError, Future
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

__all__ = ["Flights"]

T = TypeVar("T")


class Flights(Generic[T]):
    """Calls under way in this process, by key. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flights: dict[Hashable, Future[T]] = {}

    def share(self, key: Hashable, call: Callable[[], T], *, wait: float) -> tuple[T, bool]:
        """The outcome of ``call``, and whether it was somebody else's. After ``wait`` seconds we call
        ourselves.
        """
        with self._lock:
            flight = self._flights.get(key)
            if flight is None:
                own: Future[T] = Future()
                self._flights[key] = own
        if flight is None:
            return self._fly(key, own, call), False
        try:
            return flight.result(timeout=wait), True
        except (TimeoutError, CancelledError):
            return call(), False

    def drop(self, key: Hashable) -> None:
        """Let nobody join the flight that is under way."""
        with self._lock:
            self._flights.pop(key, None)

    def clear(self) -> None:
        """Forget the calls in progress, so that no caller joins them. The child of a fork calls it."""
        self._lock = threading.Lock()  # another thread may have held the former one at the fork
        self._flights = {}

    def _fly(self, key: Hashable, own: Future[T], call: Callable[[], T]) -> T:
        try:
            outcome = call()
        except Exception as error:
            own.set_exception(error)
            raise
        except BaseException:  # this thread is being ended, which is nothing to the others
            own.cancel()
            raise
        else:
            own.set_result(outcome)
            return outcome
        finally:
            with self._lock:
                if self._flights.get(key) is own:
                    del self._flights[key]
