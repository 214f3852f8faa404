"""One warning per minute and cause."""

from __future__ import annotations

import logging
import time

import pytest

from django_ory.resilience import log_throttle as module
from django_ory.resilience.log_throttle import LOG_INTERVAL_SECONDS, ThrottledLog

logger = logging.getLogger("django_ory.tests")


@pytest.fixture
def throttle() -> ThrottledLog:
    return ThrottledLog()


def set_time(monkeypatch: pytest.MonkeyPatch, now: float) -> None:
    monkeypatch.setattr("django_ory.resilience.expiring_map.time.monotonic", lambda: now)


def test_each_cause_is_logged_once(throttle: ThrottledLog, caplog: pytest.LogCaptureFixture) -> None:
    for cause in ("a", "a", "b", "a"):
        throttle.warn(logger, cause, "cause %s", cause)
    assert caplog.messages == ["cause a", "cause b"]
    assert "a" in throttle
    assert "c" not in throttle
    throttle.clear()
    assert "a" not in throttle


@pytest.mark.parametrize(("seconds", "is_logged"), [(-1, False), (1, True)])
def test_cause_is_logged_again_after_the_interval(
    throttle: ThrottledLog,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    seconds: float,
    is_logged: bool,
) -> None:
    now = time.monotonic()
    set_time(monkeypatch, now)
    throttle.warn(logger, "a", "first")
    set_time(monkeypatch, now + LOG_INTERVAL_SECONDS + seconds)
    throttle.warn(logger, "a", "second")
    assert ("second" in caplog.messages) is is_logged


def test_number_of_causes_is_bounded(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "MAX_CAUSES", 3)
    throttle = ThrottledLog()
    for cause in range(10):
        throttle.warn(logger, cause, "cause %s", cause)
    assert len(caplog.messages) == 10
    assert [cause for cause in range(10) if cause in throttle] == [7, 8, 9]  # the oldest are dropped
