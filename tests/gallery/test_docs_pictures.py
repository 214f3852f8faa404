"""Each picture of the documentation is made by a program, and shown on a page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .docs_pictures import PICTURES, render_docs_pictures

DOCS = Path(__file__).resolve().parents[2] / "docs"
IMAGE = re.compile(r"\{(?:image|figure)\} *(\S+)|!\[[^\]]*\]\((\S+)\)")


@pytest.mark.django_db
def test_each_picture_of_the_table_has_a_page() -> None:
    assert [file for file, _document in render_docs_pictures()] == list(PICTURES)


def test_each_image_of_the_docs_is_made_by_a_program_and_shown() -> None:
    shown = {
        (page.parent / (directive or link)).resolve().relative_to(DOCS / "images").as_posix()
        for page in DOCS.rglob("*.md")
        for directive, link in IMAGE.findall(page.read_text())
    }
    pictures = {path.relative_to(DOCS / "images").as_posix() for path in (DOCS / "images").rglob("*.png")}
    assert pictures == {path for path in shown if path.endswith(".png")}
    others = {path for path in pictures if not path.startswith("tutorial/")}  # see test_tutorial.py
    assert others == {f"{name}.png" for name in PICTURES}
