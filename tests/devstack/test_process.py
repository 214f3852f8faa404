from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from django_ory.devstack.servers import process
from django_ory.devstack.servers.process import ChildProcess, tail

from .fakes import write_program
from .forks import may_fork, run_fork
from .processes import below, is_alive, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection
    from pathlib import Path

SLEEP = [sys.executable, "-IS", "-c", "import time; print('up', flush=True); time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-IS",
    "-c",
    f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP[-1]}",
]
# Starts a grandchild, prints its process id and ends.
PARENT = [*SLEEP[:3], f"import subprocess; print(subprocess.Popen({SLEEP!r}).pid, flush=True)"]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "child.log"


def test_output_is_logged_and_exit_code_is_returned(log: Path) -> None:
    child = ChildProcess([sys.executable, "-c", "print('héllo'); exit(7)"], log=log)
    until(lambda: child.get_returncode() is not None)
    assert child.get_returncode() == 7
    assert tail(log) == "héllo"
    child.stop()  # no effect after the end
    assert child.get_returncode() == 7


def test_child_gets_the_given_environment(log: Path) -> None:
    child = ChildProcess(
        [sys.executable, "-IS", "-c", "import os; print(os.environ.get('A'), os.environ.get('HOME'))"],
        log=log,
        env={"A": "1"},
    )
    until(lambda: child.get_returncode() is not None)
    assert tail(log) == "1 None"


def test_stop_sends_sigterm(log: Path) -> None:
    child = ChildProcess(SLEEP, log=log)
    assert child.get_returncode() is None
    child.stop()
    assert child.get_returncode() == -signal.SIGTERM


def test_stop_ends_a_paused_child(log: Path) -> None:
    child = ChildProcess(SLEEP, log=log)
    child.send(signal.SIGSTOP)
    child.stop()
    assert child.get_returncode() == -signal.SIGTERM


def test_stop_kills_a_child_that_ignores_sigterm(log: Path) -> None:
    child = ChildProcess(STUBBORN, log=log)
    until(lambda: tail(log))
    child.stop(timeout=0.2)
    assert child.get_returncode() == -signal.SIGKILL


def test_grandchild_is_killed_when_the_child_ends(log: Path) -> None:
    child = ChildProcess(PARENT, log=log)
    until(lambda: child.get_returncode() is not None)
    grandchild = int(tail(log).split()[0])
    until(lambda: not is_alive(grandchild))


def test_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "child.log"
    source = "\n".join(
        (
            "import sys",
            "from pathlib import Path",
            "from django_ory.devstack.servers.process import ChildProcess",
            f"child = ChildProcess({SLEEP!r}, log=Path({str(log)!r}))",
            "print(child.pid, flush=True)",
            "sys.stdin.read()",
        )
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, "-c", source],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_alive(pid)
        parent.kill()
    until(lambda: not is_alive(pid))


@may_fork
def test_child_of_a_killed_fork_ends_while_the_parent_runs(log: Path) -> None:
    """The process of the tests has a reaper of its own."""
    ours = ChildProcess(SLEEP, log=log)

    def start(connection: Connection) -> None:
        connection.send(ChildProcess(SLEEP, log=log).pid)
        connection.poll(None)

    with run_fork(start) as (fork, connection):
        pid = connection.recv()
        assert is_alive(pid)
        fork.kill()
    until(lambda: not is_alive(pid))
    assert ours.get_returncode() is None
    ours.stop()


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let SIGINT raise KeyboardInterrupt, also in workers that ignore the signal."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.signal(signal.SIGINT, previous) is signal.default_int_handler


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("function", ["_start_reaper", "_notify_reaper"])
def test_interrupt_during_start_leaves_no_child(
    log: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    original = getattr(process, function)

    def interrupt(*arguments: str) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        original(*arguments)
        signals.append(function)

    signals: list[str] = []
    monkeypatch.setattr(process, function, interrupt)
    with pytest.raises(KeyboardInterrupt):
        ChildProcess(SLEEP, log=log)
    assert signals  # the interrupt waited
    assert not [child for child in below(os.getpid()) if SLEEP[-1] in child.command]


def test_signals_are_sent_to_the_child(log: Path) -> None:
    child = ChildProcess(SLEEP, log=log)
    until(lambda: tail(log))
    child.send(signal.SIGINT)
    assert child.wait(10) is not None
    assert "KeyboardInterrupt" in tail(log)


def test_child_can_be_stopped_without_the_reaper(log: Path) -> None:
    child = ChildProcess(SLEEP, log=log)
    reaper = process._reaper
    assert reaper is not None
    reaper.kill()
    reaper.wait()
    child.stop()
    assert child.get_returncode() == -signal.SIGTERM
    process._reaper = None  # the next test starts another


def test_child_without_a_log_uses_the_terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    program = write_program(tmp_path / "program", "print('to the terminal')")
    child = ChildProcess([str(program)], cwd=tmp_path)
    until(lambda: child.get_returncode() is not None)
    assert capfd.readouterr().out == "to the terminal\n"


def test_tail_returns_the_last_lines(log: Path) -> None:
    assert tail(log) == ""
    log.write_bytes(b"".join(b"line %d\xff\n" % number for number in range(50)))
    assert tail(log, lines=2) == "line 48\ufffd\nline 49\ufffd"
