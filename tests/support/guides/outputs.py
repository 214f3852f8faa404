"""Compares the output of a command with the part of it that a page shows."""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["contains_json", "contains_lines"]

ANY_TEXT = "..."


def contains_lines(output: str, expected: str) -> bool:
    """Whether the output has each of the expected lines, or lines that contain them, in this order.

    Other lines may be between them. Spaces at both ends of a line are ignored. ``...`` is any text of a line.
    """
    lines = iter(output.splitlines())
    wanted = [line.strip() for line in expected.splitlines() if line.strip() not in {"", ANY_TEXT}]
    found = (any(re.search(_build_pattern(each), line) for line in lines) for each in wanted)
    return bool(wanted) and all(found)


def contains_json(output: str, expected: str) -> bool:
    """Whether the output is JSON that has at least the expected keys and elements.

    Elements of a list are in this order, with others between them. ``"..."`` is any text of a string.
    """
    try:
        found = json.loads(output)
    except ValueError:
        return False
    return _contains(found, json.loads(expected))


def _contains(found: Any, expected: Any) -> bool:
    match expected:
        case dict():
            return isinstance(found, dict) and all(
                key in found and _contains(found[key], value) for key, value in expected.items()
            )
        case list():
            return isinstance(found, list) and _contains_elements(found, expected)
        case str():
            pattern = re.compile(_build_pattern(expected), re.DOTALL)
            return isinstance(found, str) and pattern.fullmatch(found) is not None
        case _:
            return type(found) is type(expected) and bool(found == expected)


def _contains_elements(found: list[Any], expected: list[Any]) -> bool:
    rest = iter(found)
    return all(any(_contains(item, each) for item in rest) for each in expected)


def _build_pattern(expected: str) -> str:
    return ".*".join(map(re.escape, expected.split(ANY_TEXT)))
