"""Concurrent identical calls are made once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from django_ory.resilience.single_flight import SingleFlight


class Call:
    """A call that blocks until its release."""

    def __init__(self) -> None:
        self.count = 0
        self.started = threading.Event()
        self.go = threading.Event()

    def __call__(self) -> int:
        self.count += 1
        self.started.set()
        self.go.wait(5)
        return self.count


def test_hundred_threads_share_one_call() -> None:
    flights: SingleFlight[int] = SingleFlight()
    call = Call()
    with ThreadPoolExecutor(100) as pool:
        waiting = [pool.submit(flights.share, "k", call, wait=5) for _ in range(100)]
        call.started.wait(5)
        call.go.set()
        outcomes = [each.result(5) for each in waiting]
    assert call.count <= 2  # a late thread makes a separate call
    assert sum(1 for _, shared in outcomes if not shared) == call.count


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
        first = pool.submit(flights.share, "k", slow, wait=5)
        slow.started.wait(5)
        assert flights.share("k", own, wait=0.01) == (1, False)
        slow.go.set()
        assert first.result(5) == (1, False)


def test_exception_is_raised_in_all_threads() -> None:
    flights: SingleFlight[int] = SingleFlight()
    started, go = threading.Event(), threading.Event()

    def crash() -> int:
        started.set()
        go.wait(5)
        raise RuntimeError("crash")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(flights.share, "k", crash, wait=5)
        started.wait(5)
        second = pool.submit(flights.share, "k", lambda: 1, wait=5)
        while not second.running():
            pass
        threading.Timer(0.05, go.set).start()
        for each in (first, second):
            with pytest.raises(RuntimeError):
                each.result(5)
    assert flights.share("k", lambda: 1, wait=1) == (1, False)


@pytest.mark.parametrize("everything", [True, False])
def test_dropped_call_is_not_shared(everything: bool) -> None:
    flights: SingleFlight[int] = SingleFlight()
    slow = Call()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(flights.share, "k", slow, wait=5)
        slow.started.wait(5)
        if everything:
            flights.clear()
        else:
            flights.drop("k")
        assert flights.share("k", lambda: 7, wait=5) == (7, False)
        slow.go.set()
        assert first.result(5) == (1, False)


def test_ended_thread_does_not_end_the_others() -> None:
    flights: SingleFlight[int] = SingleFlight()
    started, go = threading.Event(), threading.Event()

    def ended() -> int:
        started.set()
        go.wait(5)
        raise SystemExit

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(flights.share, "k", ended, wait=5)
        started.wait(5)
        second = pool.submit(flights.share, "k", lambda: 7, wait=5)
        while not second.running():
            pass
        threading.Timer(0.05, go.set).start()
        assert second.result(5) == (7, False)
        with pytest.raises(SystemExit):
            first.result(5)
