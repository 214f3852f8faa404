"""Every page of the documentation with code blocks is followed, in an empty environment with the wheel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.guides import ROOT, GuideRun, read_blocks

from .pages import OWN_TESTS, PAGES, UNCONVERTED

if TYPE_CHECKING:
    from pathlib import Path


def list_pages() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "docs").rglob("*.mdx")])


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.page(name)) for name in PAGES])
def test_page_is_followed_and_every_block_is_run(name: str, page_run: GuideRun) -> None:
    assert [(block.line, block.language) for block in page_run.illustrations] == []
    assert set(page_run.skipped) == set(PAGES[name].elsewhere)


def test_every_page_with_blocks_is_in_the_table() -> None:
    with_blocks = {page.relative_to(ROOT).as_posix() for page in list_pages() if read_blocks(page)}
    tables = [*PAGES, *OWN_TESTS, *UNCONVERTED]
    assert with_blocks == set(tables)
    assert len(tables) == len(set(tables))


def test_continued_pages_are_named_in_the_text() -> None:
    for name, page in PAGES.items():
        if page.continues:
            head = (ROOT / name).read_text().partition("\n## ")[0]
            assert "continues the project" in head, name
            assert page.continues.rpartition("/")[2] in head, name
