"""Finds the values of a form that its author can correct before Kratos sees them. Kratos checks the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.forms import DateField, DateTimeField, FloatField, IntegerField
from django.utils.translation import gettext as _

from django_ory.client.json_values import clean_json

from .fields import TraitField, TraitKind
from .json_text import dump_json
from .values import TRAITS

__all__ = ["list_invalid_values"]

#: Django's texts, which are translated into more languages than ours.
WHOLE_NUMBER = IntegerField.default_error_messages["invalid"]
NUMBER = FloatField.default_error_messages["invalid"]
DATE = DateField.default_error_messages["invalid"]
DATE_TIME = DateTimeField.default_error_messages["invalid"]
#: RFC 3339, as Kratos reads the formats.
DATE_PATTERN = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
TIME_PATTERN = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def list_invalid_values(traits: TraitField, values: Any, base: Any) -> dict[str, str]:
    """Return the mistakes in the traits that differ from ``base``: the name of the trait, and the reason.

    Checked: numbers with their bounds, dates, times, and characters that no database stores.
    """
    return dict(_check(traits, TRAITS, values, base))


def _check(field: TraitField, name: str, value: Any, base: Any) -> Iterator[tuple[str, str]]:
    if value is None or value == base:
        return
    if field.kind is TraitKind.OBJECT and isinstance(value, Mapping):
        present = base if isinstance(base, Mapping) else {}
        for member in field.fields:
            key = member.path[-1]
            yield from _check(member, f"{name}.{key}", value.get(key), present.get(key))
    elif field.kind is TraitKind.LIST and isinstance(value, list) and field.item is not None:
        stored = base if isinstance(base, list) else []
        for index, row in enumerate(value):
            if row not in stored:
                yield from _check(field.item, f"{name}.{index}", row, None)
    elif not field.choices and (reason := _find_mistake(field, value)):
        yield name, reason


def _find_mistake(field: TraitField, value: Any) -> str:
    if isinstance(value, str) and clean_json(value) != value:
        return _("Null characters are not allowed.")
    if field.kind in (TraitKind.INTEGER, TraitKind.NUMBER) and not isinstance(value, (dict, list)):
        return _find_number_mistake(field, value)
    if field.kind is TraitKind.TEXT and isinstance(value, str):
        if field.format == "date" and not _is_readable(value, DATE_PATTERN, date.fromisoformat):
            return str(DATE)
        if field.format == "date-time" and not _is_readable(value, TIME_PATTERN, datetime.fromisoformat):
            return str(DATE_TIME)
    return ""


def _find_number_mistake(field: TraitField, value: Any) -> str:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if field.kind is TraitKind.INTEGER and not (is_number and value == int(value)):
        return str(WHOLE_NUMBER)
    if not is_number or clean_json(value) is None:
        return str(NUMBER)
    low, high = field.limits.get("minimum"), field.limits.get("maximum")
    if low is not None and value < low:
        return _("The value must be at least %(limit)s.") % {"limit": dump_json(low)}
    if high is not None and value > high:
        return _("The value must be at most %(limit)s.") % {"limit": dump_json(high)}
    return ""


def _is_readable(text: str, pattern: re.Pattern[str], parse: Callable[[str], object]) -> bool:
    if not pattern.fullmatch(text):
        return False
    try:
        parse(text.upper())
    except ValueError:
        return False
    return True
