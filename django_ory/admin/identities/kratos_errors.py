"""Finds the traits that a rejection of Kratos is about.

Kratos v1.3.1 and later: one line per mistake, such as ``I[#/traits/age] S[#/properties/...] must be <= 10``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from django.forms import Field
from django.utils.text import capfirst

__all__ = ["find_trait_errors"]

TraitPath = tuple[str, ...]

MISTAKE = re.compile(r"I\[#(?P<pointer>[^\]]*)\](?: S\[[^\]]*\])? ?(?P<text>.*)")
SUMMARY = "validation failed"
MISSING = re.compile(r'missing properties: (?P<names>".*")')
NAME = re.compile(r'"((?:[^"\\]|\\.)*)"')
REQUIRED = Field.default_error_messages["required"]


def find_trait_errors(reason: str) -> list[tuple[TraitPath, str]]:
    """Return the path and the text of each mistake in the traits. Empty if the reason names none."""
    return [each for line in reason.splitlines() for each in _read_line(line)]


def _read_line(line: str) -> Iterator[tuple[TraitPath, str]]:
    match = MISTAKE.search(line)
    if match is None or match["text"] == SUMMARY:
        return
    first, *path = (_unescape(part) for part in match["pointer"].removeprefix("/").split("/"))
    if first != "traits":
        return
    if missing := MISSING.fullmatch(match["text"]):
        yield from (((*path, name), str(REQUIRED)) for name in NAME.findall(missing["names"]))
    else:
        yield tuple(path), capfirst(match["text"])


def _unescape(part: str) -> str:
    return unquote(part).replace("~1", "/").replace("~0", "~")
