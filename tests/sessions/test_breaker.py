"""A Kratos that hangs does not hold every request."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from django_ory.client import OryConnectionError, OryDecodeError, OryError, OryServerError, OryTimeout
from django_ory.sessions import breaker as module
from django_ory.sessions.breaker import Breaker, breaker_for, opens_breaker

if TYPE_CHECKING:
    from collections.abc import Callable

    from .fixtures import ChangeOry
    from .stand_in import StandIn


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


class Threads:
    """Threads that run when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], object]] = []

    def thread(self, *, target: Callable[[], object], name: str, daemon: bool) -> SimpleNamespace:
        assert daemon
        return SimpleNamespace(start=lambda: self.waiting.append(target))

    def run(self) -> None:
        while self.waiting:
            self.waiting.pop()()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> Threads:
    threads = Threads()
    monkeypatch.setattr("django_ory.sessions.breaker.threading.Thread", threads.thread)
    return threads


@pytest.mark.parametrize(
    ("error", "opens"),
    [
        (OryTimeout("t"), True),
        (OryConnectionError("c"), True),
        (OryServerError(status=503), True),
        (OryServerError(status=502), True),
        (OryServerError(status=500), False),  # a single bad cookie must not shut everybody out
        (OryDecodeError("d"), False),
    ],
)
def test_what_opens_it(error: OryError, opens: bool) -> None:
    assert opens_breaker(error) is opens


def test_after_a_failure_requests_fail_at_once(clock: Clock, threads: Threads) -> None:
    breaker = Breaker("default")
    assert breaker.allows()
    breaker.failed()
    assert breaker.is_open
    clock.now += 0.9
    assert not breaker.allows()
    assert not threads.waiting


def test_a_look_in_the_background_closes_it(clock: Clock, threads: Threads, kratos: StandIn) -> None:
    breaker = Breaker("default")
    breaker.failed()
    clock.now += 1.1
    assert not breaker.allows()
    assert not breaker.allows()  # one look at a time
    assert len(threads.waiting) == 1
    threads.run()
    assert breaker.allows()
    assert "Cookie" not in kratos.calls[0].headers


def test_a_look_that_fails_keeps_it_open(clock: Clock, threads: Threads, kratos: StandIn) -> None:
    kratos.hangs()
    breaker = Breaker("default")
    breaker.failed()
    clock.now += 1.1
    breaker.allows()
    threads.run()
    assert breaker.is_open
    clock.now += 0.5
    assert not breaker.allows()


def test_a_look_that_hangs_does_not_hold_up_the_next(clock: Clock, threads: Threads, kratos: StandIn) -> None:
    breaker = Breaker("default")
    breaker.failed()
    for looks in (1, 2, 3):
        clock.now += 1.1
        assert not breaker.allows()
        assert len(threads.waiting) == looks
    kratos.hangs()
    threads.waiting.pop(0)()
    kratos.nobody()
    assert breaker.is_open
    clock.now += 1.1
    assert not breaker.allows()  # the next look begins although one has just failed
    assert len(threads.waiting) == 3
    threads.run()
    assert not breaker.is_open


def test_any_answer_is_a_sign_of_life(clock: Clock, threads: Threads, kratos: StandIn) -> None:
    kratos.says(500, body="ouch")
    breaker = Breaker("default")
    breaker.failed()
    clock.now += 1.1
    breaker.allows()
    threads.run()
    assert not breaker.is_open


def test_after_a_quiet_time_a_request_tries_itself(clock: Clock, threads: Threads) -> None:
    breaker = Breaker("default")
    breaker.failed()
    clock.now += 60
    assert breaker.allows()
    assert not breaker.allows()  # the others wait for its outcome
    breaker.succeeded()
    assert breaker.allows()
    breaker.succeeded()


def test_where_threads_do_not_run_requests_try(clock: Clock, threads: Threads) -> None:
    breaker = Breaker("default")
    breaker.failed()
    allowed = []
    for _ in range(8):
        clock.now += 1.1
        allowed.append(breaker.allows())
    assert True in allowed


def test_who_hung_since_before_an_answer_opens_nothing(clock: Clock, threads: Threads) -> None:
    breaker = Breaker("default")
    began = clock.now
    clock.now += 1
    breaker.succeeded()
    clock.now += 2
    breaker.failed(since=began)
    assert breaker.allows()
    breaker.failed(since=clock.now)
    assert not breaker.allows()


def test_after_a_long_hang_the_look_begins_at_once(clock: Clock, threads: Threads) -> None:
    breaker = Breaker("default")
    began = clock.now
    clock.now += 3
    breaker.failed(since=began)
    assert not breaker.allows()
    assert len(threads.waiting) == 1


def test_it_can_be_turned_off(ory: ChangeOry) -> None:
    ory(BREAKER_SECONDS=0)
    breaker = Breaker("default")
    breaker.failed()
    assert breaker.allows()


def test_one_per_alias_and_new_with_new_settings(ory: ChangeOry) -> None:
    before = breaker_for("default")
    assert breaker_for("default") is before
    ory(TIMEOUT=1)
    assert breaker_for("default") is not before


def test_it_heals_for_real(kratos: StandIn, ory: ChangeOry) -> None:
    ory(BREAKER_SECONDS=0.05)
    breaker = breaker_for("default")
    breaker.failed()
    until = time.monotonic() + 5
    while not breaker.allows() and time.monotonic() < until:
        time.sleep(0.01)
    assert time.monotonic() < until
