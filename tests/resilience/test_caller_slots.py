"""One caller has few calls under way at a time, and holds up nobody else."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from django_ory.resilience.caller_slots import CallerSlots


def test_caller_without_a_free_slot_is_refused_in_time_and_others_are_not() -> None:
    slots = CallerSlots(slots=2)
    assert slots.take("eve", seconds=0.01)
    assert slots.take("eve", seconds=0.01)
    assert not slots.take("eve", seconds=0.01)
    assert slots.take("ann", seconds=0.01)
    for caller in ("eve", "eve", "ann"):
        slots.give_back(caller)
    assert not slots._used
    assert slots.take("eve", seconds=0.01)


def test_calls_beyond_the_slots_wait() -> None:
    slots, lock = CallerSlots(slots=3), threading.Lock()
    running, most = 0, 0
    gate = threading.Event()

    def call() -> bool:
        nonlocal running, most
        free = slots.take("eve", seconds=5)
        with lock:
            running += 1
            most = max(most, running)
        gate.wait(0.02)
        with lock:
            running -= 1
        slots.give_back("eve")
        return free

    with ThreadPoolExecutor(12) as pool:
        assert all(future.result(10) for future in [pool.submit(call) for _ in range(12)])
    assert most == 3


def test_calls_get_a_slot_in_the_order_in_which_they_came() -> None:
    """Also where the caller calls again at once: a call that waits is not passed by until it gives up."""
    slots, order, stop = CallerSlots(slots=1), list[int](), threading.Event()
    assert slots.take("eve", seconds=0)
    threads = []
    for number in range(5):

        def wait(number: int = number) -> None:
            assert slots.take("eve", seconds=5)
            order.append(number)
            slots.give_back("eve")
            if slots.take("eve", seconds=5):  # again, behind all others
                order.append(number + 5)
                slots.give_back("eve")

        threads.append(threading.Thread(target=wait))
        threads[-1].start()
        while len(slots._waiting["eve"]) <= number:
            stop.wait(0.001)
    slots.give_back("eve")
    for thread in threads:
        thread.join(10)
    assert order[:5] == [0, 1, 2, 3, 4]
    assert len(order) == 10
    assert not slots._used
    assert not slots._waiting


def test_call_that_gives_up_leaves_no_trace() -> None:
    slots = CallerSlots(slots=1)
    assert slots.take("eve", seconds=0)
    assert not slots.take("eve", seconds=0.01)
    assert not slots._waiting
    slots.give_back("eve")
    assert not slots._used


def test_interrupted_call_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    slots = CallerSlots(slots=1)

    def is_ended(*_: object) -> bool:
        raise KeyboardInterrupt

    def is_ended_with_a_slot(*_: object) -> bool:
        slots.give_back("eve")
        raise KeyboardInterrupt

    for wait in (is_ended, is_ended_with_a_slot):
        assert slots.take("eve", seconds=0)
        monkeypatch.setattr(threading.Event, "wait", wait)
        with pytest.raises(KeyboardInterrupt):
            slots.take("eve", seconds=1)
        monkeypatch.undo()
        if wait is is_ended:
            slots.give_back("eve")
        assert not slots._waiting
        assert not slots._used
