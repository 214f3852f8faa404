"""Every page of the documentation with code blocks is followed, in an empty environment with the wheel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.guides import ROOT, read_blocks

from .pages import OWN_TESTS, PAGES

if TYPE_CHECKING:
    from pathlib import Path

    from .reader import Reader


def list_pages() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "docs").rglob("*.mdx")])


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.page(name)) for name in PAGES])
def test_page_is_followed_and_every_block_is_run(name: str, reader: Reader) -> None:
    run = reader.follow(name)
    assert [(block.line, block.language) for block in run.illustrations] == []
    assert set(run.skipped) == set(PAGES[name].elsewhere)


def test_every_page_with_blocks_is_in_the_table() -> None:
    with_blocks = {page.relative_to(ROOT).as_posix() for page in list_pages() if read_blocks(page)}
    tables = [*PAGES, *OWN_TESTS]
    assert with_blocks == set(tables)
    assert len(tables) == len(set(tables))


def test_commands_that_are_not_run_here_are_in_their_test() -> None:
    for name, page in PAGES.items():
        for command, place in page.elsewhere.items():
            text = (ROOT / place).read_text()
            if place == "tox.ini":
                assert f"[testenv:{command.rpartition(' -e ')[2]}]" in text
            else:
                assert command in text or name.rpartition("/")[2] in text  # or the test reads the page


def test_continued_pages_are_named_in_the_text() -> None:
    for name, page in PAGES.items():
        if page.continues:
            head = " ".join((ROOT / name).read_text().partition("\n## ")[0].split())
            assert "continues the project" in head, name
            assert page.continues.rpartition("/")[2] in head, name
