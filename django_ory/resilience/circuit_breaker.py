"""Circuit breaker: while a service hangs, calls to it fail at once instead of each waiting for a timeout.

A single caller cannot open it for everyone: the first failure only starts a probe. The circuit opens if the
probe fails or if another caller fails as well.
"""

from __future__ import annotations

import contextlib
import time
from enum import Enum
from threading import Lock, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

__all__ = ["CircuitBreaker"]


class _State(Enum):
    CLOSED = "closed"  #: every call is allowed
    SUSPECTED = "suspected"  #: one caller failed and a probe is running; only that caller is rejected
    OPEN = "open"  #: every call is rejected


class CircuitBreaker:
    """The circuit breaker of one service. Thread-safe; usable in the child of a fork.

    Args:
        probe: Returns True if the service answers. It runs in a separate thread and must not raise.
        probe_seconds: The longest time that the probe takes.
        retry_seconds: Seconds between two probes of an open circuit. 0 turns the circuit breaker off.

    """

    def __init__(self, probe: Callable[[], bool], *, probe_seconds: float, retry_seconds: float) -> None:
        self._probe = probe
        self._retry_seconds = retry_seconds
        #: After this time without the result of a probe, a call replaces the probe: there was no traffic, or
        #: this server does not run threads.
        self._max_wait = 2 * retry_seconds + probe_seconds
        self._lock = Lock()
        self._state = _State.CLOSED
        self._suspect: Hashable = None
        self._thread: Thread | None = None
        # By the monotonic clock:
        self._answered_at = 0.0  #: the last answer of the service
        self._checked_at = 0.0  #: the start of the last probe, or of the call that replaced one

    @property
    def is_closed(self) -> bool:
        """True if every call is allowed."""
        return self._state is _State.CLOSED

    @property
    def is_open(self) -> bool:
        """True if every call is rejected."""
        return self._state is _State.OPEN

    @property
    def answered_at(self) -> float:
        """The time of the last answer, by the monotonic clock."""
        return self._answered_at

    def allows(self, caller: Hashable = None) -> bool:
        """Whether the caller may call the service now. May start a probe in the background."""
        if self.is_closed:
            return True
        with self._lock:
            now = time.monotonic()
            age = now - self._checked_at
            if self._state is _State.CLOSED:
                return True
            if self._state is _State.SUSPECTED:
                return caller != self._suspect or age > self._max_wait
            if age > self._max_wait:
                self._checked_at = now
                return True
            if age >= self._retry_seconds:
                self._start_probe(now)
        return False

    def succeeded(self) -> None:
        """Record an answer of the service: it is up."""
        self._answered_at = time.monotonic()
        if self._state is not _State.CLOSED:
            with self._lock:
                self._state, self._suspect = _State.CLOSED, None

    def failed(self, caller: Hashable = None, *, since: float) -> None:
        """Record that the service did not answer a call that began at ``since``, by the monotonic clock.

        A failure counts only if the service has answered no other call meanwhile. ``caller``: the caller of
        the failed call. None: the call depends on no caller, and its failure alone opens the circuit.
        """
        if not self._retry_seconds:
            return
        with self._lock:
            if self._answered_at > since or self._state is _State.OPEN:
                return
            if caller is None or (self._state is _State.SUSPECTED and caller != self._suspect):
                self._state, self._suspect = _State.OPEN, None
            else:
                self._state, self._suspect = _State.SUSPECTED, caller
            self._start_probe(time.monotonic())

    def _start_probe(self, now: float) -> None:
        """Start a probe unless one is running. A thread of the parent of a fork is not alive here."""
        if self._thread is None or not self._thread.is_alive():
            self._checked_at = now
            thread = Thread(target=self._run_probe, name="circuit-breaker", daemon=True)
            with contextlib.suppress(RuntimeError):  # no more threads: a call replaces it after _max_wait
                thread.start()
                self._thread = thread

    def _run_probe(self) -> None:
        if self._probe():
            self.succeeded()
            return
        with self._lock:
            if self._state is _State.SUSPECTED:
                self._state, self._suspect = _State.OPEN, None
