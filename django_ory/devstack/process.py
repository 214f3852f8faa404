"""A child process in a group of its own, its output in a file. It never outlives who started it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["ChildProcess", "Guard", "tail"]

_GUARD = Path(__file__).with_name("guard.py")


class Guard:
    """The program ``guard.py``, told which children there are. One for all children of a stack."""

    def __init__(self) -> None:
        self._program: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start the program, unless it runs."""
        with self._lock:
            if self._program is None:
                self._program = subprocess.Popen(
                    [sys.executable, "-I", "-S", str(_GUARD)],
                    stdin=subprocess.PIPE,
                    text=True,
                    start_new_session=True,
                )

    def watch(self, pid: int) -> None:
        """End this process group if this process should die."""
        with self._lock:
            self._tell(f"+{pid}")

    def forget(self, pid: int) -> None:
        """This process group has ended; its number may soon be somebody else's."""
        with self._lock:
            self._tell(f"-{pid}")

    def close(self) -> None:
        """End the guard, and with it whatever it still watches."""
        with self._lock:
            program, self._program = self._program, None
        if program is not None and program.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                program.stdin.close()
            program.wait()

    def _tell(self, line: str) -> None:
        if self._program is not None and self._program.stdin is not None:
            # Somebody may have killed the guard; the children are still ours to end.
            with contextlib.suppress(BrokenPipeError):
                self._program.stdin.write(line + "\n")
                self._program.stdin.flush()


class ChildProcess:
    """One child. ``log`` gets its output (None: the terminal); ``env`` is its environment (None: ours)."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        guard: Guard,
        log: Path | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self._guard = guard
        self._lock = threading.Lock()
        self._cleaned = False
        with contextlib.ExitStack() as unheld:
            with contextlib.ExitStack() as stack:
                output = None if log is None else stack.enter_context(log.open("ab"))
                stack.enter_context(_undisturbed())
                guard.start()
                self._popen = subprocess.Popen(
                    list(command),
                    stdin=subprocess.DEVNULL if log else None,
                    stdout=output,
                    stderr=None if output is None else subprocess.STDOUT,
                    env=None if env is None else dict(env),
                    cwd=cwd,
                    # A group of its own: Ctrl-C reaches only us, and we end the child with all it started.
                    start_new_session=True,
                )
                unheld.callback(self.kill)  # if we are interrupted, nobody will hold this child
                guard.watch(self.pid)
            unheld.pop_all()

    @property
    def pid(self) -> int:
        """The process id, which is also that of its group."""
        return self._popen.pid

    def returncode(self) -> int | None:
        """How the child ended (negative: by that signal); None while it runs."""
        code = self._popen.poll()
        if code is not None:
            self._clean_up()
        return code

    def send(self, number: int) -> None:
        """Send a signal to the child and all that it started. Nothing happens if it has ended."""
        if self.returncode() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def stop(self, *, timeout: float = 10.0) -> None:
        """Ask the child to end (SIGTERM); after ``timeout`` seconds kill it. Returns when it is gone."""
        self.send(signal.SIGTERM)
        self.send(signal.SIGCONT)  # a paused child hears SIGTERM only then
        if self.wait(timeout) is None:
            self.kill()

    def kill(self) -> None:
        """End the child at once (SIGKILL). Returns when it is gone."""
        self.send(signal.SIGKILL)
        self.wait(None)

    def wait(self, timeout: float | None) -> int | None:
        """How the child ended, None if it still runs after ``timeout`` seconds."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(timeout)
        return self.returncode()

    def _clean_up(self) -> None:
        """The child has gone; so must what it started, such as the process under Django's autoreloader. Once
        only: later the number may belong to somebody else.
        """
        with self._lock:
            if not self._cleaned:
                self._cleaned = True
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self.pid, signal.SIGKILL)
                self._guard.forget(self.pid)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold back what SIGINT and SIGTERM do until the end of the block, so that no child starts unguarded.

    By handlers and not by a mask of signals: a child would inherit that, and another thread would still take
    the signal. Only the main thread runs handlers, so in others there is nothing to do.
    """
    held: list[int] = []
    try:
        with contextlib.ExitStack() as restoring:
            if threading.current_thread() is threading.main_thread():
                for number in (signal.SIGINT, signal.SIGTERM):
                    restoring.callback(signal.signal, number, signal.getsignal(number))
                    signal.signal(number, lambda number, _frame: held.append(number))
            yield
    finally:
        for late in held:
            signal.raise_signal(late)


def tail(log: Path, *, lines: int = 20) -> str:
    """The last lines of a log file, empty if there is none."""
    try:
        with log.open(encoding="utf-8", errors="replace") as file:
            return "".join(deque(file, maxlen=lines)).rstrip()
    except FileNotFoundError:
        return ""
