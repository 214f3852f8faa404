"""Circuit breaker: while a service hangs, calls to it fail at once instead of each waiting for a timeout.

Failed calls only start a probe, and only a failed probe opens the circuit. Thus the failing calls of one
caller do not affect others.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Thread


class CircuitBreaker:
    """The circuit breaker of one service. Thread-safe without a lock, so a fork needs no care.

    Args:
        probe: Returns True if the service answers. It runs in a thread of its own and must not raise.
        probe_seconds: The longest time that the probe takes.
        retry_seconds: Seconds between two probes. 0 turns the circuit breaker off.

    """

    def __init__(self, probe: Callable[[], bool], *, probe_seconds: float, retry_seconds: float) -> None:
        self._probe = probe
        self._probe_seconds = probe_seconds
        self._retry_seconds = retry_seconds
        #: True if every call is allowed: the normal case. False from a failure until a probe succeeds.
        self.is_closed = True
        self._thread: Thread | None = None  # of the last probe
        # By the monotonic clock:
        self._next_probe_at = 0.0
        self._open_until = 0.0  # a failed probe counts that long; without calls nothing starts another one

    def allows_calls(self, *, wait: float) -> bool:
        """Whether calls may be sent. While the circuit is open, this starts a probe from time to time.

        After a failure, until the probe ends, this waits up to ``wait`` seconds for the result.
        """
        if self.is_closed:
            return True
        self._start_probe()
        if time.monotonic() < self._open_until:
            return False
        if self._thread is not None:
            self._thread.join(min(wait, self._probe_seconds))
        return self.is_closed

    def record_failure(self) -> None:
        """Record that the service did not answer a call. Starts a probe, unless one was started just now."""
        if self._retry_seconds:
            self._start_probe()

    def _start_probe(self) -> None:
        now = time.monotonic()
        # A thread of the parent of a fork is not alive here.
        if now < self._next_probe_at or (self._thread is not None and self._thread.is_alive()):
            return
        self._next_probe_at = now + self._retry_seconds

        def run() -> None:
            # In this order, and here: a thread that has not started yet cannot be waited for.
            self._thread, self.is_closed = thread, False
            if self._probe():
                self._open_until, self.is_closed = 0.0, True
            else:
                self._open_until = time.monotonic() + 2 * self._retry_seconds + self._probe_seconds

        thread = Thread(target=run, name="circuit-breaker", daemon=True)
        try:
            thread.start()
            self._thread = thread
        except RuntimeError:  # no more threads: nothing is known about the service
            self.is_closed = True
