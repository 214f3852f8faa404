"""Locks between processes. The system releases the locks of a process that dies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import DevstackError


@contextmanager
def file_lock(
    file: Path, *, shared: bool = False, on_wait: Callable[[], None] = lambda: None, advice: str = ""
) -> Iterator[None]:
    """Hold the lock of a file, which is created if missing.

    Args:
        shared: Allow other processes to hold the lock at the same time, also shared.
        on_wait: Called once if the lock is not free. An exception of this function ends the waiting.
        advice: Ends the message if the file cannot be created.

    Raises DevstackError if the file cannot be created, or on Windows.
    """
    try:
        import fcntl
    except ModuleNotFoundError as error:
        raise DevstackError(
            "The development stack needs Linux or macOS. On Windows use WSL, or containers (compose.yaml)."
        ) from error
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = file.open("a")
    except OSError as error:
        raise DevstackError(f"Cannot write to {file.parent}: {error}. {advice}".rstrip()) from error
    mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    with handle:
        try:
            fcntl.flock(handle, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(handle, mode)
        yield


def is_locked(file: Path) -> bool:
    """Return whether a process holds the lock of this file."""

    def refuse() -> None:
        raise BlockingIOError

    try:
        with file_lock(file, on_wait=refuse):
            return False
    except BlockingIOError:
        return True
