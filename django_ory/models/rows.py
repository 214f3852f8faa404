"""The abstract models: a row of one project, and a row with the last response of Ory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ory.conf import DEFAULT_ALIAS

RowT = TypeVar("RowT", bound=models.Model)


def store_row(rows: models.QuerySet[RowT], key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Update the row with this key, or insert it.

    ``update_or_create`` reads and then writes in one transaction. On SQLite that fails ("database is locked")
    if another process writes in between; a statement of its own waits for the other process.
    """
    if rows.filter(**key).update(**values):
        return
    _row, is_new = rows.get_or_create(**key, defaults=values)
    if not is_new:  # another process has just inserted it
        rows.filter(**key).update(**values)


class ReadableJSON(json.JSONEncoder):
    """JSON without escapes for non-ASCII letters: SQLite stores JSON as text, and searches the text."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "ensure_ascii": False})


class ProjectRow(models.Model):
    """A row of one project in ``settings.ORY``."""

    alias = models.CharField(
        _("Ory project"), max_length=64, default=DEFAULT_ALIAS, help_text=_("The key in settings.ORY.")
    )

    class Meta:
        abstract = True

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.log_name}>"  # in tracebacks: without personal data

    @property
    def log_name(self) -> str:
        """The name of the row in logs and in the admin's history, which is kept when the row is deleted.

        Contains no personal data: the number of the row.
        """
        return f"#{self.pk}"


class Mirrored(ProjectRow):
    """The columns that all mirrored resources have."""

    data = models.JSONField(
        _("data"),
        default=dict,
        blank=True,
        encoder=ReadableJSON,
        help_text=_("The last response of Ory, without secrets."),
    )
    created_at = models.DateTimeField(_("created in Ory"), null=True, blank=True)
    updated_at = models.DateTimeField(_("updated in Ory"), null=True, blank=True)
    synced_at = models.DateTimeField(_("last synced"), null=True, blank=True)
    missing_since = models.DateTimeField(
        _("missing since"),
        null=True,
        blank=True,
        help_text=_("When a complete sync did not find the resource in Ory any more."),
    )

    id_field: ClassVar[str]  #: the field with Ory's id of the resource

    class Meta(ProjectRow.Meta):
        abstract = True

    @property
    def log_name(self) -> str:
        """The id in Ory."""
        return str(getattr(self, self.id_field))
