"""A caller that fails although the service answers others is rejected for a while, and nobody else is."""

from __future__ import annotations

import pytest

from django_ory.resilience import expiring_map
from django_ory.resilience import failing_callers as module
from django_ory.resilience.failing_callers import REJECT_SECONDS, FailingCallers


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(expiring_map, "time", clock)
    return clock


def test_own_failure_rejects_the_caller_for_ten_seconds(clock: Clock) -> None:
    failing = FailingCallers()
    failing.reject(["eve"])
    assert not failing.allow(["eve"], seconds=3)
    assert not failing.allow(["ann", "eve"], seconds=3)
    assert failing.allow(["ann"], seconds=3)
    assert failing.allow([], seconds=3)
    clock.now += REJECT_SECONDS + 0.1
    assert failing.allow(["eve"], seconds=3)
    assert not failing.allow(["eve"], seconds=3)  # one call at a time


def test_after_the_first_failure_one_call_at_a_time(clock: Clock) -> None:
    failing = FailingCallers()
    failing.failed(["eve"], since=clock.now - 3, answered_at=clock.now)
    assert failing.allow(["eve"], seconds=3)
    assert not failing.allow(["eve"], seconds=3)
    clock.now += 3.1
    assert failing.allow(["eve"], seconds=3)
    failing.succeeded(["eve"])
    assert failing.allow(["eve"], seconds=3)
    assert not failing


def fail_twice(clock: Clock, *, second_began: float, answered_at: float) -> bool:
    """Whether the caller is rejected. Both times are relative to the first failure."""
    failing, first = FailingCallers(), clock.now
    failing.failed(["eve"], since=first - 3, answered_at=first)
    clock.now += 4
    failing.failed(["eve"], since=first + second_began, answered_at=first + answered_at)
    return not failing.allow(["eve"], seconds=3)


def test_second_failure_while_others_are_answered_rejects(clock: Clock) -> None:
    assert fail_twice(clock, second_began=1, answered_at=2)


def test_second_failure_while_nobody_is_answered_does_not_reject(clock: Clock) -> None:
    assert not fail_twice(clock, second_began=1, answered_at=-1)


def test_calls_that_failed_side_by_side_count_once(clock: Clock) -> None:
    assert not fail_twice(clock, second_began=-2, answered_at=2)


def test_late_failure_does_not_end_the_rejection(clock: Clock) -> None:
    failing = FailingCallers()
    failing.reject(["eve"])
    failing.failed(["eve"], since=clock.now - 3, answered_at=0)
    assert not failing.allow(["eve"], seconds=3)


def test_failures_are_forgotten(clock: Clock) -> None:
    failing = FailingCallers()
    failing.failed(["eve"], since=clock.now, answered_at=0)
    clock.now += module.FORGET_SECONDS + 1
    for _ in range(2):
        assert failing.allow(["eve"], seconds=3)


def test_number_of_callers_is_bounded(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_CALLERS", 3)
    failing = FailingCallers()
    failing.reject(range(10))
    assert [number for number in range(10) if not failing.allow([number], seconds=3)] == [7, 8, 9]
    failing.clear()
    assert not failing
