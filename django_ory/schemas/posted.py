"""The traits of a posted form.

A posted form changes only the traits that it shows. The other ones keep the value that they have.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Container, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from .fields import TraitField, TraitKind
from .json_text import InvalidJSON, load_json
from .values import MAX_LIST_ROWS, TRAITS, find_ambiguous_texts, find_rows, format_choice, is_too_long

if TYPE_CHECKING:
    from django.http import QueryDict

    from .fields import TraitSchema

__all__ = ["JSON_SUFFIX", "list_invalid_json", "parse_json", "read_posted", "read_rows"]

#: Buttons of the rows of a list. Values: the name of the list, and of the row.
ADD_BUTTON = "ory_add"
REMOVE_BUTTON = "ory_remove"
#: Suffix of the name of a text area with the JSON of a trait.
JSON_SUFFIX = ":json"
LINE_END = re.compile(r"\r\n|\r|\n")
INTEGER = re.compile(r"[+-]?\d{1,400}", re.ASCII)
#: The value of an input for date and time: without a time zone. Staff may type a space instead of the T.
LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?", re.ASCII)


def read_posted(
    traits: TraitField,
    data: QueryDict,
    base: Mapping[str, Any],
    *,
    keep_blank: bool = False,
    for_staff: bool = False,
) -> dict[str, Any]:
    """Build the traits from a posted form.

    Args:
        traits: the traits of the schema.
        data: the posted form.
        base: the present traits of the identity; empty for a new one.
        keep_blank: keep the empty rows of lists, to show the form again.
        for_staff: whether it is a form of the admin, which has text areas for JSON, and is not sent to Kratos
            as a form.

    Returns:
        Values of the types of the schema. A value that does not fit its type stays a text, which Kratos
        rejects with a message.
    """
    form = _PostedForm(data, keep_blank=keep_blank, for_staff=for_staff)
    return form.read_object(traits, TRAITS, base)


def list_invalid_json(data: QueryDict) -> dict[str, str]:
    """The text areas of a posted form without valid JSON: the name of the trait, and the mistake."""
    found = {}
    for name in data:
        text = data.get(name, "").strip()
        if name.startswith(TRAITS) and name.endswith(JSON_SUFFIX) and text:
            try:
                load_json(text)
            except InvalidJSON as error:
                found[name.removesuffix(JSON_SUFFIX)] = str(error)
    return found


def read_rows(
    schema: TraitSchema, data: QueryDict, base: Mapping[str, Any], *, for_staff: bool = False
) -> dict[str, Any] | None:
    """The traits of a posted form with one row more or less; None if no such button was pressed."""
    add, remove = data.get(ADD_BUTTON), data.get(REMOVE_BUTTON)
    if add is None and remove is None:
        return None
    traits = read_posted(schema.traits, data, base, keep_blank=True, for_staff=for_staff)
    list_name, _, index = (remove or "").rpartition(".")
    path = (add or list_name).split(".")
    if path[0] != TRAITS:
        return traits
    parent: Any = traits
    for name in path[1:-1]:
        parent = parent.setdefault(name, {}) if isinstance(parent, dict) else None
    field = schema.find(tuple(path[1:]))
    if field is None or not isinstance(parent, dict):
        return traits
    rows = parent.setdefault(path[-1], [])
    if not isinstance(rows, list):
        return traits
    if add is not None and len(rows) < MAX_LIST_ROWS:
        # The form of an empty list has a row already.
        rows += [{} if field.is_list_of_objects else ""] * (1 if rows else 2)
    elif remove is not None and index.isdecimal() and len(index) < 5 and int(index) < len(rows):
        del rows[int(index)]
    return traits


class _PostedForm:
    def __init__(self, data: QueryDict, *, keep_blank: bool, for_staff: bool) -> None:
        self.data = data
        self.for_staff = for_staff
        self.keep_blank = keep_blank

    def read_object(self, field: TraitField, prefix: str, base: Any) -> dict[str, Any]:
        result = dict(base) if isinstance(base, Mapping) else {}
        for member in field.fields:
            key = member.path[-1]
            name, present = f"{prefix}.{key}", result.get(key)
            if member.is_read_only and present is not None:
                continue
            if self.for_staff and name + JSON_SUFFIX in self.data:
                self._read_json(name + JSON_SUFFIX, key, result)
            elif member.kind is TraitKind.OBJECT:
                inner = self.read_object(member, name, present)
                if inner or isinstance(present, Mapping):
                    result[key] = inner
            elif member.kind is TraitKind.LIST:
                self._read_list(member, name, result)
            elif (member.is_scalar or (self.for_staff and member.choices)) and name in self.data:
                self._read_scalar(member, name, result)
        return result

    def _read_json(self, name: str, key: str, result: dict[str, Any]) -> None:
        text = self.data.get(name, "").strip()
        try:
            if text:
                result[key] = load_json(text)
            elif result.get(key) is not None:
                del result[key]
        except InvalidJSON:
            pass  # list_invalid_json reports the mistake

    def _read_scalar(self, field: TraitField, name: str, result: dict[str, Any]) -> None:
        key, text = field.path[-1], str(self.data[name])
        ambiguous = find_ambiguous_texts(field)
        if key in result and _is_unchanged(text, format_choice(field, result[key], ambiguous)):
            return  # also where the text is not the whole value
        is_choice = any(choice.value in ("", None) for choice in field.choices)
        if text or (is_choice and field.is_required):
            result[key] = _parse_text(field, text, _map_choices(field, ambiguous))
        else:
            result.pop(key, None)

    def _read_list(self, field: TraitField, name: str, result: dict[str, Any]) -> None:
        key = field.path[-1]
        present = result.get(key)
        if is_too_long(field, present):
            return
        rows: list[Any] = present if isinstance(present, list) else []
        if field.is_list_of_values:
            if name not in self.data:
                return
            rows = self._read_items(field, self.data.getlist(name), rows)
        elif field.item is not None and field.is_list_of_objects and name in self.data:
            rows = self._read_rows(field.item, name)
        if not rows and present is None and (key in result or self.for_staff):
            return  # null, or no value
        # Kratos replaces a missing list of objects by an object, and rejects it.
        needs_list = not field.is_list_of_values and not self.for_staff
        if rows or field.is_required or present == [] or needs_list:
            result[key] = rows
        else:
            result.pop(key, None)

    def _read_items(self, field: TraitField, texts: list[str], stored: list[Any]) -> list[Any]:
        item = field.item or TraitField(path=field.path, kind=TraitKind.TEXT)
        ambiguous = find_ambiguous_texts(item)
        choices = _map_choices(item, ambiguous)
        known = {format_choice(item, value, ambiguous): value for value in stored}
        # The first text is of the hidden input that tells an empty list from a form without the list.
        if item.choices:  # check boxes: in the order of the stored list, then in the order of the schema
            checked = dict.fromkeys(text for text in texts if text.strip())
            kept = [text for text in known if text in checked] + [
                text for text in checked if text not in known
            ]
        elif self.keep_blank:  # in order: the buttons of the rows have their indexes
            kept = [text if text.strip() else "" for text in texts[1 : MAX_LIST_ROWS + 1]]
        else:
            kept = [text for text in texts[: MAX_LIST_ROWS + 1] if text.strip()]
        return [known.get(text, _parse_text(item, text, choices)) if text else "" for text in kept]

    def _read_rows(self, item: TraitField, name: str) -> list[Any]:
        rows = []
        indexes: Iterable[int] = find_rows(name, self.data)[:MAX_LIST_ROWS]
        if self.keep_blank:  # also rows without a posted input, such as one box that is not checked
            indexes = range(min(max(indexes, default=-1) + 1, MAX_LIST_ROWS))
        for index in indexes:
            row_name = f"{name}.{index}"
            row = self.read_object(item, row_name, parse_json(self.data.get(row_name, "")))
            if row or self.keep_blank:
                rows.append(row)
        return rows


def parse_json(text: str) -> Any:
    """The members of a row that have no input. The user can change them, as all of the traits.

    Texts that Kratos would not accept as JSON are ignored: Python also reads NaN, 1e999 and half a surrogate
    pair.
    """
    try:
        members = json.loads(text) if text else {}
        json.dumps(members, allow_nan=False, ensure_ascii=False).encode()
        return members
    except (ValueError, RecursionError):
        return {}


def _map_choices(field: TraitField, ambiguous: Container[str]) -> dict[str, Any]:
    """The allowed values by their texts. The first value of a text counts."""
    return {format_choice(field, each.value, ambiguous): each.value for each in reversed(field.choices)}


def _parse_text(field: TraitField, text: str, choices: Mapping[str, Any]) -> Any:
    """Convert the text of an input to the type of its trait, with the values of ``_map_choices``."""
    if text in choices:
        return choices[text]
    match field.kind:
        case TraitKind.BOOLEAN if text in ("true", "false"):
            return text == "true"
        case TraitKind.INTEGER | TraitKind.NUMBER:
            return _parse_number(text.strip())
        case TraitKind.TEXT if field.format == "date-time" and LOCAL_TIME.fullmatch(text):
            return _parse_time(text)
        case _:
            return text


def _is_unchanged(text: str, shown: str) -> bool:
    """Whether a browser posts ``text`` for an unchanged input with the text ``shown``.

    An input has no line breaks, and a text area always the same. Neither shows a null character.
    """
    shown = shown.replace("\x00", "")
    return text in (shown, LINE_END.sub("", shown)) or LINE_END.sub("\n", text) == LINE_END.sub("\n", shown)


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
