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

from django.db import connections, router, transaction
from django.db.models import Max
from django.db.utils import DataError, IntegrityError
from django.utils import timezone

from django_ory.client import ListedPage, OryAPIError
from django_ory.models import SyncProgress
from django_ory.resilience.read_ahead import read_ahead

from .pacing import Pacer, TimeLimitReached
from .page_reader import ReadPage, read_pages
from .progress import delete_progress, load_progress, save_progress
from .report import SyncReport
from .rows import Mirror, ResourceT, RowT, not_after

logger = logging.getLogger("django_ory.mirror")

#: Called after each page with the report so far, and the number of rows that existed at the start.
OnPage = Callable[[SyncReport, int], object]
#: Errors of a single row. ValueError: the driver of the database does not accept a value.
ROW_ERRORS = (DataError, IntegrityError, ValueError, OverflowError)
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
        sync = Sync(mirror, progress, stop_after=stop_after, on_page=on_page, is_continued=True)
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
        is_continued: bool = False,
        dry_run: bool = False,
        stop_after: float | None = None,
        on_page: OnPage | None = None,
    ) -> None:
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
            continued_from=progress.started_at if is_continued else None,
            missing=self._old.filter(missing_since=None).count() if dry_run else 0,
        )

    def run(self) -> SyncReport:
        """Write every resource of Ory, then mark the rows that the list does not contain.

        A resource is read again before its row is created or marked, if the list may be outdated: because
        rows were deleted during the sync, pages are offsets, or an id was unreadable.
        """
        try:
            self._write_all_pages()
            if not self.report.dry_run:
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
                if page.next_token and not self.report.dry_run:
                    self._progress.page_token = page.next_token
                    save_progress(self._progress)
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
                self._record_failure(key, error)
                failed.append(key)
        new, changed, same = self._compare(values, failed, page.requested_at)
        report.unchanged += len(values) - len(new) - len(changed)
        if report.dry_run:
            report.created += len(new)
            report.updated += len(changed)
            return
        unconfirmed: list[Any] = []
        if new and self._may_be_deleted(page.requested_at):
            unconfirmed, new = [getattr(row, mirror.key) for row in new], []
        self._write(new, changed, same, page.requested_at)
        self._write_confirmed(unconfirmed)

    def _compare(
        self, page: dict[Any, dict[str, Any]], failed: list[Any], requested_at: datetime
    ) -> tuple[list[RowT], list[RowT], list[Any]]:
        """Return the rows to create, the rows to update, and the primary keys of the other rows."""
        mirror = self._mirror
        rows = self._rows.filter(**{f"{mirror.key}__in": [*page, *failed]})
        existing = {getattr(row, mirror.key): row for row in rows}
        new: list[RowT] = []
        changed: list[RowT] = []
        same = [existing[key].pk for key in failed if key in existing]
        for key, values in page.items():
            row = existing.get(key)
            if row is None:
                key_values = {"alias": self.report.alias, mirror.key: key, "synced_at": requested_at}
                new.append(mirror.model(**key_values, **values))
            elif row.synced_at is not None and row.synced_at > requested_at:
                continue  # written from the response to a later request
            elif row.missing_since is None and all(getattr(row, n) == value for n, value in values.items()):
                same.append(row.pk)
            else:
                for name, value in {**values, "synced_at": requested_at}.items():
                    setattr(row, name, value)
                changed.append(row)
        if self.report.dry_run:
            last = self._progress.last_row
            self.report.missing -= sum(
                row.pk <= last and row.missing_since is None for row in existing.values()
            )
        return new, changed, same

    def _may_be_deleted(self, requested_at: datetime) -> bool:
        """Return whether this site may have deleted resources after a page was requested."""
        count = self._old.count()
        if count < self._old_count:
            self._old_count, self._deleted_until = count, timezone.now()
        return self._deleted_until is not None and requested_at <= self._deleted_until

    def _write(self, new: list[RowT], changed: list[RowT], same: list[Any], requested_at: datetime) -> None:
        try:
            self._write_together(new, changed, same, requested_at)
        except ROW_ERRORS:
            # One by one, to find the row. Its other rows are written, and the row is not missing.
            new = [row for row in new if self._is_written(row, [row], [], requested_at)]
            for row in [row for row in changed if not self._is_written(row, [], [row], requested_at)]:
                changed.remove(row)
                same.append(row.pk)
            self._write_together([], [], same, requested_at)
        self.report.created += len(new)
        self.report.updated += len(changed)
        mirror = self._mirror
        for row in changed:
            mirror.invalidate(self.report.alias, getattr(row, mirror.key))
        if not mirror.needs_after_write():
            return
        keys = [getattr(row, mirror.key) for row in new]
        # Read again, because bulk_create does not set the primary keys.
        for row in self._rows.filter(**{f"{mirror.key}__in": keys}) if keys else ():
            mirror.after_write(row, created=True)
        for row in changed:
            mirror.after_write(row, created=False)

    def _write_together(
        self, new: Sequence[RowT], changed: Sequence[RowT], same: Sequence[Any], requested_at: datetime
    ) -> None:
        mirror, using = self._mirror, router.db_for_write(self._mirror.model)
        with transaction.atomic(using=using):
            if new:
                # A login may create the same row from a response of its own, so a conflict is no error.
                ignore = connections[using].features.supports_ignore_conflicts
                mirror.model._default_manager.using(using).bulk_create(new, ignore_conflicts=ignore)
                keys = [getattr(row, mirror.key) for row in new]
                if self._rows.filter(**{f"{mirror.key}__in": keys}).count() < len(new):
                    raise IntegrityError("a row is invalid")  # SQLite and MySQL ignore that, too
            older = self._rows.filter(not_after(requested_at))  # again: a row may be newer than the plan
            if changed:
                for row in changed:
                    row.missing_since = None
                older.bulk_update(changed, [*mirror.columns, "synced_at", "missing_since"])
            if same:
                older.filter(pk__in=same).update(synced_at=requested_at)

    def _is_written(self, row: RowT, new: list[RowT], changed: list[RowT], requested_at: datetime) -> bool:
        try:
            self._write_together(new, changed, [], requested_at)
        except ROW_ERRORS as error:
            self._record_failure(getattr(row, self._mirror.key), error)
            return False
        return True

    def _record_failure(self, key: Any, error: Exception) -> None:
        self.report.failed.append(str(key))
        # Only the class: the text may contain traits.
        logger.error(
            "Sync of project %s: the row of %s could not be written (%s). Correct its values in Ory, or your "
            "adapter, and sync again.",
            *(self.report.alias, key, type(error).__name__),
        )

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
