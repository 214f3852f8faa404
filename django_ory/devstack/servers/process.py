"""Child processes in a process group of their own. They end with the process that started them."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from django_ory.resilience.fork import call_in_child

_reaper: subprocess.Popen[str] | None = None
_reaper_lock = threading.Lock()
_reapers_of_parents: list[subprocess.Popen[str]] = []  # their deletion would warn of a running process


class ChildProcess:
    """One child process.

    Args:
        log: The file for its output. Default: the terminal.
        env: Its environment. Default: the environment of this process.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self._lock = threading.Lock()
        self._is_cleaned_up = False
        with contextlib.ExitStack() as on_error:
            with contextlib.ExitStack() as stack:
                output = None if log is None else stack.enter_context(log.open("ab"))
                stack.enter_context(_delayed_signals())
                _start_reaper()
                self._popen = subprocess.Popen(
                    list(command),
                    stdin=subprocess.DEVNULL if log else None,
                    stdout=output,
                    stderr=None if output is None else subprocess.STDOUT,
                    env=None if env is None else dict(env),
                    cwd=cwd,
                    start_new_session=True,  # Ctrl-C reaches this process only, which stops the child
                )
                on_error.callback(self.kill)
                _notify_reaper(f"+{self.pid}\n")
            on_error.pop_all()

    @property
    def pid(self) -> int:
        """The process id, which is also the id of its process group."""
        return self._popen.pid

    def get_returncode(self) -> int | None:
        """Return the exit code (negative: the signal that ended the child), or None while the child runs."""
        code = self._popen.poll()
        if code is not None:
            self._clean_up()
        return code

    def send(self, number: int) -> None:
        """Send a signal to the child and its own children, unless the child has ended."""
        if self.get_returncode() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def stop(self, *, timeout: float = 10.0) -> None:
        """End the child with SIGTERM, or with SIGKILL after ``timeout`` seconds. Waits for the end."""
        self.send(signal.SIGTERM)
        self.send(signal.SIGCONT)  # a paused process handles SIGTERM after SIGCONT
        if self.wait(timeout) is None:
            self.kill()

    def kill(self) -> None:
        """End the child with SIGKILL and wait for the end."""
        self.send(signal.SIGKILL)
        self.wait(None)

    def wait(self, timeout: float | None) -> int | None:
        """Wait for the end of the child. Returns the exit code, or None after ``timeout`` seconds."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(timeout)
        return self.get_returncode()

    def _clean_up(self) -> None:
        """Kill what the ended child started, such as the process of Django's reloader.

        Only once: later the process group id may belong to another program.
        """
        with self._lock:
            if not self._is_cleaned_up:
                self._is_cleaned_up = True
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self.pid, signal.SIGKILL)
                _notify_reaper(f"-{self.pid}\n")


def _start_reaper() -> None:
    """Start ``reaper.py``, once per process. The reaper ends the children if this process is killed."""
    global _reaper
    with _reaper_lock:
        if _reaper is None:
            command = [sys.executable, "-I", "-S", str(Path(__file__).with_name("reaper.py"))]
            _reaper = subprocess.Popen(command, stdin=subprocess.PIPE, text=True, start_new_session=True)
            atexit.register(_close_reaper, _reaper)


def _close_reaper(program: subprocess.Popen[str]) -> None:
    if program.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            program.stdin.close()
    program.wait()


def _leave_reaper() -> None:
    """Let the child of a fork start a reaper of its own. That of the parent watches the parent only."""
    global _reaper, _reaper_lock
    left, _reaper, _reaper_lock = _reaper, None, threading.Lock()
    if left is not None and left.stdin is not None:
        _reapers_of_parents.append(left)
        with contextlib.suppress(BrokenPipeError):
            left.stdin.close()


call_in_child(_leave_reaper)


def _notify_reaper(line: str) -> None:
    # The reaper may have been killed: then this process ends its children alone.
    with _reaper_lock, contextlib.suppress(BrokenPipeError):
        if _reaper is not None and _reaper.stdin is not None:
            _reaper.stdin.write(line)
            _reaper.stdin.flush()


@contextlib.contextmanager
def _delayed_signals() -> Iterator[None]:
    """Handle SIGINT and SIGTERM after the block, so that no child is started without the reaper.

    With handlers instead of a signal mask: children inherit a mask, and other threads would receive the
    signal. Only the main thread runs handlers, so other threads need no protection.
    """
    received: list[int] = []
    try:
        with contextlib.ExitStack() as restoring:
            if threading.current_thread() is threading.main_thread():
                for number in (signal.SIGINT, signal.SIGTERM):
                    restoring.callback(signal.signal, number, signal.getsignal(number))
                    signal.signal(number, lambda number, _frame: received.append(number))
            yield
    finally:
        for late in received:
            signal.raise_signal(late)


def describe_exit(code: int) -> str:
    """Return how a process ended: ``ended with exit code 1``, ``was ended by SIGKILL``."""
    if code >= 0:
        return f"ended with exit code {code}"
    known = {each.value for each in signal.Signals}
    return f"was ended by {signal.Signals(-code).name if -code in known else f'signal {-code}'}"


def tail(log: Path, *, lines: int = 20) -> str:
    """Return the last lines of a log file, or an empty text if there is no file."""
    try:
        with log.open(encoding="utf-8", errors="replace") as file:
            return "".join(deque(file, maxlen=lines)).rstrip()
    except FileNotFoundError:
        return ""
