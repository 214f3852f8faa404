"""The rows of ``WebhookDelivery``: recorded, locked by one worker, finished, retried, replayed and pruned.

A worker locks all pending deliveries of an identity before it reads the identity. A post that arrives during
the call removes the lock, so the delivery stays pending and the identity is read again. A lock ends after
``LOCK_TIME``, so the deliveries of a worker that was killed are processed by another one.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connections, router, transaction
from django.db.models import F, Min, Q, QuerySet
from django.utils import timezone

from django_ory.models import WebhookDelivery

from .notifications import Notification

__all__ = ["prune_deliveries", "replay_deliveries"]

#: Posts of one identity and event within this time are one row.
MERGE_TIME = timedelta(minutes=1)
#: How long a worker may take for an identity: longer than each timeout of a call to Ory and of the database.
LOCK_TIME = timedelta(minutes=2)
#: With the delays below, a delivery fails after about 20 hours.
MAX_PROCESSING_ATTEMPTS = 30
FIRST_DELAY_SECONDS = 2.0
MAX_DELAY_SECONDS = 3600.0
#: The share of a delay by which it may be shorter or longer, so that retries do not arrive all at once.
DELAY_JITTER = 0.2
MAX_ERROR_LENGTH = 200
#: How long the records of processed and failed deliveries are kept.
KEEP_TIME = timedelta(days=30)


def record_notification(notification: Notification) -> None:
    """Store a post as a pending delivery, due now. Earlier failures of the same delivery are forgotten.

    Raises ``django.db.Error`` if the database fails. Then nothing is stored.
    """
    now = timezone.now()
    rows = _get_deliveries()
    names = {
        "alias": notification.alias,
        "identity_id": notification.identity_id,
        "event": notification.event,
    }
    is_open = Q(status=WebhookDelivery.Status.PENDING) | Q(received_at__gt=now - MERGE_TIME)
    last = rows.filter(is_open, **names).order_by("-pk").values_list("pk", flat=True).first()
    values = {**_build_pending(now), "received_at": now}
    if last is None or not rows.filter(pk=last).update(**values, posts=F("posts") + 1):
        rows.create(**names, **values)


def list_due_identities(
    *, aliases: Sequence[str] = (), without: Sequence[str] = (), limit: int = 100
) -> list[tuple[str, UUID]]:
    """Return the identities with a delivery to process now, as (alias, id), the longest waiting first.

    ``aliases``: only these; all by default. ``without``: not these.
    """
    rows = _filter_pending(next_attempt_at__lte=timezone.now()).exclude(alias__in=without)
    if aliases:
        rows = rows.filter(alias__in=aliases)
    found = rows.order_by("next_attempt_at").values_list("alias", "identity_id")[:limit]
    return list(dict.fromkeys(found))


def lock_deliveries(alias: str, identity_id: UUID) -> UUID | None:
    """Lock the pending deliveries of an identity, also those that wait for a retry.

    Returns the lock; None if there is no delivery, or other workers have all of them. Of two workers at the
    same time, one gets each delivery.
    """
    now, lock = timezone.now(), uuid4()
    is_free = Q(lock=None) | Q(next_attempt_at__lte=now)
    rows = _filter_pending(alias=alias, identity_id=identity_id).filter(is_free)
    values: dict[str, Any] = {"lock": lock, "next_attempt_at": now + LOCK_TIME, "attempts": F("attempts") + 1}
    if not connections[rows.db].features.has_select_for_update_skip_locked:
        return lock if rows.update(**values) else None
    with transaction.atomic(using=rows.db):
        keys = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True))
        return lock if keys and rows.filter(pk__in=keys).update(**values) else None


def finish_deliveries(lock: UUID, alias: str, identity_id: UUID) -> None:
    """Mark the locked deliveries as processed, except those that Kratos has posted again meanwhile."""
    done = WebhookDelivery.Status.DONE
    _filter_locked(lock, alias, identity_id).update(
        status=done, processed_at=timezone.now(), lock=None, error=""
    )


def retry_deliveries(lock: UUID, alias: str, identity_id: UUID, *, error: str) -> bool:
    """Let the locked deliveries wait for the next attempt, or fail after ``MAX_PROCESSING_ATTEMPTS``.

    ``error``: the reason, without personal data. Returns whether one of them failed for good.
    """
    has_failed = False
    for pk, attempts in _filter_locked(lock, alias, identity_id).values_list("pk", "attempts"):
        is_last = attempts >= MAX_PROCESSING_ATTEMPTS
        has_failed |= is_last
        _filter_locked(lock, alias, identity_id).filter(pk=pk).update(
            status=WebhookDelivery.Status.FAILED if is_last else WebhookDelivery.Status.PENDING,
            next_attempt_at=timezone.now() + build_delay(attempts),
            lock=None,
            error=error[:MAX_ERROR_LENGTH],
        )
    return has_failed


def get_retry_delay(alias: str) -> float | None:
    """Return the seconds until the next attempt for a delivery of a project; None if none is pending."""
    first = _filter_pending(alias=alias).aggregate(first=Min("next_attempt_at"))["first"]
    return None if first is None else max(0.0, (first - timezone.now()).total_seconds())


def build_delay(attempts: int) -> timedelta:
    """Return the time until the next attempt: doubled with each attempt, with jitter."""
    seconds = min(FIRST_DELAY_SECONDS * 2 ** (min(attempts, 32) - 1), MAX_DELAY_SECONDS)
    return timedelta(seconds=seconds * random.uniform(1 - DELAY_JITTER, 1 + DELAY_JITTER))  # noqa: S311 (no secret)


def replay_deliveries(rows: QuerySet[WebhookDelivery]) -> int:
    """Make deliveries pending and due, as if Kratos had posted them again. Returns their number."""
    using = router.db_for_write(WebhookDelivery)
    return rows.order_by().using(using).update(**_build_pending(timezone.now()))


def prune_deliveries(*, older_than: timedelta = KEEP_TIME, aliases: Sequence[str] = ()) -> int:
    """Delete the records of deliveries that were received this long ago, except pending ones.

    ``ory_process_webhooks`` calls this function. Returns the number of records. ``aliases``: only of these
    projects; of all by default.
    """
    rows = _get_deliveries().exclude(status=WebhookDelivery.Status.PENDING)
    if aliases:
        rows = rows.filter(alias__in=aliases)
    deleted, _by_model = rows.filter(received_at__lt=timezone.now() - older_than).delete()
    return deleted


def _build_pending(now: datetime) -> dict[str, Any]:
    """Return the values of a delivery that is due. Without its lock, no worker can finish it."""
    pending = WebhookDelivery.Status.PENDING
    return {"status": pending, "attempts": 0, "next_attempt_at": now, "lock": None, "error": ""}


def _get_deliveries() -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.using(router.db_for_write(WebhookDelivery))


def _filter_pending(**names: Any) -> QuerySet[WebhookDelivery]:
    return _get_deliveries().filter(status=WebhookDelivery.Status.PENDING, **names)


def _filter_locked(lock: UUID, alias: str, identity_id: UUID) -> QuerySet[WebhookDelivery]:
    return _filter_pending(alias=alias, identity_id=identity_id, lock=lock)
