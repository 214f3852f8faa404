"""Processes recorded web hooks: reads each identity once for all its deliveries, and writes its row."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from django.db import Error as DatabaseFailure
from django.db import close_old_connections

from django_ory.client import OryAPIError, OryNotFound, OryRateLimited, OryTransportError
from django_ory.conf import get_settings
from django_ory.mirror.identities import refresh_identity
from django_ory.mirror.tasks import enqueue_task
from django_ory.resilience.log_throttle import throttled_log

from .deliveries import (
    finish_deliveries,
    get_retry_delay,
    list_due_identities,
    lock_deliveries,
    prune_deliveries,
    retry_deliveries,
)

__all__ = ["ProcessingReport", "process_deliveries", "run_worker"]

logger = logging.getLogger("django_ory.webhooks")

#: How long one task processes deliveries, less than the time limits of queues.
TASK_SECONDS = 20.0
PRUNE_INTERVAL_SECONDS = 3600.0
#: After so many calls in a row without an answer of Kratos, the other deliveries wait for the next run. They
#: are not delayed further, so they are processed as soon as Kratos answers again.
MAX_UNANSWERED = 3
UNAVAILABLE_SECONDS = 5.0


class ProcessingOutcome(Enum):
    """The result of processing the deliveries of one identity."""

    DONE = "done"
    RETRIED = "retried"
    UNAVAILABLE = "unavailable"  # retried, too: Kratos is down, slow, or limits the rate
    FAILED = "failed"  # for good
    TAKEN = "taken"  # by another worker


@dataclass(frozen=True, kw_only=True)
class ProcessingReport:
    """The numbers of identities by result. ``complete``: False if the processing ended early."""

    done: int = 0
    retried: int = 0
    failed: int = 0
    complete: bool = True

    def __add__(self, other: ProcessingReport) -> ProcessingReport:
        return ProcessingReport(
            done=self.done + other.done,
            retried=self.retried + other.retried,
            failed=self.failed + other.failed,
            complete=other.complete,
        )


def process_deliveries(
    *,
    aliases: Sequence[str] = (),
    stop_after: float | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> ProcessingReport:
    """Process the deliveries that are due, until none is left. Errors of Ory are recorded, not raised.

    Ends early while Kratos does not answer. Several processes may do so at the same time.

    Args:
        aliases: only the deliveries of these keys in ``settings.ORY``; all by default.
        stop_after: seconds after which no further identity is read.
        should_stop: called before each identity; True ends the processing.

    Raises:
        django.db.Error: the deliveries could not be read or written. They stay pending.
    """
    end = None if stop_after is None else time.monotonic() + stop_after
    counts = dict.fromkeys(ProcessingOutcome, 0)
    unanswered: Counter[str] = Counter()  # by alias, since the last answer
    while due := list_due_identities(aliases=aliases, without=_list_unavailable(unanswered)):
        for alias, identity_id in due:
            if alias in _list_unavailable(unanswered):
                continue
            if should_stop() or (end is not None and time.monotonic() >= end):
                return _build_report(counts, complete=False)
            outcome = process_identity(alias, identity_id)
            counts[outcome] += 1
            unanswered[alias] = unanswered[alias] + 1 if outcome is ProcessingOutcome.UNAVAILABLE else 0
    return _build_report(counts, complete=not _list_unavailable(unanswered))


def run_worker(*, aliases: Sequence[str] = (), interval: float, stop: threading.Event) -> ProcessingReport:
    """Process deliveries until ``stop`` is set, and prune old ones. A database that fails is tried again.

    Args:
        aliases: only the deliveries of these keys in ``settings.ORY``; all by default.
        interval: seconds between two lookups of new deliveries.
        stop: ends the work after the current identity.

    Returns:
        The sum of all results.
    """
    total, next_prune = ProcessingReport(), time.monotonic()
    while True:
        try:
            close_old_connections()  # also those that failed
            total += process_deliveries(aliases=aliases, should_stop=stop.is_set)
            if time.monotonic() >= next_prune:
                prune_deliveries(aliases=aliases)
                next_prune = time.monotonic() + PRUNE_INTERVAL_SECONDS
        except DatabaseFailure as error:
            logger.error("Web hooks not processed: %s. They stay recorded.", type(error).__name__)
        if stop.wait(interval):
            return total


def process_elsewhere(alias: str) -> bool:
    """Let a queue or a service process the pending deliveries of a project.

    Returns False if there is neither, so that this process must call ``process_deliveries``.
    """
    if get_settings(alias).webhook_processing == "command":
        return True
    return enqueue_task("process_webhooks", alias=alias)


def run_processing(alias: str) -> float | None:
    """Process the deliveries of a project as a task. Returns the seconds until the next attempt, if any.

    Only the run that could not process a delivery asks for another run, so that runs do not add up.
    """
    report = process_deliveries(aliases=[alias], stop_after=TASK_SECONDS)
    if not report.complete:
        return UNAVAILABLE_SECONDS if report.retried else 0.0
    return get_retry_delay(alias) if report.retried else None


def process_identity(alias: str, identity_id: UUID) -> ProcessingOutcome:
    """Lock the pending deliveries of an identity, write its row, and finish the deliveries."""
    lock = lock_deliveries(alias, identity_id)
    if lock is None:
        return ProcessingOutcome.TAKEN
    try:
        refresh_identity(alias, identity_id)
    except OryNotFound:
        pass  # deleted meanwhile, and there is no row
    except Exception as error:  # noqa: BLE001 (also of the adapter and signals; the delivery is kept)
        reason = _describe(error)
        throttled_log.warn(
            logger,
            ("webhook", alias, reason),
            "Web hook not processed: identity %s (project %s): %s. The delivery will be tried again.",
            identity_id,
            alias,
            reason,
        )
        if retry_deliveries(lock, alias, identity_id, error=reason):
            return ProcessingOutcome.FAILED
        is_unavailable = isinstance(error, (OryTransportError, OryRateLimited))
        return ProcessingOutcome.UNAVAILABLE if is_unavailable else ProcessingOutcome.RETRIED
    finish_deliveries(lock, alias, identity_id)
    return ProcessingOutcome.DONE


def _list_unavailable(unanswered: Counter[str]) -> list[str]:
    return [alias for alias, count in unanswered.items() if count >= MAX_UNANSWERED]


def _describe(error: Exception) -> str:
    """Return the class of an error, and the status of Ory. Its text may contain traits."""
    name = type(error).__name__
    if isinstance(error, OryAPIError):
        return f"{name} {error.status}"
    return f"{name} (database)" if isinstance(error, DatabaseFailure) else name


def _build_report(counts: dict[ProcessingOutcome, int], *, complete: bool) -> ProcessingReport:
    return ProcessingReport(
        done=counts[ProcessingOutcome.DONE],
        retried=counts[ProcessingOutcome.RETRIED] + counts[ProcessingOutcome.UNAVAILABLE],
        failed=counts[ProcessingOutcome.FAILED],
        complete=complete,
    )
