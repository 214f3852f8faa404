"""A hanging service does not block all calls, and no caller can open the circuit for others."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

import pytest

from django_ory.resilience import circuit_breaker as module
from django_ory.resilience.circuit_breaker import CircuitBreaker

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.probes import Probes


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


class Service:
    """The service that the probe calls. While ``answers`` is cleared, probes wait."""

    is_up = False
    probes = 0

    def __init__(self) -> None:
        self.answers = threading.Event()
        self.answers.set()

    def probe(self) -> bool:
        self.probes += 1
        self.answers.wait(30)
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


@pytest.fixture
def threaded(service: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> CircuitBreaker:
    """A circuit breaker with real threads. Its times are those of ``clock``."""
    monkeypatch.setattr(module, "Thread", threading.Thread)
    return CircuitBreaker(service.probe, probe_seconds=20, retry_seconds=1)


def allows(breaker: CircuitBreaker) -> bool:
    return breaker.allows_calls(wait=3)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def open_circuit(breaker: CircuitBreaker, probes: Probes) -> None:
    breaker.record_failure()
    probes.run()
    assert not breaker.is_closed


def test_failure_alone_rejects_no_call(breaker: CircuitBreaker, probes: Probes) -> None:
    for _ in range(5):
        breaker.record_failure()
    assert allows(breaker)
    assert probes.started == 1


def test_failed_probe_opens_the_circuit(breaker: CircuitBreaker, probes: Probes) -> None:
    open_circuit(breaker, probes)
    assert not allows(breaker)


def test_successful_probe_keeps_the_circuit_closed(
    breaker: CircuitBreaker, clock: Clock, service: Service, probes: Probes
) -> None:
    service.is_up = True
    for _ in range(5):
        breaker.record_failure()
        probes.run()
        assert breaker.is_closed
        assert allows(breaker)
        clock.now += 2


def test_failures_start_one_probe_per_retry_seconds(
    breaker: CircuitBreaker, clock: Clock, service: Service, probes: Probes
) -> None:
    service.is_up = True
    for _ in range(10):
        breaker.record_failure()
        probes.run()
        clock.now += 0.21
    assert probes.started == 2


def test_open_circuit_probes_once_per_retry_seconds(
    breaker: CircuitBreaker, clock: Clock, probes: Probes
) -> None:
    open_circuit(breaker, probes)
    for started in (2, 3, 4):
        clock.now += 0.9
        assert not allows(breaker)
        clock.now += 0.2
        assert not allows(breaker)
        assert not allows(breaker)
        assert probes.started == started
        probes.run()
    assert not breaker.is_closed


def test_open_circuit_has_one_probe_at_a_time(breaker: CircuitBreaker, clock: Clock, probes: Probes) -> None:
    open_circuit(breaker, probes)
    for _ in range(3):
        clock.now += 1.1  # the probe hangs
        assert not allows(breaker)
    assert probes.started == 2


def test_successful_probe_closes_the_circuit(
    breaker: CircuitBreaker, clock: Clock, service: Service, probes: Probes
) -> None:
    open_circuit(breaker, probes)
    service.is_up = True
    clock.now += 1.1
    assert not allows(breaker)
    probes.run()
    assert breaker.is_closed
    assert allows(breaker)


def test_probe_of_a_parent_process_is_started_again(
    breaker: CircuitBreaker, clock: Clock, probes: Probes
) -> None:
    open_circuit(breaker, probes)
    clock.now += 1.1
    assert not allows(breaker)
    probes.dead = True  # like threads after a fork
    clock.now += 1.1
    assert not allows(breaker)
    assert probes.started == 3


def test_zero_retry_seconds_turn_the_circuit_breaker_off(
    service: Service, clock: Clock, probes: Probes
) -> None:
    breaker = CircuitBreaker(service.probe, probe_seconds=1.5, retry_seconds=0)
    breaker.record_failure()
    assert breaker.is_closed
    assert not probes.started


def test_process_without_threads_left_allows_calls(
    breaker: CircuitBreaker, clock: Clock, probes: Probes, monkeypatch: pytest.MonkeyPatch
) -> None:
    class NoThreads:
        def __init__(self, **_: object) -> None: ...

        def is_alive(self) -> bool:
            return False

        def start(self) -> None:
            raise RuntimeError("can't start new thread")

    open_circuit(breaker, probes)
    monkeypatch.setattr(module, "Thread", NoThreads)
    assert not allows(breaker)
    clock.now += 60
    assert allows(breaker)


@pytest.mark.parametrize("is_up", [True, False])
def test_calls_during_the_first_probe_wait_for_its_result(
    threaded: CircuitBreaker, service: Service, is_up: bool
) -> None:
    service.is_up = is_up
    service.answers.clear()
    threaded.record_failure()
    wait_until(lambda: not threaded.is_closed)
    with ThreadPoolExecutor(5) as pool:
        calls = [pool.submit(threaded.allows_calls, wait=20) for _ in range(5)]
        assert not wait(calls, timeout=0.1).done
        service.answers.set()
        assert [call.result(20) for call in calls] == [is_up] * 5
    assert service.probes == 1


def test_call_waits_no_longer_than_its_own_time(threaded: CircuitBreaker, service: Service) -> None:
    service.answers.clear()
    threaded.record_failure()
    wait_until(lambda: not threaded.is_closed)
    started = time.monotonic()
    assert not threaded.allows_calls(wait=0.05)
    assert time.monotonic() - started < 10  # and not the 20 seconds of the probe
    service.answers.set()


def test_first_call_after_a_quiet_time_waits_for_a_new_probe(
    threaded: CircuitBreaker, service: Service, clock: Clock
) -> None:
    threaded.record_failure()
    wait_until(lambda: threaded._open_until > 0)
    assert threaded._thread is not None
    threaded._thread.join(30)
    assert not allows(threaded)
    service.is_up = True
    clock.now += 60
    assert threaded.allows_calls(wait=20)


def test_circuit_closes_when_the_service_is_back(
    threaded: CircuitBreaker, service: Service, clock: Clock
) -> None:
    def call() -> bool:
        clock.now += 0.5
        return allows(threaded)

    threaded.record_failure()
    wait_until(lambda: not call())
    for _ in range(100):
        assert not call()
    assert service.probes > 1
    service.is_up = True
    wait_until(call)
    assert threaded.is_closed
