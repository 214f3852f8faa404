"""Writes a configuration as YAML with comments, so that nobody needs a YAML package for it.

Strings are written as JSON strings, which YAML reads the same way: none can be mistaken for another type.
"""

from __future__ import annotations

import json
import re
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["merged", "to_yaml"]

_WIDTH = 100
_YAML_WORDS = frozenset(("yes", "no", "on", "off", "true", "false", "null", "y", "n"))


def to_yaml(document: Mapping[str, Any], *, comments: Mapping[str, str], title: str) -> str:
    """The document as YAML. ``comments`` maps a dotted path (``serve.public``) to the comment above it.

    ``title`` is the comment at the top; its line ends are kept.
    """
    lines = [line for part in title.splitlines() for line in _comment(part, 0)] + [""]
    for key, value in document.items():
        lines += [*_entry(key, value, comments, key, 0), ""]
    return "\n".join(lines)


def merged(document: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the document with the overrides laid over it: dictionaries merged, anything else replaced."""
    result = dict(document)
    for key, value in overrides.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def _comment(text: str, depth: int) -> list[str]:
    indent = "  " * depth
    return [f"{indent}# {line}" for line in textwrap.wrap(text, _WIDTH - len(indent))]


def _entry(key: str, value: Any, comments: Mapping[str, str], path: str, depth: int) -> Iterator[str]:
    indent = "  " * depth
    if path in comments:
        yield from _comment(comments[path], depth)
    if isinstance(value, dict) and value:
        yield f"{indent}{_key(key)}:"
        for name, inner in value.items():
            yield from _entry(name, inner, comments, f"{path}.{name}", depth + 1)
    elif isinstance(value, list) and value:
        yield f"{indent}{_key(key)}:"
        for item in value:
            # Flow style for what stands in a list: JSON is YAML.
            yield f"{indent}  - {json.dumps(item, ensure_ascii=False)}"
    else:
        yield f"{indent}{_key(key)}: {json.dumps(value, ensure_ascii=False)}"


def _key(key: str) -> str:
    """As it is, unless YAML would read something else than this string."""
    plain = re.fullmatch(r"[A-Za-z_][\w.-]*", key) and key.lower() not in _YAML_WORDS
    return key if plain else json.dumps(key, ensure_ascii=False)
