"""Other processes that run a function of a test: forks, as a new Python would import Django first."""

from __future__ import annotations

import multiprocessing
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkProcess

__all__ = ["may_fork", "run_fork"]

_FORK = multiprocessing.get_context("fork")

#: The threads of pytest-xdist do not take part in what these processes do.
may_fork = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


@contextmanager
def run_fork(function: Callable[[Connection], None]) -> Iterator[tuple[ForkProcess, Connection]]:
    """Run a function in another process, which is killed at the end of the block.

    Both sides have one end of a pipe: ``connection.poll(None)`` of the function returns when the other end is
    closed.
    """
    here, there = _FORK.Pipe()

    def run() -> None:
        here.close()
        function(there)

    process = _FORK.Process(target=run)
    process.start()
    there.close()
    try:
        yield process, here
    finally:
        here.close()
        process.kill()
        process.join()
