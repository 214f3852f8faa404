"""A caller that fails although the service answers others is rejected for a while, and no other caller is."""

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
    failing.record_failure(["eve"], since=clock.now, is_own=True)
    assert failing.rejects(["eve"], seconds=3)
    assert failing.rejects(["ann", "eve"], seconds=3)
    assert not failing.rejects(["ann"], seconds=3)
    assert not failing.rejects([], seconds=3)
    clock.now += REJECT_SECONDS + 0.1
    assert not failing.rejects(["eve"], seconds=3)


@pytest.mark.parametrize(
    ("second_began", "is_rejected"), [(1, True), (-2, False)], ids=["after it", "side by side"]
)
def test_second_failure_rejects_unless_both_calls_ran_side_by_side(
    clock: Clock, second_began: float, is_rejected: bool
) -> None:
    failing, first = FailingCallers(), clock.now
    failing.record_failure(["eve"], since=first - 3)
    assert not failing.rejects(["eve"], seconds=3)
    clock.now += 4
    failing.record_failure(["eve"], since=first + second_began)
    assert failing.rejects(["eve"], seconds=3) is is_rejected


def test_failure_after_a_rejection_rejects_again(clock: Clock) -> None:
    failing = FailingCallers()
    failing.record_failure(["eve"], since=clock.now, is_own=True)
    clock.now += REJECT_SECONDS + 4
    failing.record_failure(["eve"], since=clock.now - 3)
    assert failing.rejects(["eve"], seconds=3)


def test_late_failure_does_not_end_the_rejection(clock: Clock) -> None:
    failing = FailingCallers()
    failing.record_failure(["eve"], since=clock.now, is_own=True)
    failing.record_failure(["eve"], since=clock.now - 3)
    assert failing.rejects(["eve"], seconds=3)


def test_answer_in_between_makes_failures_count_anew(clock: Clock) -> None:
    failing = FailingCallers()
    for _ in range(3):
        failing.record_failure(["eve"], since=clock.now)
        failing.record_success(["eve"])
        clock.now += 1
    assert not failing.rejects(["eve"], seconds=3)


def test_failures_are_forgotten(clock: Clock) -> None:
    failing = FailingCallers()
    failing.record_failure(["eve"], since=clock.now)
    assert failing.used_until > clock.now
    clock.now += module.FORGET_SECONDS + 1
    assert failing.used_until < clock.now
    failing.record_failure(["eve"], since=clock.now)
    assert not failing.rejects(["eve"], seconds=3)


def test_number_of_callers_is_bounded(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_CALLERS", 3)
    failing = FailingCallers()
    failing.record_failure(range(10), since=clock.now, is_own=True)
    assert [number for number in range(10) if failing.rejects([number], seconds=3)] == [7, 8, 9]
    failing.clear()
    assert not failing.rejects(range(10), seconds=3)
    assert failing.used_until == 0


def test_caller_has_one_call_at_a_time_after_a_failure(clock: Clock) -> None:
    failing = FailingCallers()
    failing.record_failure(["eve"], since=clock.now)
    assert not failing.rejects(["eve"], seconds=3)
    assert failing.rejects(["eve"], seconds=3)
    assert not failing.rejects(["ann"], seconds=3)
    clock.now += 3.1
    assert not failing.rejects(["eve"], seconds=3)
    failing.record_success(["eve"])
    assert not failing.rejects(["eve"], seconds=3)
