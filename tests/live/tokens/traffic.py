"""Callers that send requests without a pause, each in a thread, and the statuses of their responses."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Self

from django.db import connections

__all__ = ["Traffic", "wait_until"]

PAUSE_SECONDS = 0.01


class Traffic:
    """``with Traffic(user=call, machine=other_call):`` repeats each call until the end of the block.

    A call returns a status.
    """

    def __init__(self, **calls: Callable[[], int]) -> None:
        self._statuses: dict[str, list[int]] = {name: [] for name in calls}
        self._errors: list[Exception] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._repeat, args=item) for item in calls.items()]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
        if self._errors:
            raise self._errors[0]

    @property
    def statuses(self) -> dict[str, set[int]]:
        """The different statuses of each caller."""
        return {name: set(values) for name, values in self._statuses.items()}

    def wait_for_more(self, count: int) -> None:
        """Wait until every caller has got so many more responses."""
        wanted = {name: len(values) + count for name, values in self._statuses.items()}
        wait_until(
            lambda: self._errors or all(len(self._statuses[name]) >= wanted[name] for name in wanted),
            seconds=30,
        )

    def _repeat(self, name: str, call: Callable[[], int]) -> None:
        try:
            while not self._stop.wait(PAUSE_SECONDS):
                self._statuses[name].append(call())
        except Exception as error:  # noqa: BLE001  (raised at the end of the block)
            self._errors.append(error)
        finally:
            connections.close_all()


def wait_until(condition: Callable[[], object], *, seconds: float) -> None:
    """Wait for a condition. AssertionError after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} seconds"
        time.sleep(0.02)
