"""Decides if a form can show a value and read it back. All other values are edited as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .fields import TraitField, TraitKind, TraitSchema
from .values import MAX_LIST_ROWS, build_name

__all__ = ["can_show_form", "is_expressible"]

#: Traits of one form. More are edited as JSON.
MAX_FORM_FIELDS = 300
#: Inputs of one form. Django rejects a form with 1,000 (DATA_UPLOAD_MAX_NUMBER_FIELDS).
MAX_FORM_INPUTS = 800
TYPES_BY_KIND: Mapping[TraitKind, type | tuple[type, ...]] = {
    TraitKind.TEXT: str,
    TraitKind.INTEGER: int,
    TraitKind.NUMBER: (int, float),
    TraitKind.BOOLEAN: bool,
}


def can_show_form(schema: TraitSchema, traits: Any) -> bool:
    """Whether a form can show these traits: up to 300, each with a name of its own, in up to 800 inputs."""
    names = [build_name(*each.path) for each in schema.traits.walk() if each.path]
    has_names = 0 < len(names) <= MAX_FORM_FIELDS and len(set(names)) == len(names)
    is_object = isinstance(traits, Mapping)
    return has_names and is_object and _count_inputs(schema.traits, traits) <= MAX_FORM_INPUTS


def _count_inputs(field: TraitField, value: Any) -> int:
    if field.kind is TraitKind.OBJECT:
        present = value if isinstance(value, Mapping) else {}
        return sum(_count_inputs(each, present.get(each.path[-1])) for each in field.fields)
    if field.is_list_of_objects and field.item is not None and isinstance(value, list):
        return 1 + len(value[:MAX_LIST_ROWS]) * (1 + len(field.item.fields))
    if field.is_list_of_values and isinstance(value, list):
        return 1 + len(value[:MAX_LIST_ROWS])
    return 1


def is_expressible(field: TraitField, value: Any) -> bool:
    """Whether inputs can show this value of a trait, and read the same value back.

    Not: values of several types, values of another type than that of the schema, free objects, lists of
    lists, and names with a dot. None stands for a trait without a value.
    """
    if field.path and "." in field.path[-1]:
        return False
    match field.kind:
        case TraitKind.OBJECT:
            return bool(field.fields) and (value is None or isinstance(value, Mapping))
        case TraitKind.LIST:
            return _is_expressible_list(field, value)
        case TraitKind.OTHER:
            return bool(field.choices) and (value is None or _is_scalar(value))
        case _:
            return value is None or (_is_scalar(value) and (bool(field.choices) or _has_type(field, value)))


def _is_expressible_list(field: TraitField, value: Any) -> bool:
    item = field.item or TraitField(path=field.path, kind=TraitKind.TEXT)
    rows = [] if value is None else value
    if not isinstance(rows, list):
        return False
    if item.choices:
        return all(_is_scalar(row) for row in rows) and len(set(map(repr, rows))) == len(rows)
    if len(rows) > MAX_LIST_ROWS:
        return False
    if field.is_list_of_values:  # an input drops line breaks, and a form drops empty rows
        return all(_has_type(item, row) and (not isinstance(row, str) or _is_line(row)) for row in rows)
    if not field.is_list_of_objects or not all(_is_input(each) for each in item.fields):
        return False
    return all(isinstance(row, Mapping) and row and _is_expressible_row(item, row) for row in rows)


def _is_expressible_row(item: TraitField, row: Mapping[str, Any]) -> bool:
    return all(is_expressible(each, row.get(each.path[-1])) for each in item.fields)


def _is_input(field: TraitField) -> bool:
    return (field.is_scalar or bool(field.choices)) and is_expressible(field, None)


def _has_type(field: TraitField, value: Any) -> bool:
    is_bool = isinstance(value, bool)
    return (
        field.is_scalar
        and isinstance(value, TYPES_BY_KIND[field.kind])
        and is_bool is (field.kind is TraitKind.BOOLEAN)
    )


def _is_scalar(value: Any) -> bool:
    return isinstance(value, (str, int, float))


def _is_line(text: str) -> bool:
    return bool(text.strip()) and "\n" not in text and "\r" not in text
