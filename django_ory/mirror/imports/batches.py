"""Sends batches to Kratos in another thread, one at a time, while the batch before is settled and linked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self

from .findings import ImportInterrupted
from .identity_creation import IdentityCreator, SentBatch
from .user_bodies import PreparedUser

__all__ = ["BatchSender"]


class BatchSender:
    """A context manager. The thread makes no queries, so that all rows are written by the caller's thread.

    An identity that an error leaves without a link is found by the next run.
    """

    def __init__(self, creator: IdentityCreator) -> None:
        self._creator = creator
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ory-import")
        self._waiting: list[Future[SentBatch]] = []
        self._has_failed = False

    def send(self, users: Sequence[PreparedUser]) -> Iterator[SentBatch]:
        """Send a batch. Yields the batch before, if any, as soon as Kratos has answered.

        Raises ImportInterrupted.
        """
        if users:
            self._waiting.append(self._executor.submit(self._send, users))
        while len(self._waiting) > 1:
            yield self._waiting.pop(0).result()

    def finish(self) -> Iterator[SentBatch]:
        """Yield the last batch. Raises ImportInterrupted."""
        while self._waiting:
            yield self._waiting.pop(0).result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown(cancel_futures=True)

    def _send(self, users: Sequence[PreparedUser]) -> SentBatch:
        if self._has_failed:
            raise ImportInterrupted("The batch before failed.")  # the caller stops at that one
        try:
            return self._creator.send(users)
        except BaseException:
            self._has_failed = True
            raise
