"""The stored progress of unfinished syncs, one row for each project and kind of rows, and the last sync.

A row says: all resources of the pages before ``page_token`` have been written since ``started_at``. Several
syncs at once keep that true, because a sync only moves the token of a sync that started before itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import router
from django.db.models import QuerySet
from django.utils import timezone

from django_ory.models import SyncProgress
from django_ory.models.rows import store_row

#: An older sync is not continued: Ory may no longer accept its token.
MAX_AGE = timedelta(days=1)
#: The kind of the row with the start of the last sync of identities. Its other columns are empty.
LAST_SYNC = "last_identity_sync"


def load_progress(alias: str, kind: str) -> SyncProgress | None:
    """Return the progress to continue; None if there is none or the progress is too old."""
    now = timezone.now()
    return _get_rows(alias, kind).filter(started_at__gt=now - MAX_AGE, started_at__lte=now).first()


def save_progress(progress: SyncProgress) -> None:
    """Store the progress after a page, unless another sync with an older start has stored its own."""
    values: dict[str, Any] = {"page_token": progress.page_token, "page_size": progress.page_size}
    rows = _get_rows(progress.alias, progress.kind)
    if rows.filter(started_at__lte=progress.started_at).update(**values):
        return
    values |= {"started_at": progress.started_at, "last_row": progress.last_row}
    rows.get_or_create(alias=progress.alias, kind=progress.kind, defaults=values)


def delete_progress(progress: SyncProgress) -> None:
    """Delete the progress of a sync that is complete, or whose token was rejected."""
    _get_rows(progress.alias, progress.kind).filter(started_at__lte=progress.started_at).delete()


def get_last_sync(alias: str) -> datetime | None:
    """Return the start of the last finished sync of identities, complete or of recent ones."""
    row = _get_rows(alias, LAST_SYNC).first()
    return row.started_at if row else None


def record_sync(alias: str, started_at: datetime) -> None:
    """Store the start of a finished sync of identities."""
    values = {"started_at": started_at, "last_row": 0, "page_size": 0, "page_token": ""}
    store_row(_get_rows(alias, LAST_SYNC), {"alias": alias, "kind": LAST_SYNC}, values)


def _get_rows(alias: str, kind: str) -> QuerySet[SyncProgress]:
    rows = SyncProgress.objects.using(router.db_for_write(SyncProgress))
    return rows.filter(alias=alias, kind=kind)
