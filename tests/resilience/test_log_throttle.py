"""One warning per minute and cause."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from django_ory.resilience import log_throttle as windows
from django_ory.resilience.log_throttle import WINDOW, Windows

if TYPE_CHECKING:
    import pytest

logger = logging.getLogger("django_ory.tests")


def test_once_per_cause(caplog: pytest.LogCaptureFixture) -> None:
    told = Windows()
    for cause in ("a", "a", "b", "a"):
        told.warn(logger, cause, "cause %s", cause)
    assert caplog.messages == ["cause a", "cause b"]
    assert "a" in told
    assert "c" not in told
    told.clear()
    assert "a" not in told


def test_again_when_the_window_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Windows()
    now = time.monotonic()
    monkeypatch.setattr("django_ory.resilience.log_throttle.time.monotonic", lambda: now)
    assert told.enter("a")
    monkeypatch.setattr("django_ory.resilience.log_throttle.time.monotonic", lambda: now + WINDOW - 1)
    assert not told.enter("a")
    monkeypatch.setattr("django_ory.resilience.log_throttle.time.monotonic", lambda: now + WINDOW + 1)
    assert told.enter("a")


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "MAX_CAUSES", 3)
    told = Windows()
    assert all(told.enter(cause) for cause in range(10))
    assert 2 in told
    assert 5 not in told  # told of, and not remembered
    now = time.monotonic() + WINDOW + 1
    monkeypatch.setattr("django_ory.resilience.log_throttle.time.monotonic", lambda: now)
    assert told.enter("new")
    assert "new" in told
