"""Probes of circuit breakers that run when a test says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from django_ory.resilience import circuit_breaker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Probes", "probes"]


class Probes:
    """Stands for ``Thread`` in the circuit breaker. ``dead``: threads end without having done anything."""

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
        """Return at once: the probe still runs."""

    def is_alive(self) -> bool:
        return self.target in self.probes.waiting and not self.probes.dead


@pytest.fixture(autouse=True)
def probes() -> Iterator[Probes]:
    """No probe runs by itself."""
    probes = Probes()
    with pytest.MonkeyPatch.context() as patch:  # its own: a test may undo its changes halfway
        patch.setattr(circuit_breaker, "Thread", probes)
        yield probes
