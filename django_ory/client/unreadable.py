"""Parses listings with unreadable items: one by one, so that no item stops the others.

An unreadable item becomes a model with ``is_unreadable``, its id, and the other top-level strings of the
object if they are valid.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from .json_values import repair_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .models.model import OryModel

__all__ = ["read_items"]

# A string is one token, so brackets inside it do not count. Possessive: without memory for each character.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[{]|[\]}]', re.DOTALL)
_KEYS = ("id", "client_id")


def read_items(model: type[OryModel], content: bytes, validate: Callable[[bytes], Any]) -> list[Any]:
    """Parse a JSON list of objects item by item. ``validate`` parses one item.

    Raises ValueError if it is not such a list, or if no item of it can be identified.
    """
    key = next((name for name in _KEYS if name in getattr(model, "model_fields", ())), None)
    if key is None:
        return [validate(repair_json(raw)) for raw in _split(content)]
    items = [_read_item(model, key, raw, validate) for raw in _split(content)]
    if not any(getattr(item, key) for item in items):
        raise ValueError("no item of the list has an id")
    return items


def _read_item(model: type[OryModel], key: str, raw: bytes, validate: Callable[[bytes], Any]) -> Any:
    for prepare in (bytes, repair_json):
        try:
            return validate(prepare(raw))
        except ValueError:
            continue
    return _placeholder(model, key, dict(_top_level_texts(raw)))


def _placeholder(model: type[OryModel], key: str, texts: dict[str, str]) -> OryModel:
    texts = {key: "", **{name: text for name, text in texts.items() if name in model.model_fields}}
    unreadable = _unreadable(model)
    try:
        return unreadable.model_validate(texts)
    except ValidationError:
        return unreadable.model_construct(None, **{key: texts[key]})


@cache
def _unreadable(model: type[OryModel]) -> type[OryModel]:
    return type(
        f"_Unreadable{model.__name__}", (model,), {"is_unreadable": True, "__module__": model.__module__}
    )


def _split(content: bytes) -> list[bytes]:
    """The objects of a list, each as text. Not recursive: the depth of the nesting does not matter."""
    spans, depth, start = [], 0, 0
    for token in _TOKEN.finditer(content):
        match token[0][:1]:
            case b"[" | b"{":
                if depth == 1:
                    start = token.start()
                depth += 1
            case b"]" | b"}":
                depth -= 1
                if depth == 1:
                    spans.append((start, token.end()))
    borders = [0, *(position for span in spans for position in span), len(content)]
    between = [content[begin:end].strip() for begin, end in zip(borders[::2], borders[1::2], strict=True)]
    if between != [b"[", *[b","] * (len(spans) - 1), b"]"]:
        raise ValueError("not a list of objects")
    return [content[begin:end] for begin, end in spans]


def _top_level_texts(raw: bytes) -> Iterator[tuple[str, str]]:
    """Names and values of the members of an object whose values are strings."""
    depth, name, end = 0, b"", 0
    for token in _TOKEN.finditer(raw):
        match token[0][:1]:
            case b"[" | b"{":
                depth += 1
            case b"]" | b"}":
                depth -= 1
            case _ if depth == 1:
                if name and raw[end : token.start()].strip() == b":":
                    yield _text(name), _text(token[0])
                    name = b""
                else:
                    name, end = token[0], token.end()


def _text(token: bytes) -> str:
    return str(json.loads(repair_json(token)))
