"""A service that hangs does not hold every call, and no single caller can open the circuit for the others."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from django_ory.resilience import circuit_breaker as module
from django_ory.resilience.circuit_breaker import CircuitBreaker

if TYPE_CHECKING:
    from tests.probes import Probes


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


class Service:
    """What the probe finds."""

    is_up = False

    def probe(self) -> bool:
        return self.is_up


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def breaker(service: Service, clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(service.probe, probe_seconds=1.5, retry_seconds=1.0)


def opened(breaker: CircuitBreaker, clock: Clock) -> CircuitBreaker:
    breaker.failed(since=clock.now)
    assert breaker.is_open
    return breaker


def test_failure_without_caller_opens_it(breaker: CircuitBreaker, clock: Clock) -> None:
    assert breaker.allows("ann")
    breaker.failed(since=clock.now)
    assert breaker.is_open
    assert not breaker.allows("ann")
    assert not breaker.allows()


def test_first_failing_caller_is_rejected_alone_until_the_probe_ends(
    breaker: CircuitBreaker, clock: Clock, probes: Probes
) -> None:
    breaker.failed("eve", since=clock.now)
    assert not breaker.is_open
    assert not breaker.is_closed
    assert not breaker.allows("eve")
    assert breaker.allows("ann")
    assert breaker.allows()
    assert len(probes.waiting) == 1


def test_successful_probe_allows_the_failing_caller_again(
    breaker: CircuitBreaker, clock: Clock, service: Service, probes: Probes
) -> None:
    service.is_up = True
    for _ in range(5):
        breaker.failed("eve", since=clock.now)
        probes.run()
        clock.now += 0.1
        assert breaker.is_closed
        assert breaker.allows("eve")


def test_failed_probe_opens_it(breaker: CircuitBreaker, clock: Clock, probes: Probes) -> None:
    breaker.failed("eve", since=clock.now)
    probes.run()
    assert breaker.is_open
    assert not breaker.allows("ann")


def test_second_failing_caller_opens_it(breaker: CircuitBreaker, clock: Clock, probes: Probes) -> None:
    for caller in ("eve", "eve", "ann"):
        assert not breaker.is_open
        breaker.failed(caller, since=clock.now)
    assert breaker.is_open
    assert probes.started == 1


def test_answer_to_anyone_clears_the_suspicion(breaker: CircuitBreaker, clock: Clock, probes: Probes) -> None:
    breaker.failed("eve", since=clock.now)
    breaker.succeeded()
    clock.now += 0.1
    breaker.failed("mallory", since=clock.now)
    assert not breaker.is_open


def test_probe_that_fails_after_an_answer_opens_nothing(
    breaker: CircuitBreaker, clock: Clock, probes: Probes
) -> None:
    breaker.failed("eve", since=clock.now)
    breaker.succeeded()
    probes.run()
    assert breaker.is_closed


def test_failure_of_a_call_from_before_the_last_answer_counts_for_nothing(
    breaker: CircuitBreaker, clock: Clock, probes: Probes
) -> None:
    since = clock.now
    clock.now += 1
    breaker.succeeded()
    clock.now += 2
    breaker.failed(since=since)
    assert breaker.is_closed
    breaker.failed(since=clock.now)
    assert breaker.is_open


def test_open_circuit_probes_once_per_retry_seconds(
    breaker: CircuitBreaker, clock: Clock, probes: Probes
) -> None:
    opened(breaker, clock)
    probes.run()  # it fails
    for started in (2, 3, 4):
        clock.now += 0.9
        assert not breaker.allows()
        clock.now += 0.2
        assert not breaker.allows()
        assert not breaker.allows()
        assert probes.started == started
        probes.run()
    assert breaker.is_open


def test_open_circuit_has_one_probe_at_a_time(breaker: CircuitBreaker, clock: Clock, probes: Probes) -> None:
    opened(breaker, clock)
    for _ in range(3):
        clock.now += 1.1  # the probe hangs
        assert not breaker.allows()
    assert probes.started == 1


def test_successful_probe_closes_it(
    breaker: CircuitBreaker, clock: Clock, service: Service, probes: Probes
) -> None:
    opened(breaker, clock)
    probes.run()
    service.is_up = True
    clock.now += 1.1
    assert not breaker.allows()
    probes.run()
    assert breaker.is_closed
    assert breaker.allows()


def test_after_a_quiet_time_one_call_replaces_the_probe(
    breaker: CircuitBreaker, clock: Clock, probes: Probes
) -> None:
    opened(breaker, clock)
    probes.run()
    clock.now += 60
    assert breaker.allows()
    assert not breaker.allows()  # the others wait for its result
    breaker.succeeded()
    assert breaker.allows()


@pytest.mark.parametrize("is_open", [True, False], ids=["open", "suspected"])
def test_where_threads_do_not_run_calls_find_out(
    breaker: CircuitBreaker, clock: Clock, probes: Probes, is_open: bool
) -> None:
    breaker.failed(None if is_open else "ann", since=clock.now)
    allowed = []
    for _ in range(8):
        clock.now += 1.1
        allowed.append(breaker.allows("ann"))
    assert True in allowed


def test_probe_of_a_parent_process_is_started_anew(
    breaker: CircuitBreaker, clock: Clock, probes: Probes
) -> None:
    opened(breaker, clock)
    probes.dead = True  # as threads are in the child of a fork
    clock.now += 1.1
    assert not breaker.allows()
    assert probes.started == 2


def test_zero_retry_seconds_turn_it_off(service: Service, clock: Clock, probes: Probes) -> None:
    breaker = CircuitBreaker(service.probe, probe_seconds=1.5, retry_seconds=0)
    breaker.failed(since=clock.now)
    assert breaker.is_closed
    assert not probes.started


def test_process_without_threads_left_still_rejects(
    breaker: CircuitBreaker, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    class NoThreads:
        def __init__(self, **_: object) -> None: ...

        def start(self) -> None:
            raise RuntimeError("can't start new thread")

    monkeypatch.setattr(module, "Thread", NoThreads)
    breaker.failed(since=clock.now)
    clock.now += 1.1
    assert not breaker.allows()
    clock.now += 60
    assert breaker.allows()


def test_real_threads_close_it_when_the_service_is_back(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "Thread", threading.Thread)
    breaker = CircuitBreaker(service.probe, probe_seconds=0.1, retry_seconds=0.05)
    breaker.failed(since=time.monotonic())
    time.sleep(0.1)
    assert not breaker.allows()
    service.is_up = True
    until = time.monotonic() + 5
    while not breaker.allows() and time.monotonic() < until:
        time.sleep(0.01)
    assert breaker.is_closed
