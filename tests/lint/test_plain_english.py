from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .plain_english import check, read_prose

if TYPE_CHECKING:
    from pathlib import Path

CODE = '''"""Somebody said what it is."""

#: Whoever hears it.
VALUE = "what it says"  # noqa: WHAT
'''


def test_docstrings_and_comments_are_read_and_strings_and_directives_are_not(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(CODE)
    texts = [line.text for line in read_prose(tmp_path / "module.py")]
    assert texts == ["Somebody said what it is.", "Whoever hears it."]


def test_code_in_markdown_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("Plain `what` text.\n```python\nwhat = it\n```\nMore.\n")
    assert [line.text for line in read_prose(tmp_path / "page.md")] == ["Plain  text.", "More."]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Nobody", "a pronoun instead of a role"),
        ("What", "'what' instead of a noun"),
        ("Whose", "'who' instead of a role"),
        ("It", "'it' instead of a noun"),
        ("Kratos says", "a program described as a person"),
    ],
)
def test_too_many_words_of_a_group_are_reported_with_their_lines(
    tmp_path: Path, text: str, fault: str
) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"Plain text.\n{text} here.\n")
    complaints = check(tmp_path)
    assert any(fault in complaint for complaint in complaints)
    assert f"    {page}:2: {text} here." in complaints


def test_plain_text_has_no_complaints(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("The client sends one request.\n")
    assert check(tmp_path) == []
