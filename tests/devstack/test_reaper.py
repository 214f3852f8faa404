from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from django_ory.devstack.servers import reaper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SLEEP = "import time; time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); {SLEEP}"


@pytest.fixture
def sleeper(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts children, each in a group of its own; none outlives the test."""
    # The children are ours, and as long as we have not asked how they ended their groups exist.
    monkeypatch.setattr(reaper, "GRACE_SECONDS", 0.2)
    children: list[subprocess.Popen[str]] = []

    def start(source: str = SLEEP) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [sys.executable, "-IS", "-c", source], start_new_session=True, stdout=subprocess.PIPE, text=True
        )
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()
        child.wait()
        if child.stdout:
            child.stdout.close()


def test_watched_process_is_ended_at_the_end_of_input(sleeper: Callable[..., subprocess.Popen[str]]) -> None:
    left, gone = sleeper(), sleeper()
    reaper.main([f"+{left.pid}\n", f"+{gone.pid}\n", f"-{gone.pid}\n"])
    assert left.wait(60) == -signal.SIGTERM
    assert gone.poll() is None


def test_paused_process_is_ended(sleeper: Callable[..., subprocess.Popen[str]]) -> None:
    child = sleeper()
    child.send_signal(signal.SIGSTOP)
    reaper.main([f"+{child.pid}\n"])
    assert child.wait(60) == -signal.SIGTERM


def test_process_that_ignores_sigterm_is_killed(sleeper: Callable[..., subprocess.Popen[str]]) -> None:
    child = sleeper(STUBBORN)
    assert child.stdout is not None
    assert child.stdout.readline() == "on\n"
    reaper.main([f"+{child.pid}\n"])
    assert child.wait(60) == -signal.SIGKILL


def test_end_without_processes_is_immediate() -> None:
    started = time.monotonic()
    reaper.main([])
    assert time.monotonic() - started < 1
