"""Changes of the fields of a form, also of those inside of groups and rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .fields import Field, FieldSet, ListField

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["change_fields"]


def change_fields(fields: Iterable[Field], change: Callable[[Field], Field]) -> tuple[Field, ...]:
    """Return the fields with ``change`` applied to each, then to the ones inside of its groups and rows."""

    def change_all(field: Field) -> Field:
        field = change(field)
        if isinstance(field, FieldSet):
            return replace(field, fields=change_fields(field.fields, change))
        if isinstance(field, ListField):
            rows = (replace(row, fields=change_fields(row.fields, change)) for row in field.rows)
            return replace(field, rows=tuple(rows))
        return field

    return tuple(map(change_all, fields))
