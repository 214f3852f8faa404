"""One caller has few calls under way at a time, and holds up nobody else."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

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
