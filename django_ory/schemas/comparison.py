"""The consequences of another identity schema for the traits of an identity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from .expressible import is_expressible
from .fields import TraitField, TraitKind, TraitSchema

__all__ = ["list_schema_differences"]


def list_schema_differences(schema: TraitSchema, traits: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the traits that do not fit a schema: the name (``name.first``), and the reason."""
    return list(_compare(schema.traits, traits))


def _compare(field: TraitField, values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    members = {each.path[-1]: each for each in field.fields}
    for name in values:
        if name not in members:
            yield prefix + name, _("Not in the new schema. The value is kept if the schema allows it.")
    for name, member in members.items():
        value = values.get(name)
        if value is None and member.is_required and name not in values:
            yield prefix + name, _("Required in the new schema.")
        elif member.kind is TraitKind.OBJECT and isinstance(value, Mapping):
            yield from _compare(member, value, f"{prefix}{name}.")
        elif value is not None and member.kind is not TraitKind.OTHER and not is_expressible(member, value):
            yield prefix + name, _("The value has another type than in the new schema.")
