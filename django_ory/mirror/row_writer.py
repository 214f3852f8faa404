"""Writes the rows of one page of a sync together; if a row fails, one by one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic

from django.db import transaction
from django.db.utils import DataError, IntegrityError

from .insert import insert_rows
from .report import SyncReport
from .rows import Mirror, ResourceT, RowT, not_after

logger = logging.getLogger("django_ory.mirror")

#: Errors of a single row. ValueError: the driver of the database does not accept a value.
ROW_ERRORS = (DataError, IntegrityError, ValueError, OverflowError)


class RowWriter(Generic[RowT, ResourceT]):
    """Writes rows of the alias of a report, and adds failures to the report."""

    def __init__(self, mirror: Mirror[RowT, ResourceT], report: SyncReport) -> None:
        self._mirror, self._report = mirror, report
        self._rows = mirror.get_rows(report.alias)

    def write(
        self,
        new: dict[Any, dict[str, Any]],
        changed: list[RowT],
        same: Sequence[Any],
        requested_at: datetime,
        *,
        finish: Callable[[], None],
    ) -> None:
        """Write rows. Those that are not written are removed from ``new`` and ``changed``.

        Args:
            new: The columns of the rows to create, by key.
            changed: Rows with new values.
            same: Primary keys of unchanged rows.
            requested_at: The time of the response.
            finish: Called after the rows are written, in the same transaction.
        """
        try:
            with transaction.atomic(using=self._rows.db):
                self._write_together(new, changed, same, requested_at)
                finish()
        except ROW_ERRORS:
            with transaction.atomic(using=self._rows.db):
                self._write_each(new, changed, same, requested_at)
                finish()

    def announce(self, new: Mapping[Any, Any], changed: Sequence[RowT]) -> None:
        """Drop cached copies of changed resources, and send signals. Call this outside of transactions."""
        mirror, alias = self._mirror, self._report.alias
        for row in changed:
            mirror.invalidate(alias, getattr(row, mirror.key))
        if not mirror.needs_after_write():
            return
        for row in self._rows.filter(**{f"{mirror.key}__in": list(new)}) if new else ():
            mirror.after_write(row, created=True)
        for row in changed:
            mirror.after_write(row, created=False)

    def record_failure(self, key: Any, error: Exception) -> None:
        """Add a row that could not be written to the report."""
        self._report.failed.append(str(key))
        # Only the class: the text may contain traits.
        logger.error(
            "Sync of project %s: the row of %s could not be written (%s). Correct its values in Ory, or your "
            "adapter, and sync again.",
            *(self._report.alias, key, type(error).__name__),
        )

    def _write_each(
        self,
        new: dict[Any, dict[str, Any]],
        changed: list[RowT],
        same: Sequence[Any],
        requested_at: datetime,
    ) -> None:
        """Write one by one, to find the rows that fail. They keep their old values and are not missing."""
        for key in [key for key, values in new.items() if not self._create(key, values, requested_at)]:
            del new[key]
        rejected = [row for row in changed if not self._update(row, requested_at)]
        changed[:] = [row for row in changed if row not in rejected]
        self._write_together({}, [], [*same, *(row.pk for row in rejected)], requested_at)

    def _write_together(
        self,
        new: Mapping[Any, Mapping[str, Any]],
        changed: Sequence[RowT],
        same: Sequence[Any],
        requested_at: datetime,
    ) -> None:
        mirror = self._mirror
        common = {"alias": self._report.alias, "synced_at": requested_at}
        rows = [{mirror.key: key, **values} for key, values in new.items()]
        insert_rows(mirror.model, rows, common=common, using=self._rows.db)
        older = self._rows.filter(not_after(requested_at))  # again: a row may be newer than the plan
        if changed:
            older.bulk_update(changed, [*mirror.columns, "synced_at", "missing_since"])
        if same:
            older.filter(pk__in=same).update(synced_at=requested_at)

    def _create(self, key: Any, values: Mapping[str, Any], requested_at: datetime) -> bool:
        try:
            with transaction.atomic(using=self._rows.db):
                self._write_together({key: values}, [], [], requested_at)
        except ROW_ERRORS as error:
            # A login may have created the row from a response of its own.
            if not self._rows.filter(**{self._mirror.key: key}).exists():
                self.record_failure(key, error)
            return False
        return True

    def _update(self, row: RowT, requested_at: datetime) -> bool:
        try:
            with transaction.atomic(using=self._rows.db):
                self._write_together({}, [row], [], requested_at)
        except ROW_ERRORS as error:
            self.record_failure(getattr(row, self._mirror.key), error)
            return False
        return True
