"""Reads the code blocks of a page in MyST Markdown, or in the MDX of Ory's documentation.

MDX names a file by ``title="shop/urls.py"``, with ``(at the end)`` for lines to append. Commands are in
``shell`` blocks, and ``mdx-code-block`` is a part of the text.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Block", "GuideError", "read_blocks", "read_pictures"]

FENCE = re.compile(r"^ *(?P<fence>`{3,}|~{3,}|:{3,}) *(?P<info>.*?) *$")
CODE_DIRECTIVE = re.compile(r"\{(?:code|code-block|sourcecode)\} *(?P<language>\S*)")
PICTURE = re.compile(r"^ *`{3,}\{image\} *(?P<path>\S+) *$")
OPTION = re.compile(r"^:[\w-]+:.*\n?", re.MULTILINE)
TITLE = re.compile(r"(?P<language>\S+) +title=\"(?P<path>[\w./-]+)(?P<end> \(at the end\))?\"")
#: The first line of a file in the README, because PyPI and GitHub show no captions.
COMMENT = re.compile(
    r"(?:#|//|<!--|\{#) *(?P<path>[\w.-]+/[\w./-]+)(?P<end>, at the end)?(?: *(?:-->|#\}))?\n"
)
CAPTION = re.compile(r"^:caption: *(?P<path>[\w./-]+)(?P<end>, at the end)? *$", re.MULTILINE)


class GuideError(AssertionError):
    """The page cannot be followed."""


@dataclass(frozen=True)
class Block:
    """A code block of a page. ``path`` is empty if the block is not a file."""

    language: str
    text: str
    path: str = ""
    is_appended: bool = False
    line: int = 0


def read_blocks(page: Path) -> list[Block]:
    """The code blocks of a page in their order, also those in lists and in other directives."""
    is_mdx = page.suffix == ".mdx"
    blocks: list[Block] = []
    directives: list[str] = []  # the fences of open directives, whose content is part of the page
    lines = page.read_text(encoding="utf-8").split("\n")
    number = 0
    while number < len(lines):
        opened = FENCE.match(lines[number])
        number += 1
        if opened is None:
            continue
        fence, info = opened["fence"], opened["info"]
        if not info and directives:
            directives.pop()
            continue
        code = CODE_DIRECTIVE.match(info)
        is_admonition = is_mdx and fence.startswith(":")
        if is_admonition or (info.startswith("{") and code is None):
            directives.append(fence)
            continue
        start = number
        while number < len(lines) and lines[number].strip() != fence:
            number += 1
        body = textwrap.dedent("\n".join(lines[start:number]) + "\n")
        number += 1
        if is_mdx:
            blocks += _parse_mdx_block(start, info, body)
        else:
            blocks.append(_parse_block(start, code["language"] if code else info, body, bool(code)))
    return blocks


def _parse_mdx_block(line: int, info: str, body: str) -> list[Block]:
    if info == "mdx-code-block":
        return []
    title = TITLE.fullmatch(info)
    if title is None:
        return [Block("console" if info == "shell" else info, body, line=line)]
    return [Block(title["language"], body, title["path"], bool(title["end"]), line)]


def read_pictures(page: Path) -> dict[int, Path]:
    """The pictures of a page: number of the line -> file."""
    lines = enumerate(page.read_text(encoding="utf-8").splitlines(), start=1)
    found = ((number, PICTURE.match(line)) for number, line in lines)
    return {number: (page.parent / match["path"]).resolve() for number, match in found if match}


def _parse_block(line: int, language: str, body: str, is_directive: bool) -> Block:
    if not is_directive:
        return _build_block(language, body, COMMENT.match(body), line)
    end = 0
    while option := OPTION.match(body, end):
        end = option.end()
    options, text = body[:end], body[end:].removeprefix("\n")
    return _build_block(language, text, CAPTION.search(options), line)


def _build_block(language: str, text: str, name: re.Match[str] | None, line: int) -> Block:
    if name is None:
        return Block(language, text, line=line)
    return Block(language, text, name["path"], bool(name["end"]), line)
