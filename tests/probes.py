"""Probes of circuit breakers that tests run explicitly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from django_ory.resilience import circuit_breaker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Probes", "probes"]


class Probes:
    """Replaces ``Thread`` in the circuit breaker. ``dead``: threads end without running the probe."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], object]] = []
        self.started = 0
        self.dead = False

    def __call__(self, *, target: Callable[[], object], name: str, daemon: bool) -> _Probe:
        assert daemon
        return _Probe(self, target)

    def run(self) -> None:
        """Run the probes that were started."""
        while self.waiting:
            self.waiting.pop(0)()


class _Probe:
    def __init__(self, probes: Probes, target: Callable[[], object]) -> None:
        self.probes, self.target = probes, target

    def start(self) -> None:
        self.probes.started += 1
        self.probes.waiting.append(self.target)

    def join(self, timeout: float) -> None:
        """Return at once, as after a timeout of the join."""

    def is_alive(self) -> bool:
        return self.target in self.probes.waiting and not self.probes.dead


@pytest.fixture(autouse=True)
def probes() -> Iterator[Probes]:
    """Probes run only by ``probes.run()``."""
    probes = Probes()
    with (
        pytest.MonkeyPatch.context() as patch
    ):  # a separate context, because tests may undo their own changes
        patch.setattr(circuit_breaker, "Thread", probes)
        yield probes
