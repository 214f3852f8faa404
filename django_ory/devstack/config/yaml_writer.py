"""Writes a configuration as YAML with comments, without a YAML package.

Strings are written as JSON strings, which are valid YAML: YAML cannot read them as another type.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

_LINE_WIDTH = 100
_YAML_WORDS = frozenset(("yes", "no", "on", "off", "true", "false", "null", "y", "n"))


def render_yaml(document: Mapping[str, Any], *, comments: Mapping[str, str], title: str) -> str:
    """Return the document as YAML.

    Args:
        comments: Dotted path (``serve.public``) -> the comment above this key.
        title: The comment at the top. Its line breaks are kept.
    """
    lines = [line for part in title.splitlines() for line in _render_comment(part, 0)] + [""]
    for key, value in document.items():
        lines += [*_render_entry(key, value, comments, key, 0), ""]
    return "\n".join(lines)


def nest(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document from dotted paths (``serve.public.port``) and their values. None is left out."""
    document: dict[str, Any] = {}
    for path, value in values.items():
        if value is not None:
            level, (*parents, key) = document, path.split(".")
            for name in parents:
                level = level.setdefault(name, {})
            level[key] = value
    return document


def deep_merge(document: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of the document with the overrides: dictionaries are merged, other values replaced."""
    result = dict(document)
    for key, value in overrides.items():
        old = result.get(key)
        result[key] = deep_merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def _render_comment(text: str, depth: int) -> list[str]:
    indent = "  " * depth
    return [f"{indent}# {line}" for line in textwrap.wrap(text, _LINE_WIDTH - len(indent))]


def _render_entry(key: str, value: Any, comments: Mapping[str, str], path: str, depth: int) -> Iterator[str]:
    indent = "  " * depth
    if path in comments:
        yield from _render_comment(comments[path], depth)
    if isinstance(value, dict) and value:
        yield f"{indent}{_render_key(key)}:"
        for name, inner in value.items():
            yield from _render_entry(name, inner, comments, f"{path}.{name}", depth + 1)
    elif isinstance(value, list) and value:
        yield f"{indent}{_render_key(key)}:"
        for item in value:
            # Items in flow style: JSON is YAML.
            yield f"{indent}  - {json.dumps(item, ensure_ascii=False)}"
    else:
        yield f"{indent}{_render_key(key)}: {json.dumps(value, ensure_ascii=False)}"


def _render_key(key: str) -> str:
    """Return the key, quoted if YAML would read another value."""
    plain = re.fullmatch(r"[A-Za-z_][\w.-]*", key) and key.lower() not in _YAML_WORDS
    return key if plain else json.dumps(key, ensure_ascii=False)
