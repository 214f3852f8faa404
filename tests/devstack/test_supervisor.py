from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from django_ory.devstack import supervisor
from django_ory.devstack.errors import DevstackError
from django_ory.devstack.supervisor import Kept, Supervisor, describe

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Child:
    """A child that does as it is told."""

    code: int | None = None
    ready: bool = True
    starts: int = 0
    refusals: list[str] = field(default_factory=list)

    def returncode(self) -> int | None:
        return self.code

    def is_ready(self) -> bool:
        return self.ready

    def start(self) -> None:
        if self.refusals:
            raise DevstackError(self.refusals.pop())
        self.starts += 1
        self.code = None


@dataclass
class Clock:
    """Time that passes when told to."""

    now: float = 1000.0
    said: list[str] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(supervisor, "time", clock)
    return clock


def kept(child: Child, clock: Clock, log: Path | None = None) -> tuple[Supervisor, Kept]:
    one = Kept("Kratos", child, log=log, started_at=clock.now)
    return Supervisor([one], say=clock.said.append), one


def test_nothing_is_said_about_those_who_run(clock: Clock) -> None:
    supervisor, _ = kept(Child(), clock)
    supervisor.look()
    assert clock.said == []


def test_a_crash_is_reported_with_the_end_of_the_log_and_mended(clock: Clock, tmp_path: Path) -> None:
    log = tmp_path / "kratos.log"
    log.write_text("\n".join(f"line {number}" for number in range(40)))
    child = Child()
    supervisor, _ = kept(child, clock, log)
    child.code, child.ready = -9, False
    supervisor.look()
    assert clock.said[0].startswith(
        f"Kratos was ended by SIGKILL; starting it again in 1 s. The end of {log}:\nline 20\n"
    )
    assert clock.said[0].endswith("line 39")
    supervisor.look()
    assert child.starts == 0
    clock.now += 1
    supervisor.look()
    assert child.starts == 1
    supervisor.look()
    assert len(clock.said) == 1  # it is not ready yet
    child.ready = True
    supervisor.look()
    supervisor.look()
    assert clock.said[1:] == ["Kratos is back."]


def test_each_crash_waits_longer_until_it_has_run_for_a_while(clock: Clock) -> None:
    child = Child(ready=False)
    supervisor, one = kept(child, clock)
    waits = []
    for _ in range(7):
        child.code = 1
        supervisor.look()
        assert one.restart_at is not None
        waits.append(one.restart_at - clock.now)
        clock.now = one.restart_at
        supervisor.look()
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    clock.now += 60
    child.code = 1
    supervisor.look()
    assert one.restart_at == clock.now + 1


def test_one_that_somebody_else_started_is_left_alone(clock: Clock) -> None:
    child = Child(code=0, ready=True)
    supervisor, _ = kept(child, clock)
    supervisor.look()
    for _ in range(3):
        clock.now += 1
        supervisor.look()
    assert child.starts == 0
    assert clock.said[1:] == ["Kratos was started by somebody else; leaving it alone."]
    child.ready = False
    clock.now += 1
    supervisor.look()
    assert child.starts == 1


def test_one_that_cannot_start_is_reported_and_tried_again(clock: Clock) -> None:
    child = Child(code=1, ready=False)
    child.refusals = ["Port 1 is in use."]
    supervisor, _ = kept(child, clock)
    supervisor.look()
    clock.now += 1
    supervisor.look()
    assert clock.said[1:] == ["Kratos cannot start; starting it again in 2 s. Port 1 is in use."]
    clock.now += 1
    supervisor.look()
    assert child.starts == 0
    clock.now += 1
    supervisor.look()
    assert child.starts == 1


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (None, "runs"),
        (0, "ended with code 0"),
        (3, "ended with code 3"),
        (-15, "was ended by SIGTERM"),
        (-250, "was ended by signal 250"),
    ],
)
def test_how_a_process_ended_is_said_in_words(code: int | None, words: str) -> None:
    assert describe(code) == words
