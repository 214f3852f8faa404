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
    monkeypatch.setattr("django_ory.resilience.log_throttle.time.monotonic", lambda: now)


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
    throttle: ThrottledLog, monkeypatch: pytest.MonkeyPatch, seconds: float, is_logged: bool
) -> None:
    now = time.monotonic()
    set_time(monkeypatch, now)
    assert throttle.start_interval("a")
    set_time(monkeypatch, now + LOG_INTERVAL_SECONDS + seconds)
    assert throttle.start_interval("a") is is_logged


def test_number_of_causes_is_bounded(throttle: ThrottledLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_CAUSES", 3)
    assert all(throttle.start_interval(cause) for cause in range(10))
    assert 2 in throttle
    assert 5 not in throttle  # logged, but not stored
    set_time(monkeypatch, time.monotonic() + LOG_INTERVAL_SECONDS + 1)
    assert throttle.start_interval("new")
    assert "new" in throttle
