"""The processes of this machine: from /proc, or from ``ps`` on other systems, such as macOS."""

from __future__ import annotations

import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Process", "below", "is_alive", "processes", "until"]

_PROC = Path("/proc")


class Process(NamedTuple):
    """One process."""

    pid: int
    parent: int
    state: str
    """One letter; ``Z`` for a zombie."""
    command: str


def processes() -> list[Process]:
    """Return all processes of this machine."""
    return _from_proc() if (_PROC / "self" / "stat").exists() else _from_ps()


def _from_proc() -> list[Process]:
    found = []
    for folder in _PROC.glob("[0-9]*"):
        with suppress(OSError):  # the process has ended
            # The second field is the name in parentheses, which may contain spaces and parentheses.
            rest = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
            arguments = (folder / "cmdline").read_text(errors="replace").rstrip("\0").split("\0")
            found.append(Process(int(folder.name), int(rest[1]), rest[0], " ".join(arguments)))
    return found


def _from_ps() -> list[Process]:
    command = ["ps", "-wwaxo", "pid=,ppid=,state=,args="]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 3) for line in listed.splitlines()]
    return [Process(int(pid), int(parent), state[0], " ".join(rest)) for pid, parent, state, *rest in rows]


def is_alive(pid: int) -> bool:
    """Return whether the process exists and is not a zombie."""
    return any(process.pid == pid and process.state != "Z" for process in processes())


def below(pid: int) -> list[Process]:
    """Return all descendants of a process."""
    listed = processes()
    found: list[Process] = []
    parents = {pid}
    while parents:
        children = [process for process in listed if process.parent in parents]
        found += children
        parents = {process.pid for process in children}
    return found


def until(condition: Callable[[], object], seconds: float = 120) -> None:
    """Wait until the condition is true. Fails after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
