"""Parses listings with unreadable items: one by one, so that no item stops the others.

An unreadable item becomes a model with ``is_unreadable``, its id, and the other top-level strings of the
object if they are valid. The time is proportional to the size: users choose what their items contain.
"""

from __future__ import annotations

import json
import re
from array import array
from contextlib import suppress
from functools import cache
from itertools import accumulate
from operator import indexOf
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from .json_values import clean_json, repair_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from .models.model import OryModel

_KEYS = ("id", "client_id")
# Possessive: without memory for each character.
_STRING = re.compile(rb'("(?:[^"\\]++|\\.)*+")', re.DOTALL)
# JSON text without a bracket in any of its strings.
_NO_BRACKET_IN_STRINGS = re.compile(rb'(?:[^"]++|"(?:[^"\\\[\]{}]++|\\[^\[\]{}])*+")*+', re.DOTALL)
# 1 for an opening bracket, -1 for a closing one, 0 for every other byte.
_STEPS = bytes({0x5B: 1, 0x7B: 1, 0x5D: 255, 0x7D: 255}.get(byte, 0) for byte in range(256))


def read_items(model: type[OryModel], content: bytes, validate: Callable[[bytes], Any]) -> list[Any]:
    """Parse a JSON list of objects item by item. ``validate`` parses one item.

    Raises ValueError if it is not such a list, or if no item of it can be identified.
    """
    spans = _find_nested(content)
    frame = b"[" + b",".join([b"{}"] * len(spans)) + b"]"
    if _replace(content, spans, b"{}").translate(None, b" \t\r\n") != frame:
        raise ValueError("not a list of objects")
    raw_items = [content[start:end] for start, end in spans]
    key = next((name for name in _KEYS if name in getattr(model, "model_fields", ())), None)
    if key is None:
        return [validate(repair_json(raw)) for raw in raw_items]
    items = [_read_item(model, key, raw, validate) for raw in raw_items]
    if not any(getattr(item, key) for item in items):
        raise ValueError("no item of the list has an id")
    return items


def _read_item(model: type[OryModel], key: str, raw: bytes, validate: Callable[[bytes], Any]) -> Any:
    for prepare in (bytes, repair_json):
        try:
            return validate(prepare(raw))
        except ValueError:
            continue
    return _build_placeholder(model, key, raw)


def _build_placeholder(model: type[OryModel], key: str, raw: bytes) -> OryModel:
    flat = _replace(raw, _find_nested(raw), b"null").decode("utf-8", "replace")
    members = json.loads(flat, parse_int=_ignore, parse_float=_ignore)
    if not isinstance(members, dict):
        raise ValueError("not a list of objects")
    texts = {key: ""} | {
        name: clean_json(value)
        for name, value in members.items()
        if isinstance(value, str) and name in model.model_fields
    }
    unreadable = _unreadable(model)
    try:
        return unreadable.model_validate(texts)
    except ValidationError:
        return unreadable.model_construct(None, **{key: texts[key]})


def _ignore(number: str) -> None:
    """Skip a number, which may have thousands of digits."""


@cache
def _unreadable(model: type[OryModel]) -> type[OryModel]:
    return type(
        f"_Unreadable{model.__name__}", (model,), {"is_unreadable": True, "__module__": model.__module__}
    )


def _find_nested(content: bytes) -> list[tuple[int, int]]:
    """Return where the lists and objects directly inside a list or an object begin and end.

    Not recursive: the depth of the nesting does not matter.
    """
    if not _NO_BRACKET_IN_STRINGS.fullmatch(content):  # brackets in strings do not count
        parts = _STRING.split(content)
        parts[1::2] = [b" " * len(string) for string in parts[1::2]]
        content = b"".join(parts)
    # indexOf reads the depths up to the given one, without a step of Python for each byte.
    depths = accumulate(array("b", content.translate(_STEPS)))
    spans, end = [], 0
    with suppress(ValueError):  # the text has ended
        while True:
            start = end + indexOf(depths, 2)
            end = start + indexOf(depths, 1) + 2
            spans.append((start, end))
    return spans


def _replace(content: bytes, spans: list[tuple[int, int]], replacement: bytes) -> bytes:
    borders = [0, *(position for span in spans for position in span), len(content)]
    between = [content[start:end] for start, end in zip(borders[::2], borders[1::2], strict=True)]
    return replacement.join(between)
