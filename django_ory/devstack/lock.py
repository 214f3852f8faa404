"""A lock between processes. The system drops it when its holder dies, so a stale one cannot exist."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from .errors import DevstackError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["locked"]


@contextmanager
def locked(file: Path, *, on_wait: Callable[[], None] = lambda: None, advice: str = "") -> Iterator[None]:
    """Hold the lock of this file; ``on_wait`` is called once if somebody else holds it now.

    Raises DevstackError, with ``advice``, if there can be no such file or no such lock.
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
        raise DevstackError(f"{file.parent} cannot be written to: {error}. {advice}".rstrip()) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
