"""The values of traits: from the nodes of a flow, and from a posted form.

A posted form changes only the traits that it shows. The other ones keep the value that they have.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from django_ory.schemas.fields import TraitField, TraitKind

from .attributes import form_value

if TYPE_CHECKING:
    from django.http import QueryDict

    from django_ory.client.models import UiNode

__all__ = [
    "MAX_LIST_ROWS",
    "TRAITS",
    "add_empty_lists",
    "build_name",
    "format_value",
    "get_hidden_members",
    "is_free_of_loss",
    "read_nodes",
    "read_posted",
]

TRAITS = "traits"
#: Items of a list that a form has. More would only keep a worker busy.
MAX_LIST_ROWS = 100

INTEGER = re.compile(r"[+-]?\d{1,400}", re.ASCII)
#: The value of an input for date and time: without a time zone.
LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?", re.ASCII)


def build_name(*path: str) -> str:
    """The name of an input: ``("name", "first")`` -> ``traits.name.first``."""
    return ".".join((TRAITS, *path))


# From a flow.


def read_nodes(
    traits: TraitField, nodes: Iterable[UiNode], stored: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Build the traits from the nodes of a flow. Kratos has one node for each value, also in lists.

    Traits outside of the schema are left out, except in the rows of lists. ``stored``: the traits of the
    identity, whose rows are more exact: there are no nodes for null and for empty lists and objects.
    """
    values = {}
    for node in nodes:
        name, value = getattr(node.attributes, "name", ""), getattr(node.attributes, "value", None)
        if name.startswith(f"{TRAITS}.") and value is not None:
            values[name] = value
    found = _read_object(traits, TRAITS, values)
    _restore_rows(traits, found, stored or {})
    return found


def _restore_rows(field: TraitField, values: Any, stored: Any) -> None:
    """Replace the rows of lists of objects that have not changed by the stored ones."""
    if not isinstance(values, dict) or not isinstance(stored, Mapping):
        return
    for member in field.fields:
        key = member.path[-1]
        rows, present = values.get(key), stored.get(key)
        if member.kind is TraitKind.OBJECT:
            _restore_rows(member, rows, present)
        elif member.item is not None and member.item.fields and rows and isinstance(present, list):
            shown = [each.path[-1] for each in member.item.fields]
            for index, (row, old) in enumerate(zip(rows, present, strict=False)):
                if isinstance(old, dict) and all(row.get(name) == old.get(name) for name in shown):
                    rows[index] = old


def _read_object(field: TraitField, prefix: str, values: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for member in field.fields:
        name = f"{prefix}.{member.path[-1]}"
        value = _read_value(member, name, values)
        if value not in (None, {}, []):
            found[member.path[-1]] = value
    return found


def _read_value(field: TraitField, name: str, values: Mapping[str, Any]) -> Any:
    if field.kind is TraitKind.OBJECT:
        return _read_object(field, name, values)
    if field.kind is not TraitKind.LIST:
        return values.get(name)
    item = field.item or TraitField(path=field.path, kind=TraitKind.TEXT)
    rows = []
    for index in _find_rows(name, values):
        row = _read_value(item, f"{name}.{index}", values)
        if item.kind is TraitKind.OBJECT:
            row = _read_rest(f"{name}.{index}.", values) | row
        rows.append(row)
    return [row for row in rows if row not in (None, {})]


def _read_rest(prefix: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a row by their nodes alone. Numbers as names are positions in a list."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name.startswith(prefix):
            *parents, last = name.removeprefix(prefix).split(".")
            target = found
            for parent in parents:
                inner = target.setdefault(parent, {})
                if not isinstance(inner, dict):
                    break
                target = inner
            target[last] = value
    return {name: _to_lists(value) for name, value in found.items()}


def _to_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    members = {name: _to_lists(inner) for name, inner in value.items()}
    is_list = sorted(members) == sorted(map(str, range(len(members))))
    return [members[str(index)] for index in range(len(members))] if is_list else members


def _find_rows(name: str, names: Iterable[str]) -> list[int]:
    """The indexes of the rows of a list, in order."""
    pattern = re.compile(re.escape(name) + r"\.(\d{1,4})(?:\.|$)", re.ASCII)
    found = {int(match[1]) for each in names if (match := pattern.match(each))}
    return sorted(found)[:MAX_LIST_ROWS]


def add_empty_lists(field: TraitField, values: dict[str, Any]) -> None:
    """Add the missing lists of objects. Kratos would replace them by objects, and reject those."""
    for member in field.fields:
        key = member.path[-1]
        if member.kind is TraitKind.LIST and not member.is_list_of_values:
            values.setdefault(key, [])
        elif member.kind is TraitKind.OBJECT:
            inner = values.get(key, {})
            if isinstance(inner, dict):
                add_empty_lists(member, inner)
                if inner:
                    values[key] = inner


# To a form.


def format_value(field: TraitField, value: Any) -> str:
    """The text of a value in its input."""
    if field.format == "date-time" and isinstance(value, str):
        return _format_time(value)
    return form_value(value) or ""


def _format_time(value: str) -> str:
    """A time in the time zone of the site, as browsers expect it; other texts as they are."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    if moment.tzinfo is None:
        return value
    try:
        local = moment.astimezone(timezone.get_current_timezone())
    except (OverflowError, ValueError):
        return value
    return local.strftime("%Y-%m-%dT%H:%M:%S" if local.second else "%Y-%m-%dT%H:%M").rjust(16, "0")


def get_hidden_members(item: TraitField, row: Any) -> dict[str, Any]:
    """The members of a row that its fields do not show."""
    if not isinstance(row, Mapping):
        return {}
    shown = {each.path[-1] for each in item.fields if each.is_scalar}
    return {name: value for name, value in row.items() if name not in shown}


def is_free_of_loss(field: TraitField, value: Any) -> bool:
    """Whether Kratos reads this value back from the fields of its own form."""
    if not isinstance(value, Mapping):
        return value not in (None, "") and field.is_scalar and field.is_postable
    members = {each.path[-1]: each for each in field.fields}
    return all(name in members and is_free_of_loss(members[name], inner) for name, inner in value.items())


# From a posted form.


def read_posted(
    traits: TraitField, data: QueryDict, base: Mapping[str, Any], *, keep_blank: bool = False
) -> dict[str, Any]:
    """Build the traits from a posted form.

    Args:
        traits: the traits of the schema.
        data: the posted form.
        base: the present traits of the identity; empty for a new one.
        keep_blank: keep the empty rows of lists, to show the form again.

    Returns:
        Values of the types of the schema. A value that does not fit its type stays a text, which Kratos
        rejects with a message.
    """
    return _PostedForm(data, keep_blank=keep_blank).read_object(traits, TRAITS, base)


class _PostedForm:
    def __init__(self, data: QueryDict, *, keep_blank: bool) -> None:
        self.data = data
        self.keep_blank = keep_blank

    def read_object(self, field: TraitField, prefix: str, base: Any) -> dict[str, Any]:
        result = dict(base) if isinstance(base, Mapping) else {}
        for member in field.fields:
            key = member.path[-1]
            name, present = f"{prefix}.{key}", result.get(key)
            if member.is_read_only and present is not None:
                continue
            if member.kind is TraitKind.OBJECT:
                inner = self.read_object(member, name, present)
                if inner or key in result:
                    result[key] = inner
            elif member.kind is TraitKind.LIST:
                self._read_list(member, name, result)
            elif member.is_scalar and name in self.data:
                self._read_scalar(member, name, result)
        return result

    def _read_scalar(self, field: TraitField, name: str, result: dict[str, Any]) -> None:
        key, text = field.path[-1], str(self.data[name])
        if key in result and text == format_value(field, result[key]):
            return  # unchanged, also where the text is not the whole value
        is_choice = any(choice.value == "" for choice in field.choices)
        if text or (is_choice and field.is_required):
            result[key] = parse_text(field, text)
        else:
            result.pop(key, None)

    def _read_list(self, field: TraitField, name: str, result: dict[str, Any]) -> None:
        key = field.path[-1]
        present = result.get(key)
        rows: list[Any]
        if field.is_list_of_values:
            if name not in self.data:
                return
            rows = self._read_items(field, self.data.getlist(name), present)
        elif field.item is not None and field.is_list_of_objects:
            if name in self.data:
                rows = self._read_rows(field.item, name)
            else:
                rows = present if isinstance(present, list) else []
        else:
            rows = present if isinstance(present, list) else []
        # Kratos replaces a missing list of objects by an object, and rejects it.
        if rows or field.is_required or present == [] or not field.is_list_of_values:
            result[key] = rows
        else:
            result.pop(key, None)

    def _read_items(self, field: TraitField, texts: list[str], present: Any) -> list[Any]:
        item = field.item or TraitField(path=field.path, kind=TraitKind.TEXT)
        stored = present if isinstance(present, list) else []
        known = {format_value(item, value): value for value in stored}
        # The first text is of the hidden input that tells an empty list from a form without the list.
        kept = [text for text in texts[: MAX_LIST_ROWS + 1] if text.strip()]
        if item.choices:  # check boxes: in the order of the stored list, then in the order of the schema
            kept = [text for text in known if text in kept] + [text for text in kept if text not in known]
        rows = [known.get(text, parse_text(item, text)) for text in kept]
        if self.keep_blank and not item.choices:
            rows += [""] * (len(texts) - 1 - len(kept))
        return rows

    def _read_rows(self, item: TraitField, name: str) -> list[Any]:
        rows = []
        for index in _find_rows(name, self.data):
            row_name = f"{name}.{index}"
            row = self.read_object(item, row_name, _parse_json(self.data.get(row_name, "")))
            if row or self.keep_blank:
                rows.append(row)
        return rows


def _parse_json(text: str) -> Any:
    """The members of a row that the form does not show. The user can change them, as all of the traits."""
    try:
        return json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}


def parse_text(field: TraitField, text: str) -> Any:
    """Convert the text of an input to the type of its trait."""
    for choice in field.choices:
        if format_value(field, choice.value) == text:
            return choice.value
    match field.kind:
        case TraitKind.BOOLEAN if text in ("true", "false"):
            return text == "true"
        case TraitKind.INTEGER | TraitKind.NUMBER:
            return _parse_number(text.strip())
        case TraitKind.TEXT if field.format == "date-time" and LOCAL_TIME.fullmatch(text):
            return _parse_time(text)
        case _:
            return text


def _parse_number(text: str) -> Any:
    if INTEGER.fullmatch(text):
        return int(text)
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def _parse_time(text: str) -> str:
    """A time in the time zone of the site, with its offset, as RFC 3339 requires."""
    try:
        moment = timezone.make_aware(datetime.fromisoformat(text))
        return moment.isoformat().replace("+00:00", "Z")
    except (OverflowError, ValueError):
        return text
