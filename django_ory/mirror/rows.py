"""The rows of one kind of resource: written one at a time, or all by a sync, page by page.

A row is never overwritten by an older response. Only a complete sync marks rows as missing. No call to Ory is
made inside a transaction.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any, ClassVar, Generic, TypeVar

from django.db import connections, router, transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from django_ory.client import OryDecodeError, OryNotFound
from django_ory.client.models.model import OryModel
from django_ory.models import Mirrored

__all__ = ["SyncReport"]

RowT = TypeVar("RowT", bound=Mirrored)
ResourceT = TypeVar("ResourceT", bound="OryModel")


@dataclass(frozen=True, kw_only=True)
class SyncReport:
    """The changes that a sync made to the rows of one alias, or would make with ``dry_run``."""

    alias: str
    seen: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    missing: int = 0  #: rows marked by this sync
    unreadable: tuple[str, ...] = ()  #: ids of unreadable resources, "" for each without a valid id
    complete: bool = True  #: False: stopped before the end of the list, so no row was marked as missing
    dry_run: bool = False


class Mirror(ABC, Generic[RowT, ResourceT]):
    """The rows of one kind of resource. Subclasses define the model and the calls to Ory."""

    model: type[RowT]
    columns: ClassVar[tuple[str, ...]]  #: the other columns that are written from a response
    uses_offsets: ClassVar[bool] = False  #: pages are offsets, so a deletion during a sync hides a resource

    @property
    def key(self) -> str:
        """The column with Ory's id."""
        return self.model.id_field

    @abstractmethod
    def fetch(self, alias: str, key: Any) -> ResourceT:
        """Read one resource from Ory. Raises OryNotFound."""

    @abstractmethod
    def iterate(self, alias: str, *, page_size: int) -> Iterable[ResourceT]:
        """Read all resources from Ory."""

    @abstractmethod
    def get_key(self, resource: ResourceT) -> Any:
        """Return the value of the key column; None if the resource has no valid id."""

    @abstractmethod
    def build_columns(self, alias: str, resource: ResourceT) -> dict[str, Any]:
        """Build the values of ``columns``."""

    def after_write(self, row: RowT, *, created: bool) -> None:
        """Called after a row was written."""

    def invalidate(self, alias: str, key: Any) -> None:
        """Called when the resource may have changed: drop cached copies."""

    def confirm(self, alias: str, key: Any) -> ResourceT | None:
        """Read one resource; None if Ory does not have it."""
        try:
            return self.fetch(alias, key)
        except OryNotFound:
            return None

    # One row

    def refresh(self, alias: str, key: Any) -> RowT:
        """Write one row from Ory, or mark the row as missing if Ory does not have the resource.

        Raises:
            OryNotFound: There is neither a resource nor a row.
            RouteNotFound: Ory cannot address the id. Nothing was changed.
        """
        requested_at = timezone.now()
        try:
            resource = self.fetch(alias, key)
        except OryNotFound:
            row = self.mark_missing(alias, key, requested_at=requested_at)
            if row is None:
                raise
            return row
        self.invalidate(alias, key)
        return self.write_row(alias, resource, requested_at=requested_at)

    def write_row(self, alias: str, resource: ResourceT, *, requested_at: datetime) -> RowT:
        """Write one row from a response, unless it was written from the response to a later request.

        Columns that do not come from Ory are not changed. Returns the current row. Raises OryDecodeError
        if the resource has no valid id.
        """
        key = self.get_key(resource)
        if key is None:
            raise OryDecodeError("the response has no valid id")
        values = {
            **self.build_columns(alias, resource),
            "synced_at": requested_at,
            "missing_since": None,
        }
        rows, created = self._get_rows(alias, key), False
        # One statement, so that no other process can write in between.
        updated = rows.filter(_not_after(requested_at)).update(**values)
        if not updated:
            _row, created = rows.get_or_create(**{"alias": alias, self.key: key}, defaults=values)
        row = rows.get()
        if updated or created:
            self.after_write(row, created=created)
        return row

    def mark_missing(self, alias: str, key: Any, *, requested_at: datetime) -> RowT | None:
        """Mark a row as missing. Returns the row; None if there is none."""
        self.invalidate(alias, key)
        rows = self._get_rows(alias, key)
        unmarked = rows.filter(_not_after(requested_at), missing_since=None)
        unmarked.update(missing_since=requested_at, synced_at=requested_at)
        return rows.first()

    def _get_rows(self, alias: str, key: Any) -> QuerySet[RowT]:
        rows = self.model._default_manager.using(router.db_for_write(self.model))
        return rows.filter(**{"alias": alias, self.key: key})

    # All rows of an alias

    def sync(
        self,
        alias: str,
        *,
        page_size: int = 250,
        dry_run: bool = False,
        stop_after: float | None = None,
    ) -> SyncReport:
        """Write every resource of Ory, then mark the rows that the list no longer contains.

        A resource is read again before its row is created or marked, if the list may be outdated: because
        rows were deleted during the sync, pages are offsets, or an id was unreadable.
        """
        started, clock = timezone.now(), time.monotonic()

        def is_late() -> bool:
            return stop_after is not None and time.monotonic() - clock >= stop_after

        rows = self.model._default_manager.filter(alias=alias)
        last = rows.aggregate(last=Max("pk"))["last"] or 0
        old = rows.filter(pk__lte=last)  # a row that a login creates during the sync is not missing
        present = old.filter(missing_since=None)
        old_count = old.count()
        absent_keys = set(present.values_list(self.key, flat=True)) if dry_run else set()
        report = SyncReport(alias=alias, dry_run=dry_run)
        for requested_at, page in _split(self.iterate(alias, page_size=page_size), page_size):
            keys = [self.get_key(resource) for resource in page]
            values = {
                key: self.build_columns(alias, resource)
                for key, resource in zip(keys, page, strict=True)
                if key is not None
            }
            new, changed, same = self._compare(rows, alias, values, requested_at)
            unchanged = len(values) - len(new) - len(changed)
            unconfirmed: list[Any] = []
            if dry_run:
                absent_keys.difference_update(keys)
            else:
                if new and (count := old.count()) < old_count:
                    # Resources were deleted during the sync. A new one may be one of them.
                    old_count, unconfirmed, new = count, [getattr(row, self.key) for row in new], []
                self._write(alias, new, changed, same, requested_at)
            confirmed, in_time = self._write_confirmed(alias, unconfirmed, is_late)
            report = replace(
                report,
                seen=report.seen + len(page),
                created=report.created + len(new) + confirmed,
                updated=report.updated + len(changed),
                unchanged=report.unchanged + unchanged,
                unreadable=report.unreadable
                + tuple(
                    "" if key is None else str(key)
                    for key, resource in zip(keys, page, strict=True)
                    if key is None or resource.is_unreadable
                ),
            )
            if not in_time or is_late():
                return replace(report, complete=False)
        if dry_run:
            return replace(report, missing=len(absent_keys))
        absent = present.exclude(synced_at__gte=started)
        keys = list(absent.values_list(self.key, flat=True))
        if self.uses_offsets or "" in report.unreadable:
            _confirmed, in_time = self._write_confirmed(alias, keys, is_late)
            if not in_time:
                return replace(report, complete=False)
        missing = absent.update(missing_since=timezone.now())
        for key in keys:
            self.invalidate(alias, key)
        return replace(report, missing=missing)

    def _write_confirmed(self, alias: str, keys: list[Any], is_late: Callable[[], bool]) -> tuple[int, bool]:
        """Read each resource and write those that exist. Returns their number, and whether all were read."""
        written = 0
        for key in keys:
            if is_late():
                return written, False
            requested_at = timezone.now()
            resource = self.confirm(alias, key)
            if resource is not None:
                self.write_row(alias, resource, requested_at=requested_at)
                written += 1
        return written, True

    def _compare(
        self, rows: QuerySet[RowT], alias: str, page: Mapping[Any, dict[str, Any]], requested_at: datetime
    ) -> tuple[list[RowT], list[RowT], list[RowT]]:
        """Return the rows of a page to create, to update, and to leave unchanged."""
        existing = {getattr(row, self.key): row for row in rows.filter(**{f"{self.key}__in": list(page)})}
        new: list[RowT] = []
        changed: list[RowT] = []
        same: list[RowT] = []
        for key, values in page.items():
            row = existing.get(key)
            if row is None:
                row = self.model(**{"alias": alias, self.key: key, "synced_at": requested_at, **values})
                new.append(row)
            elif row.synced_at is not None and row.synced_at > requested_at:
                continue  # written from the response to a later request
            elif row.missing_since is None and all(getattr(row, n) == value for n, value in values.items()):
                same.append(row)
            else:
                for name, value in {**values, "synced_at": requested_at, "missing_since": None}.items():
                    setattr(row, name, value)
                changed.append(row)
        return new, changed, same

    def _write(
        self, alias: str, new: list[RowT], changed: list[RowT], same: list[RowT], requested_at: datetime
    ) -> None:
        using = router.db_for_write(self.model)
        rows = self.model._default_manager.using(using)
        with transaction.atomic(using=using):
            if new:
                # A login may create the same row from a response of its own, so a conflict is no error.
                ignore = connections[using].features.supports_ignore_conflicts
                rows.bulk_create(new, ignore_conflicts=ignore)
            older = rows.filter(_not_after(requested_at))  # again: a row may be newer than the plan
            if changed:
                older.bulk_update(changed, [*self.columns, "synced_at", "missing_since"])
            older.filter(pk__in=[row.pk for row in same]).update(synced_at=requested_at)
        for row in changed:
            self.invalidate(alias, getattr(row, self.key))
        created = [getattr(row, self.key) for row in new]
        # Read again, because bulk_create does not set the primary keys.
        for row in rows.filter(**{"alias": alias, f"{self.key}__in": created}) if created else ():
            self.after_write(row, created=True)
        for row in changed:
            self.after_write(row, created=False)


def _split(resources: Iterable[ResourceT], size: int) -> Iterator[tuple[datetime, list[ResourceT]]]:
    """Split a list into pages, each with the time before it was requested."""
    iterator = iter(resources)
    while True:
        requested_at = timezone.now()
        page = list(islice(iterator, size))
        if not page:
            return
        yield requested_at, page


def _not_after(requested_at: datetime) -> Q:
    return Q(synced_at=None) | Q(synced_at__lte=requested_at)
