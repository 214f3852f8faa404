"""The rows of one kind of resource, and how a row is written from a response.

A row is never overwritten by an older response. No call to Ory is made inside a transaction.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from django.db import router
from django.db.models import Q, QuerySet
from django.utils import timezone

from django_ory.client import ListedPage, OryDecodeError, OryNotFound
from django_ory.client.models.model import OryModel
from django_ory.models import Mirrored

RowT = TypeVar("RowT", bound=Mirrored)
ResourceT = TypeVar("ResourceT", bound="OryModel")


class Mirror(ABC, Generic[RowT, ResourceT]):
    """The rows of one kind of resource. Subclasses define the model and the calls to Ory."""

    model: type[RowT]
    columns: ClassVar[tuple[str, ...]]  #: the other columns that are written from a response
    has_sorted_keys: ClassVar[bool] = False  #: pages are sorted by key, as Python and every database sort
    uses_offsets: ClassVar[bool] = False  #: pages are offsets, so a deletion during a sync hides a resource

    @property
    def key(self) -> str:
        """The column with Ory's id."""
        return self.model.id_field

    @abstractmethod
    def fetch(self, alias: str, key: Any) -> ResourceT:
        """Read one resource from Ory. Raises OryNotFound."""

    @abstractmethod
    def list_pages(
        self, alias: str, *, page_size: int, page_token: str = ""
    ) -> Iterator[ListedPage[ResourceT]]:
        """Read all resources from Ory, or those after a page."""

    @abstractmethod
    def get_key(self, resource: ResourceT) -> Any:
        """Return the value of the key column; None if the resource has no valid id."""

    @abstractmethod
    def build_columns(self, alias: str, resource: ResourceT) -> dict[str, Any]:
        """Build the values of ``columns``."""

    def needs_after_write(self) -> bool:
        """Return whether ``after_write`` does anything at present."""
        return False

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

    def get_rows(self, alias: str) -> QuerySet[RowT]:
        """Return the rows of an alias in the database that writes go to."""
        return self.model._default_manager.using(router.db_for_write(self.model)).filter(alias=alias)

    # One row

    def read(self, alias: str, key: Any) -> tuple[RowT, ResourceT]:
        """Read one resource, and write its row.

        Raises:
            OryNotFound: Ory does not have the resource. The row is now marked as missing.
            RouteNotFound: Ory cannot address the id. Nothing was changed.
        """
        requested_at = timezone.now()
        try:
            resource = self.fetch(alias, key)
        except OryNotFound:
            self.mark_missing(alias, key, requested_at=requested_at)
            raise
        self.invalidate(alias, key)
        return self.write_row(alias, resource, requested_at=requested_at), resource

    def refresh(self, alias: str, key: Any) -> RowT:
        """Write one row from Ory, or mark the row as missing if Ory does not have the resource.

        Raises:
            OryNotFound: There is neither a resource nor a row.
            RouteNotFound: Ory cannot address the id. Nothing was changed.
        """
        try:
            return self.read(alias, key)[0]
        except OryNotFound:
            row = self._get_rows(alias, key).first()
            if row is None:
                raise
            return row

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
        updated = rows.filter(not_after(requested_at)).update(**values)
        if not updated:
            _row, created = rows.get_or_create(**{"alias": alias, self.key: key}, defaults=values)
        row = rows.get()
        if updated or created:
            self.after_write(row, created=created)
        return row

    def mark_missing(self, alias: str, key: Any, *, requested_at: datetime) -> None:
        """Mark a row as missing, if there is one."""
        self.invalidate(alias, key)
        unmarked = self._get_rows(alias, key).filter(not_after(requested_at), missing_since=None)
        unmarked.update(missing_since=requested_at, synced_at=requested_at)

    def _get_rows(self, alias: str, key: Any) -> QuerySet[RowT]:
        return self.get_rows(alias).filter(**{self.key: key})


def not_after(requested_at: datetime) -> Q:
    """Select the rows that were not written from the response to a later request."""
    return Q(synced_at=None) | Q(synced_at__lte=requested_at)
