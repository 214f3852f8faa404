"""One caller has few calls under way at a time, and holds up nobody else."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from django_ory.resilience.caller_slots import CallerSlots


def test_caller_without_a_free_slot_is_refused_in_time_and_others_are_not() -> None:
    slots = CallerSlots(slots=2)
    with slots.take("eve", seconds=1) as one, slots.take("eve", seconds=1) as two:
        assert one
        assert two
        with slots.take("eve", seconds=0.01) as three, slots.take("ann", seconds=0.01) as other:
            assert not three
            assert other
    with slots.take("eve", seconds=0.01) as again:
        assert again
    assert not slots._used


def test_slot_is_free_again_after_an_error() -> None:
    slots = CallerSlots(slots=1)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), slots.take("eve", seconds=0.01) as free:
            assert 1 / (not free)


def test_calls_beyond_the_slots_wait() -> None:
    slots, lock = CallerSlots(slots=3), threading.Lock()
    running, most = 0, 0
    gate = threading.Event()

    def call() -> bool:
        nonlocal running, most
        with slots.take("eve", seconds=5) as free:
            with lock:
                running += 1
                most = max(most, running)
            gate.wait(0.02)
            with lock:
                running -= 1
            return free

    with ThreadPoolExecutor(12) as pool:
        assert all(future.result(10) for future in [pool.submit(call) for _ in range(12)])
    assert most == 3
