"""Writes only the rows of identities with a new session: those who signed up or in since the last sync.

Kratos has no list of changed identities, but its list of sessions starts with the newest. Changes by staff,
changes of a profile without a new sign-in, and deletions are only found by a complete sync.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from django_ory.client import ListedPage
from django_ory.client import models as ory
from django_ory.client.identifiers import parse_uuid
from django_ory.clients import get_client
from django_ory.models import SyncProgress

from .identities import sync_identities
from .identity_rows import IdentityMirror
from .progress import get_last_sync, record_sync
from .report import SyncReport
from .sessions import get_owner
from .sync import OnPage, Sync

__all__ = ["sync_recent_identities"]

#: The clocks of Kratos and this site differ, and Kratos may create a session some time before its sign-in.
MARGIN = timedelta(minutes=5)
IDS_PER_CALL = 100  # 4 kB of a URL


class RecentIdentityMirror(IdentityMirror):
    """Lists the identities with a session that is newer than a time."""

    def __init__(self, since: datetime) -> None:
        self._since = since

    def list_pages(
        self, alias: str, *, page_size: int, page_token: str = ""
    ) -> Iterator[ListedPage[ory.Identity]]:
        """Read ``GET /admin/sessions``, then ``GET /admin/identities?ids=...``."""
        client, seen = get_client(alias), set[UUID]()
        pages = client.iterate_pages(client.admin_list_sessions, page_size=page_size, expand=["identity"])
        for page in pages:
            times = [session.issued_at for session in page.items if session.issued_at is not None]
            keys = {key for session in page.items if (key := get_owner(session)) is not None}
            new = sorted(keys - seen)
            for start in range(0, len(new), IDS_PER_CALL):
                batch = new[start : start + IDS_PER_CALL]
                found = client.with_http_info.admin_list_identities(ids=[str(key) for key in batch])
                # Kratos before v1.1 ignores ids.
                asked = [each for each in found.data if parse_uuid(each.id) in batch]
                yield ListedPage(asked, headers=found.headers)
            seen |= keys
            if times and max(times) < self._since:
                return


def sync_recent_identities(
    alias: str, *, page_size: int = 250, dry_run: bool = False, on_page: OnPage | None = None
) -> SyncReport:
    """Write the rows of the identities that signed up or in since the last sync, complete or not.

    Without an earlier sync, all identities are synced. No row is marked as missing.

    Args:
        alias: The key in ``settings.ORY``.
        page_size: The number of sessions per request.
        dry_run: Only count.
        on_page: See ``sync_identities``.

    Raises:
        OryError: Kratos failed. The next call reads the same sessions again.
    """
    last = get_last_sync(alias)
    if last is None:
        return sync_identities(alias, page_size=page_size, dry_run=dry_run, on_page=on_page)
    started_at = timezone.now()
    since = (last if settings.USE_TZ else timezone.make_aware(last)) - MARGIN
    progress = SyncProgress(
        alias=alias, kind="identity", started_at=started_at, last_row=0, page_size=page_size
    )
    mirror = RecentIdentityMirror(since)
    report = Sync(mirror, progress, dry_run=dry_run, on_page=on_page, changed_since=last).run()
    if not dry_run:
        record_sync(alias, started_at)
    return report
