"""Writes all rows of one kind: page by page, while the next page is read in a thread.

After each page the token of the next one is stored, so that the next sync continues an interrupted one.
Only a sync that has seen the whole list marks rows as missing: those that no part of the sync has written.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Generic

from django.db.models import Max
from django.utils import timezone

from django_ory.client import ListedPage, OryAPIError
from django_ory.models import SyncProgress
from django_ory.resilience.read_ahead import read_ahead

from .pacing import Pacer, TimeLimitReached
from .page_reader import ReadPage, read_pages
from .progress import delete_progress, load_progress, save_progress
from .report import SyncReport
from .row_writer import RowWriter
from .rows import Mirror, ResourceT, RowT

logger = logging.getLogger("django_ory.mirror")

#: Called after each page with the report so far, and the number of rows that existed at the start.
OnPage = Callable[[SyncReport, int], object]
#: Answers to a page token that is too old, or of another server.
TOKEN_REJECTED = frozenset({400, 404, 410, 422})


def sync_rows(
    mirror: Mirror[RowT, ResourceT],
    alias: str,
    *,
    page_size: int = 250,
    dry_run: bool = False,
    stop_after: float | None = None,
    on_page: OnPage | None = None,
) -> SyncReport:
    """Write the rows of all resources; see ``sync_identities``. Continues an interrupted sync."""
    kind = str(mirror.model._meta.model_name)
    if not dry_run and (progress := load_progress(alias, kind)) is not None:
        sync = Sync(mirror, progress, stop_after=stop_after, on_page=on_page)
        try:
            return sync.run()
        except OryAPIError as error:
            if sync.report.seen or error.status not in TOKEN_REJECTED:
                raise
            logger.info("Sync of project %s starts again: Ory rejected its page token.", alias)
            delete_progress(progress)
    started_at, last = timezone.now(), mirror.get_rows(alias).aggregate(last=Max("pk"))["last"] or 0
    progress = SyncProgress(alias=alias, kind=kind, started_at=started_at, last_row=last, page_size=page_size)
    return Sync(mirror, progress, dry_run=dry_run, stop_after=stop_after, on_page=on_page).run()


class Sync(Generic[RowT, ResourceT]):
    """A sync, or the rest of an interrupted one. Call ``run`` once."""

    def __init__(
        self,
        mirror: Mirror[RowT, ResourceT],
        progress: SyncProgress,
        *,
        dry_run: bool = False,
        stop_after: float | None = None,
        on_page: OnPage | None = None,
        changed_since: datetime | None = None,
    ) -> None:
        """Prepare a sync.

        ``progress``: with a page token, the rest of an interrupted sync. ``changed_since``: the mirror lists
        only a part, so no row is missing and nothing is continued.
        """
        self._mirror, self._progress, self._on_page = mirror, progress, on_page
        self._started = time.monotonic()
        self._pacer = Pacer(progress.alias, seconds=stop_after)
        self._rows = mirror.get_rows(progress.alias)
        # A row that a login creates during the sync is not missing.
        self._old = self._rows.filter(pk__lte=progress.last_row)
        self._old_count = self._old.count()
        self._deleted_until: datetime | None = None
        self.report = SyncReport(
            alias=progress.alias,
            dry_run=dry_run,
            continued_from=progress.started_at if progress.page_token else None,
            changed_since=changed_since,
            missing=self._old.filter(missing_since=None).count() if dry_run else 0,
        )
        self._writer = RowWriter(mirror, self.report)

    def run(self) -> SyncReport:
        """Write every resource of Ory, then mark the rows that the list does not contain.

        A resource is read again before its row is created or marked, if the list may be outdated: because
        rows were deleted during the sync, pages are offsets, or an id was unreadable.
        """
        try:
            self._write_all_pages()
            if not self.report.dry_run and self.report.changed_since is None:
                self._mark_missing()
                delete_progress(self._progress)
        except TimeLimitReached:
            self.report.complete = False
        finally:
            self.report.seconds = time.monotonic() - self._started
            self.report.waited_seconds = self._pacer.waited_seconds
        return self.report

    def _write_all_pages(self) -> None:
        pages = read_pages(self._list_pages, self._pacer, page_token=self._progress.page_token)
        with read_ahead(pages, cancel=self._pacer.cancel) as ahead:
            for page in ahead:
                self._write_page(page)
                if self._on_page is not None:
                    self._on_page(self.report, self._old_count)
                self._stop_if_late()

    def _list_pages(self, page_token: str) -> Iterator[ListedPage[ResourceT]]:
        size = self._progress.page_size
        return self._mirror.list_pages(self._progress.alias, page_size=size, page_token=page_token)

    def _stop_if_late(self) -> None:
        if self._pacer.is_late():
            raise TimeLimitReached

    def _write_page(self, page: ReadPage[ResourceT]) -> None:
        mirror, report = self._mirror, self.report
        report.seen += len(page.resources)
        values: dict[Any, dict[str, Any]] = {}
        failed: list[Any] = []
        for resource in page.resources:
            key = mirror.get_key(resource)
            if key is None or resource.is_unreadable:
                report.unreadable.append("" if key is None else str(key))
            if key is None:
                continue
            try:
                values[key] = mirror.build_columns(report.alias, resource)
            except Exception as error:  # noqa: BLE001 (the site's own adapter builds the label)
                self._writer.record_failure(key, error)
                failed.append(key)
        new, changed, same = self._compare(values, failed, page.requested_at)
        report.unchanged += len(values) - len(new) - len(changed)
        if report.dry_run:
            report.created += len(new)
            report.updated += len(changed)
            return
        if new and self._may_be_deleted(page.requested_at):
            self._write_confirmed(list(new))
            new = {}
        self._progress.page_token = page.next_token
        self._writer.write(new, changed, same, page.requested_at, finish=self._save_progress)
        report.created += len(new)
        report.updated += len(changed)
        self._writer.announce(new, changed)

    def _save_progress(self) -> None:
        if self._progress.page_token:
            save_progress(self._progress)

    def _compare(
        self, page: dict[Any, dict[str, Any]], failed: list[Any], requested_at: datetime
    ) -> tuple[dict[Any, dict[str, Any]], list[RowT], list[Any]]:
        """Return the columns of rows to create, the rows to update, and the primary keys of other rows."""
        mirror, last = self._mirror, self._progress.last_row
        names = ("pk", "synced_at", "missing_since", *mirror.columns)
        keys = [*page, *failed]
        if mirror.has_sorted_keys and keys and keys == sorted(keys):  # a range is faster than 250 values
            rows = self._rows.filter(**{f"{mirror.key}__gte": keys[0], f"{mirror.key}__lte": keys[-1]})
        else:
            rows = self._rows.filter(**{f"{mirror.key}__in": keys})
        new = dict(page)
        changed: dict[Any, dict[str, Any]] = {}
        same: list[Any] = []
        # No instances: most rows are unchanged.
        for key, pk, synced_at, missing_since, *old in rows.values_list(mirror.key, *names):
            if key not in new and key not in failed:
                continue  # in the range, and not in the page
            if self.report.dry_run and pk <= last and missing_since is None:
                self.report.missing -= 1
            values = new.pop(key, None)
            if values is None:
                same.append(pk)
            elif synced_at is not None and synced_at > requested_at:
                continue  # written from the response to a later request
            elif missing_since is None and [values[name] for name in mirror.columns] == old:
                same.append(pk)
            else:
                changed[pk] = {**values, "synced_at": requested_at, "missing_since": None}
        updated = list(self._rows.filter(pk__in=changed)) if changed else []
        for row in updated:
            for name, value in changed[row.pk].items():
                setattr(row, name, value)
        return new, updated, same

    def _may_be_deleted(self, requested_at: datetime) -> bool:
        """Return whether this site may have deleted resources after a page was requested."""
        count = self._old.count() if self._old_count else 0
        if count < self._old_count:
            self._old_count, self._deleted_until = count, timezone.now()
        return self._deleted_until is not None and requested_at <= self._deleted_until

    def _write_confirmed(self, keys: Sequence[Any]) -> None:
        """Read each resource, and write those that exist."""
        for key in keys:
            self._stop_if_late()
            requested_at = timezone.now()
            resource = self._mirror.confirm(self.report.alias, key)
            if resource is not None:
                self._mirror.write_row(self.report.alias, resource, requested_at=requested_at)
                self.report.created += 1

    def _mark_missing(self) -> None:
        report, mirror = self.report, self._mirror
        absent = self._old.filter(missing_since=None).exclude(synced_at__gte=self._progress.started_at)
        keys = list(absent.values_list(mirror.key, flat=True))
        # Of the parts before this one, it is unknown whether all ids were readable.
        if mirror.uses_offsets or "" in report.unreadable or report.continued_from is not None:
            created = report.created
            self._write_confirmed(keys)
            report.created = created
        report.missing = absent.update(missing_since=timezone.now())
        for key in keys:
            mirror.invalidate(report.alias, key)
