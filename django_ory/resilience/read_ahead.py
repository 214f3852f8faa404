"""Reads an iterator in a thread, one item ahead of its reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

_END = object()


@contextmanager
def read_ahead(items: Iterator[T], *, cancel: Callable[[], object]) -> Iterator[Iterator[T]]:
    """Return an iterator over the same items: while one is processed, a thread reads the next one.

    At most two items are in memory. The thread has ended when the block ends, also after an exception. An
    exception of ``items`` is raised at its place.

    Args:
        items: Runs in the thread only.
        cancel: Called when the block ends. Ends a wait in ``items``, so that the thread ends soon.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="django-ory-read-ahead") as executor:
        try:
            yield _read(items, executor)
        finally:
            cancel()


def _read(items: Iterator[T], executor: ThreadPoolExecutor) -> Iterator[T]:
    pending = executor.submit(next, items, _END)
    item: object
    while (item := pending.result()) is not _END:
        pending = executor.submit(next, items, _END)
        yield item  # type: ignore[misc]
        item = None  # freed before the next one is waited for
