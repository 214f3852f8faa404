"""How what Ory answered becomes rows: one at a time, or a whole walk through a list, page by page.

An answer never overwrites a row that was written from a later one, and only a walk that reached its end may
say that a row is missing.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db import connections, router, transaction
from django.db.models import Manager, Max, QuerySet
from django.utils import timezone

from django_ory.models import Mirrored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

__all__ = ["Mirror", "SyncReport", "mark_missing", "sync_rows", "write_row"]

Row = TypeVar("Row", bound=Mirrored)
Resource = TypeVar("Resource")
Columns = dict[str, Any]

WRITTEN_BY_SYNC = ("synced_at", "missing_since")


@dataclass(frozen=True, kw_only=True)
class Mirror(Generic[Row, Resource]):
    """One kind of resource and its table."""

    model: type[Row]
    rows: Manager[Row]
    key: str  #: the column that holds Ory's id
    names: tuple[str, ...]  #: the other columns that are written from Ory's answer
    columns: Callable[[str, Resource], Columns]  #: (alias, resource) -> values of ``key`` and ``names``
    written: Callable[[Row, bool], None]  #: (row, created), after the row was written


@dataclass(frozen=True, kw_only=True)
class SyncReport:
    """What a sync did to the rows of one alias; with ``dry_run``, what it would do."""

    alias: str
    seen: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    missing: int = 0  #: rows marked now, not those that were marked before
    complete: bool = True  #: False: stopped before the end of the list, so nothing was marked missing
    dry_run: bool = False


def write_row(mirror: Mirror[Row, Resource], alias: str, resource: Resource) -> Row:
    """Write one row from Ory's answer. Columns of other rooms (the user link) are left alone."""
    values = mirror.columns(alias, resource)
    key = {"alias": alias, mirror.key: values.pop(mirror.key)}
    row, created = mirror.rows.update_or_create(
        **key, defaults={**values, "synced_at": timezone.now(), "missing_since": None}
    )
    mirror.written(row, created)
    return row


def mark_missing(mirror: Mirror[Row, Resource], alias: str, key: Any) -> Row | None:
    """Note that Ory does not have it any more. Returns the row, None if there is none."""
    row = mirror.rows.filter(**{"alias": alias, mirror.key: key}).first()
    if row is not None and row.missing_since is None:
        row.missing_since = row.synced_at = timezone.now()
        row.save(update_fields=WRITTEN_BY_SYNC)
    return row


def sync_rows(
    mirror: Mirror[Row, Resource],
    alias: str,
    resources: Iterable[Resource],
    *,
    page_size: int,
    dry_run: bool = False,
    stop_after: float | None = None,
    confirm: Callable[[Any], Resource | None] | None = None,
) -> SyncReport:
    """Write every resource, then mark the rows that the list no longer had.

    ``resources`` is walked once, ``page_size`` at a time; if it raises, what was read is written and nothing
    is marked. ``stop_after`` seconds end the walk early, likewise without marking. ``confirm`` asks for a
    single resource before its row is marked: needed where pages are offsets, because a deletion during the
    walk hides a neighbor.
    """
    started, clock = timezone.now(), time.monotonic()
    rows = mirror.rows.filter(alias=alias)
    last = (
        rows.aggregate(last=Max("pk"))["last"] or 0
    )  # a row that a sign-in makes during the walk is not missing
    present = rows.filter(pk__lte=last, missing_since=None)
    before = present.count() if dry_run else 0
    report = SyncReport(alias=alias, dry_run=dry_run)
    found = 0
    for asked, page in _pages(resources, page_size):
        values = [mirror.columns(alias, resource) for resource in page]
        plan = _plan(mirror, rows, alias, {value[mirror.key]: value for value in values}, asked)
        if not dry_run:
            _write(mirror, plan, asked)
        found += plan.found
        report = replace(
            report,
            seen=report.seen + len(page),
            created=report.created + len(plan.new),
            updated=report.updated + len(plan.changed),
            unchanged=report.unchanged + plan.unchanged,
        )
        if stop_after is not None and time.monotonic() - clock >= stop_after:
            return replace(report, complete=False)
    if dry_run:
        return replace(report, missing=max(0, before - found))
    absent = present.exclude(synced_at__gte=started)
    if confirm is not None:
        for key in list(absent.values_list(mirror.key, flat=True)):
            resource = confirm(key)
            if resource is not None:
                write_row(mirror, alias, resource)
    return replace(report, missing=absent.update(missing_since=timezone.now()))


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
            new.append(mirror.model(alias=alias, synced_at=asked, **values))
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


def _write(mirror: Mirror[Row, Resource], plan: _Plan[Row], asked: datetime) -> None:
    using = router.db_for_write(mirror.model)
    rows = mirror.rows.using(using)
    with transaction.atomic(using=using):  # no HTTP in here: the page is in memory
        if plan.new:
            # A sign-in may make the same row meanwhile; it wrote Ory's answer too, so ours can give way.
            ignore = connections[using].features.supports_ignore_conflicts
            rows.bulk_create(plan.new, ignore_conflicts=ignore)
        if plan.changed:
            rows.bulk_update(plan.changed, [*mirror.names, *WRITTEN_BY_SYNC])
        rows.filter(pk__in=[row.pk for row in plan.same]).update(synced_at=asked)
    created = [getattr(row, mirror.key) for row in plan.new]
    fresh = (
        rows.filter(alias=plan.new[0].alias, **{f"{mirror.key}__in": created}) if plan.new else rows.none()
    )
    for row in fresh:  # read again: bulk_create does not say which pk it gave
        mirror.written(row, True)
    for row in plan.changed:
        mirror.written(row, False)
