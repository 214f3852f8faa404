"""The values of traits as the texts of a form."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from .fields import TraitField

__all__ = [
    "MAX_LIST_ROWS",
    "TRAITS",
    "build_name",
    "find_ambiguous_texts",
    "find_rows",
    "form_value",
    "format_choice",
    "format_value",
    "get_hidden_members",
    "is_too_long",
]

TRAITS = "traits"
#: Rows of a list that a form has. More would only keep a worker busy.
MAX_LIST_ROWS = 100


def build_name(*path: str) -> str:
    """The name of an input: ``("name", "first")`` -> ``traits.name.first``."""
    return ".".join((TRAITS, *path))


def form_value(value: Any) -> str | None:
    """Return a value of a node as the string that Kratos reads from a form; None for dicts and lists."""
    if value is None or isinstance(value, (dict, list)):
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def find_rows(name: str, names: Iterable[str]) -> list[int]:
    """The indexes of the rows of a list, in order."""
    pattern = re.compile(re.escape(name) + r"\.(\d{1,4})(?:\.|$)", re.ASCII)
    found = {int(match[1]) for each in names if (match := pattern.match(each))}
    return sorted(found)


def is_too_long(field: TraitField, value: Any) -> bool:
    """Whether a form does not offer this list, and saving the form keeps it."""
    has_boxes = field.item is not None and bool(field.item.choices)
    return isinstance(value, list) and len(value) > MAX_LIST_ROWS and not has_boxes


def format_value(field: TraitField, value: Any) -> str:
    """The text of a value in its input."""
    if field.format == "date-time" and isinstance(value, str):
        return _format_time(value)
    return form_value(value) or ""


def find_ambiguous_texts(field: TraitField) -> frozenset[str]:
    """The texts that several allowed values have, such as those of 1 and "1"."""
    counts = Counter(format_value(field, each.value) for each in field.choices)
    return frozenset(text for text, count in counts.items() if count > 1)


def format_choice(field: TraitField, value: Any, ambiguous: Container[str]) -> str:
    """The text of an allowed value, as JSON if the text is one of ``find_ambiguous_texts``."""
    text = format_value(field, value)
    return json.dumps(value) if text in ambiguous else text


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
    """The members of a row that have no input."""
    if not isinstance(row, Mapping):
        return {}
    shown = {each.path[-1] for each in item.fields if each.is_scalar and not each.is_read_only}
    return {name: value for name, value in row.items() if name not in shown}
