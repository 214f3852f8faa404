"""Check the prose of docstrings, comments, templates and docs pages for words that hide the noun.

``python -m tests.lint.plain_english PATH...`` measures each path by itself: matches per 1,000 words. Exit
status 1 if a path exceeds a limit; the lines to rewrite are printed.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class Group(NamedTuple):
    """Words with one fault, and how many of them per 1,000 words are acceptable."""

    name: str
    pattern: re.Pattern[str]
    limit: float


class Line(NamedTuple):
    """One line of prose and its position."""

    path: Path
    number: int
    text: str


GROUPS = (
    Group(
        "a pronoun instead of a role",
        re.compile(r"\b(?:(?:some|no|any|every)(?:body|one)|who(?:m)?ever)\b", re.IGNORECASE),
        0.5,
    ),
    Group("'what' instead of a noun", re.compile(r"\bwhat(?:ever)?\b", re.IGNORECASE), 4.0),
    Group("'who' instead of a role", re.compile(r"\bwho(?:m|se)?\b", re.IGNORECASE), 1.0),
    Group("'it' instead of a noun", re.compile(r"\bit\b", re.IGNORECASE), 9.0),
    Group(
        "a program described as a person",
        re.compile(r"\b(?:believe[sd]?|believing|hears?|sa(?:ys?|id)|is told)\b", re.IGNORECASE),
        1.0,
    ),
)
#: Comments for programs.
DIRECTIVE = re.compile(r"#[!:]?\s*(?:type:|noqa|pragma|fmt)")
#: How many lines are printed for a limit that is exceeded.
MAX_PRINTED = 20


def read_prose(path: Path) -> Iterator[Line]:
    """The lines of prose in a Python, HTML or Markdown file."""
    source = path.read_text()
    if path.suffix == ".py":
        yield from _read_python(path, source)
    elif path.suffix == ".html":
        yield from _read_template(path, source)
    else:
        yield from _read_markdown(path, source)


def _read_python(path: Path, source: str) -> Iterator[Line]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            for offset, text in enumerate((ast.get_docstring(node) or "").splitlines()):
                yield Line(path, node.body[0].lineno + offset, text)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and not DIRECTIVE.match(token.string):
            yield Line(path, token.start[0], token.string.lstrip("#: "))


def _read_template(path: Path, source: str) -> Iterator[Line]:
    for number, text in enumerate(source.splitlines(), 1):
        if "{#" in text or "trans" in text:
            yield Line(path, number, text)


def _read_markdown(path: Path, source: str) -> Iterator[Line]:
    in_code = False
    for number, text in enumerate(source.splitlines(), 1):
        if text.lstrip().startswith(("```", "~~~")):
            in_code = not in_code
        elif not in_code:
            yield Line(path, number, re.sub(r"`[^`]*`", "", text))


def measure(lines: list[Line]) -> Iterator[tuple[Group, float, list[Line]]]:
    """For each group: matches per 1,000 words, and the lines with a match."""
    words = sum(len(re.findall(r"[A-Za-z']+", line.text)) for line in lines)
    for group in GROUPS:
        count = sum(len(group.pattern.findall(line.text)) for line in lines)
        yield group, 1_000 * count / max(words, 1), [x for x in lines if group.pattern.search(x.text)]


def check(root: Path) -> list[str]:
    """The complaints about a file or a folder; none if its figures are within the limits."""
    files = [root] if root.is_file() else sorted(root.rglob("*"))
    lines = [
        line
        for path in files
        if path.suffix in {".py", ".html", ".md", ".mdx"} and "migrations" not in path.parts
        for line in read_prose(path)
    ]
    complaints = []
    for group, rate, found in measure(lines):
        if rate > group.limit:
            complaints.append(f"{root}: {group.name}: {rate:.2f} per 1,000 words (limit {group.limit:g})")
            complaints += [
                f"    {line.path}:{line.number}: {line.text.strip()}" for line in found[:MAX_PRINTED]
            ]
    return complaints


def main(arguments: list[str]) -> int:
    """Print the complaints about each path. Returns the exit status."""
    complaints = [complaint for argument in arguments for complaint in check(Path(argument))]
    print("\n".join(complaints) or "The prose is within its limits.")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
