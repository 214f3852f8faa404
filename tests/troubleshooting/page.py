"""The entries of the page "Troubleshooting", and the messages that they quote."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "troubleshooting.md"
#: Where the tests of the entries are.
TESTS = (
    *Path(__file__).parent.glob("test_*.py"),
    ROOT / "tests/live/test_troubleshooting.py",
    ROOT / "tests/e2e/test_troubleshooting.py",
)

ENTRY = re.compile(r"^\(symptom-([a-z-]+)\)=\n### .+\n\n((?:> .+\n\n?)+)", re.MULTILINE)
QUOTE = re.compile(r"^> `(.+)`$", re.MULTILINE)


@cache
def read_entries() -> dict[str, list[str]]:
    """Return the quoted messages of each entry by its name."""
    return {name: QUOTE.findall(quotes) for name, quotes in ENTRY.findall(PAGE.read_text())}


def expect(name: str, text: str) -> None:
    """Assert that a text has all messages of an entry. ``...`` in a message stands for any text."""
    shown = " ".join(text.split())
    for quote in read_entries()[name]:
        pattern = ".*?".join(map(re.escape, quote.split("...")))
        assert re.search(pattern, shown), f"{quote!r} is not in: {shown[:5_000]}"


def list_tested() -> list[str]:
    """Return the names of the entries that the tests give to ``expect``, or have in ``CHECKS``."""
    found = []
    for path in TESTS:
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Name(id="expect"), args=[ast.Constant(value=str(name)), *_]):
                    found.append(name)
                case ast.AnnAssign(target=ast.Name(id="CHECKS"), value=ast.Dict(keys=keys)):
                    found += [str(key.value) for key in keys if isinstance(key, ast.Constant)]
    return found
