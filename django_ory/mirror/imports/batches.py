"""Sends batches to Kratos in another thread, one at a time, while the batch before is linked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.utils import timezone

from .identity_creation import CreatedIdentity, IdentityCreator
from .user_bodies import PreparedUser

__all__ = ["BatchSender", "SentBatch"]


@dataclass(frozen=True)
class SentBatch:
    """The results of a batch, and the time before it was sent."""

    requested_at: datetime
    results: Sequence[CreatedIdentity]


class BatchSender:
    """A context manager. The thread makes no queries, so that all rows are written by the caller's thread.

    An identity that an error leaves without a link is found by the next run.
    """

    def __init__(self, creator: IdentityCreator) -> None:
        self._creator = creator
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ory-import")
        self._waiting: list[Future[SentBatch]] = []

    def send(self, users: Sequence[PreparedUser]) -> Iterator[SentBatch]:
        """Send a batch. Yields the batch before, if any, as soon as its results are known.

        Raises ImportInterrupted.
        """
        if users:
            self._waiting.append(self._executor.submit(self._create, users))
        while len(self._waiting) > 1:
            yield self._waiting.pop(0).result()

    def finish(self) -> Iterator[SentBatch]:
        """Yield the results of the last batch. Raises ImportInterrupted."""
        while self._waiting:
            yield self._waiting.pop(0).result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown(cancel_futures=True)

    def _create(self, users: Sequence[PreparedUser]) -> SentBatch:
        requested_at = timezone.now()
        try:
            return SentBatch(requested_at, self._creator.create(users))
        except BaseException:
            self._executor.shutdown(wait=False, cancel_futures=True)  # nothing after a failure
            raise
