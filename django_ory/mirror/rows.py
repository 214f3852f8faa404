"""How what Ory answered becomes rows: one at a time, or a whole walk through a list, page by page.

An answer never overwrites a row that was written from a later one, and only a walk that reached its end may
say that a row is missing. Resources that the client could not read are reported; the others are written.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db import connections, router, transaction
from django.db.models import Manager, Max, Q, QuerySet
from django.utils import timezone

from django_ory.client import OryDecodeError
from django_ory.models import Mirrored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from django_ory.client.models.model import OryModel

__all__ = ["Mirror", "SyncReport", "mark_missing", "sync_rows", "write_row"]

Row = TypeVar("Row", bound=Mirrored)
Resource = TypeVar("Resource", bound="OryModel")
Columns = dict[str, Any]

WRITTEN_BY_SYNC = ("synced_at", "missing_since")


@dataclass(frozen=True, kw_only=True)
class Mirror(Generic[Row, Resource]):
    """One kind of resource and its table."""

    model: type[Row]
    rows: Manager[Row]
    key: str  #: the column that holds Ory's id
    names: tuple[str, ...]  #: the other columns that are written from Ory's answer
    get_key: Callable[[Resource], Any]  #: the value of ``key``; None if the resource has no valid id
    columns: Callable[[str, Resource], Columns]  #: (alias, resource) -> values of ``names``
    written: Callable[[Row, bool], None]  #: (row, created), after the row was written
    forget: Callable[[str, Any], object]  #: (alias, key), after a sync found that Ory says something else


@dataclass(frozen=True, kw_only=True)
class SyncReport:
    """What a sync did to the rows of one alias; with ``dry_run``, what it would do."""

    alias: str
    seen: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    missing: int = 0  #: rows marked now, not those that were marked before
    unreadable: tuple[str, ...] = ()  #: ids of unreadable resources, "" for each without a valid id
    complete: bool = True  #: False: stopped before the end of the list, so nothing was marked missing
    dry_run: bool = False


def write_row(mirror: Mirror[Row, Resource], alias: str, resource: Resource, *, asked: datetime) -> Row:
    """Write one row from Ory's answer and return it as it is now.

    ``asked`` is when the question was sent: a row that was written from a later one stays as it is. Columns
    of other rooms (the user link) are left alone. Raises OryDecodeError if the resource has no valid id.
    """
    key = mirror.get_key(resource)
    if key is None:
        raise OryDecodeError("the response has no valid id")
    values = {**mirror.columns(alias, resource), "synced_at": asked, "missing_since": None}
    rows, created = _rows(mirror, alias, key), False
    written = rows.filter(_not_after(asked)).update(**values)  # one statement: nobody comes between
    if not written:
        _row, created = rows.get_or_create(**{"alias": alias, mirror.key: key}, defaults=values)
    row = rows.get()
    if written or created:
        mirror.written(row, created)
    return row


def mark_missing(mirror: Mirror[Row, Resource], alias: str, key: Any, *, asked: datetime) -> Row | None:
    """Note that Ory did not have it when it was ``asked``. Returns the row, None if there is none."""
    rows = _rows(mirror, alias, key)
    rows.filter(_not_after(asked), missing_since=None).update(missing_since=asked, synced_at=asked)
    return rows.first()


def _rows(mirror: Mirror[Row, Resource], alias: str, key: Any) -> QuerySet[Row]:
    rows = mirror.rows.using(router.db_for_write(mirror.model))
    return rows.filter(**{"alias": alias, mirror.key: key})


def _not_after(asked: datetime) -> Q:
    return Q(synced_at=None) | Q(synced_at__lte=asked)


def sync_rows(
    mirror: Mirror[Row, Resource],
    alias: str,
    resources: Iterable[Resource],
    *,
    page_size: int,
    confirm: Callable[[Any], Resource | None],
    offsets: bool = False,
    dry_run: bool = False,
    stop_after: float | None = None,
) -> SyncReport:
    """Write every resource, then mark the rows that the list no longer had.

    ``resources`` is walked once, ``page_size`` at a time; if it raises, what was read is written and nothing
    is marked. ``stop_after`` seconds end the walk early, likewise without marking. ``confirm`` asks for a
    single resource, None if Ory does not have it: where a page cannot be believed because rows were deleted
    while it was under way and, with ``offsets``, before a row is marked. Where pages are offsets, a deletion
    during the walk hides a neighbor.
    """
    started, clock = timezone.now(), time.monotonic()

    def is_late() -> bool:
        return stop_after is not None and time.monotonic() - clock >= stop_after

    rows = mirror.rows.filter(alias=alias)
    last = rows.aggregate(last=Max("pk"))["last"] or 0
    old = rows.filter(pk__lte=last)  # a row that a sign-in makes during the walk is not missing
    present = old.filter(missing_since=None)
    before, left = present.count() if dry_run else 0, old.count()
    report = SyncReport(alias=alias, dry_run=dry_run)
    found = 0
    for asked, page in _pages(resources, page_size):
        keys = [mirror.get_key(resource) for resource in page]
        values = {
            key: mirror.columns(alias, resource)
            for key, resource in zip(keys, page, strict=True)
            if key is not None
        }
        plan = _plan(mirror, rows, alias, values, asked)
        doubtful: list[Any] = []
        if plan.new and not dry_run and (now := old.count()) < left:
            # Somebody deleted rows meanwhile, in Ory and here. What looks new may be what they deleted.
            left, doubtful = now, [getattr(row, mirror.key) for row in plan.new]
            plan = replace(plan, new=[])
        if not dry_run:
            _write(mirror, alias, plan, asked)
        confirmed, in_time = _write_each(mirror, alias, doubtful, confirm, is_late)
        found += plan.found
        report = replace(
            report,
            seen=report.seen + len(page),
            created=report.created + len(plan.new) + confirmed,
            updated=report.updated + len(plan.changed),
            unchanged=report.unchanged + plan.unchanged,
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
        return replace(report, missing=max(0, before - found))
    absent = present.exclude(synced_at__gte=started)
    unseen = list(absent.values_list(mirror.key, flat=True))
    # One of them may be the resource whose id could not be read.
    must_confirm = offsets or "" in report.unreadable
    if must_confirm and not _write_each(mirror, alias, unseen, confirm, is_late)[1]:
        return replace(report, complete=False)
    missing = absent.update(missing_since=timezone.now())
    for key in unseen:
        mirror.forget(alias, key)
    return replace(report, missing=missing)


def _write_each(
    mirror: Mirror[Row, Resource],
    alias: str,
    keys: list[Any],
    confirm: Callable[[Any], Resource | None],
    is_late: Callable[[], bool],
) -> tuple[int, bool]:
    """Ask for each and write those that exist. Returns how many, and whether there was time for all."""
    written = 0
    for key in keys:
        if is_late():
            return written, False
        asked = timezone.now()
        resource = confirm(key)
        if resource is not None:
            write_row(mirror, alias, resource, asked=asked)
            written += 1
    return written, True


@dataclass(frozen=True, kw_only=True)
class _Plan(Generic[Row]):
    new: list[Row]
    changed: list[Row]
    same: list[Row]
    newer: int  # rows that somebody wrote from a later answer while this page was under way
    found: int  # rows that were here and not marked missing

    @property
    def unchanged(self) -> int:
        return len(self.same) + self.newer


def _pages(resources: Iterable[Resource], size: int) -> Iterator[tuple[datetime, list[Resource]]]:
    iterator = iter(resources)
    while True:
        asked = timezone.now()
        page = list(islice(iterator, size))
        if not page:
            return
        yield asked, page


def _plan(
    mirror: Mirror[Row, Resource],
    rows: QuerySet[Row],
    alias: str,
    page: Mapping[Any, Columns],
    asked: datetime,
) -> _Plan[Row]:
    existing = {getattr(row, mirror.key): row for row in rows.filter(**{f"{mirror.key}__in": list(page)})}
    found = sum(row.missing_since is None for row in existing.values())
    new, changed, same = [], [], []
    for key, values in page.items():
        row = existing.get(key)
        if row is None:
            new.append(mirror.model(**{"alias": alias, mirror.key: key, "synced_at": asked, **values}))
        elif row.synced_at is not None and row.synced_at > asked:
            continue
        elif row.missing_since is None and all(getattr(row, name) == value for name, value in values.items()):
            same.append(row)
        else:
            for name, value in {**values, "synced_at": asked, "missing_since": None}.items():
                setattr(row, name, value)
            changed.append(row)
    newer = len(page) - len(new) - len(changed) - len(same)
    return _Plan(new=new, changed=changed, same=same, newer=newer, found=found)


def _write(mirror: Mirror[Row, Resource], alias: str, plan: _Plan[Row], asked: datetime) -> None:
    using = router.db_for_write(mirror.model)
    rows = mirror.rows.using(using)
    with transaction.atomic(using=using):  # no HTTP in here: the page is in memory
        if plan.new:
            # A sign-in may make the same row meanwhile; it wrote Ory's answer too, so ours can give way.
            ignore = connections[using].features.supports_ignore_conflicts
            rows.bulk_create(plan.new, ignore_conflicts=ignore)
        older = rows.filter(_not_after(asked))  # once more: somebody may have written since the plan was made
        if plan.changed:
            older.bulk_update(plan.changed, [*mirror.names, *WRITTEN_BY_SYNC])
        older.filter(pk__in=[row.pk for row in plan.same]).update(synced_at=asked)
    for row in plan.changed:
        mirror.forget(alias, getattr(row, mirror.key))
    created = [getattr(row, mirror.key) for row in plan.new]
    fresh = rows.filter(**{"alias": alias, f"{mirror.key}__in": created}) if created else rows.none()
    for row in fresh:  # read again: bulk_create does not say which pk it gave
        mirror.written(row, True)
    for row in plan.changed:
        mirror.written(row, False)
