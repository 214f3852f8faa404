"""Concurrent identical calls are made once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from django_ory.resilience.single_flight import SingleFlight

if TYPE_CHECKING:
    from tests.support.fixtures import Joined


class Call:
    """A call that blocks until its release."""

    def __init__(self) -> None:
        self.count = 0
        self.started = threading.Event()
        self.go = threading.Event()

    def __call__(self) -> int:
        self.count += 1
        self.started.set()
        self.go.wait(60)
        return self.count


def test_hundred_threads_share_one_call(joined: Joined) -> None:
    flights: SingleFlight[int] = SingleFlight()
    call = Call()
    with ThreadPoolExecutor(100) as pool:
        waiting = [pool.submit(flights.share, "k", call, wait=60) for _ in range(100)]
        joined.wait_for(99)
        call.go.set()
        outcomes = [each.result(60) for each in waiting]
    assert call.count == 1
    assert sorted(outcomes) == [(1, False), *[(1, True)] * 99]


def test_later_call_is_made_again() -> None:
    flights: SingleFlight[int] = SingleFlight()
    call = Call()
    call.go.set()
    assert flights.share("k", call, wait=1) == (1, False)
    assert flights.share("k", call, wait=1) == (2, False)


def test_call_after_the_wait_is_made_alone() -> None:
    flights: SingleFlight[int] = SingleFlight()
    slow, own = Call(), Call()
    own.go.set()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(flights.share, "k", slow, wait=60)
        slow.started.wait(60)
        assert flights.share("k", own, wait=0.01) == (1, False)
        slow.go.set()
        assert first.result(60) == (1, False)


def test_exception_is_raised_in_all_threads(joined: Joined) -> None:
    flights: SingleFlight[int] = SingleFlight()
    started, go = threading.Event(), threading.Event()

    def crash() -> int:
        started.set()
        go.wait(60)
        raise RuntimeError("crash")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(flights.share, "k", crash, wait=60)
        started.wait(60)
        second = pool.submit(flights.share, "k", lambda: 1, wait=60)
        joined.wait_for(1)
        go.set()
        for each in (first, second):
            with pytest.raises(RuntimeError):
                each.result(60)
    assert flights.share("k", lambda: 1, wait=1) == (1, False)


@pytest.mark.parametrize("everything", [True, False])
def test_dropped_call_is_not_shared(everything: bool) -> None:
    flights: SingleFlight[int] = SingleFlight()
    slow = Call()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(flights.share, "k", slow, wait=60)
        slow.started.wait(60)
        if everything:
            flights.clear()
        else:
            flights.drop("k")
        assert flights.share("k", lambda: 7, wait=60) == (7, False)
        slow.go.set()
        assert first.result(60) == (1, False)


def test_ended_thread_does_not_end_the_others(joined: Joined) -> None:
    flights: SingleFlight[int] = SingleFlight()
    started, go = threading.Event(), threading.Event()

    def ended() -> int:
        started.set()
        go.wait(60)
        raise SystemExit

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(flights.share, "k", ended, wait=60)
        started.wait(60)
        second = pool.submit(flights.share, "k", lambda: 7, wait=60)
        joined.wait_for(1)
        go.set()
        assert second.result(60) == (7, False)
        with pytest.raises(SystemExit):
            first.result(60)
