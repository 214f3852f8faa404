"""Fixtures of the tests that follow the pages of the documentation.

The marker ``page`` names the page of a test: ``pytestmark = pytest.mark.page("docs/quickstart.md")``.
All tests of a page run one after another in one process, so that the page is followed once.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.docs.pages import PAGES
from tests.docs.reader import Reader
from tests.docs.scheduling import PageScheduling, get_group
from tests.e2e.browser_fixtures import (
    browser,
    chromium,
    member,
    open_context,
    program,
    pytest_runtest_makereport,
    visitor,
)
from tests.support.guides import Environments, GuideRun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xdist.remote import Producer

    from django_ory.devstack import StackAddresses

__all__ = ["browser", "chromium", "member", "open_context", "program", "pytest_runtest_makereport", "visitor"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--pictures",
        type=Path,
        metavar="FOLDER",
        help="Write the pictures of the pages into this folder. The documented ports must be free.",
    )


def get_page(item: pytest.Item) -> str:
    """The page that a test is about, or an empty text."""
    marker = item.get_closest_marker("page")
    return str(marker.args[0]) if marker else ""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> PageScheduling:
    return PageScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the tests: those of a page together, a continued page before the pages that continue it."""
    pages = list(PAGES)
    items.sort(
        key=lambda item: (get_group(page := get_page(item)), pages.index(page) if page in PAGES else -1)
    )


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Environments:
    """The virtual environments of the whole test run."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    return Environments(folder / "environments")


@pytest.fixture(scope="session")
def reader(environments: Environments, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    reader = Reader(tmp_path_factory.mktemp("pages"), environments)
    yield reader
    reader.end()


@pytest.fixture
def page_run(reader: Reader, request: pytest.FixtureRequest) -> GuideRun:
    """The page of the marker ``page``, followed to its end, with its servers running."""
    return reader.visit(get_page(request.node))


@pytest.fixture
def page_stack(page_run: GuideRun, reader: Reader, request: pytest.FixtureRequest) -> StackAddresses:
    """The Kratos, the Hydra and the mails of the page, for ``visitor(stack=page_stack)``."""
    return reader.get_stack(get_page(request.node))


@pytest.fixture
def pictures(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The folder for the pictures that a test takes. It is laid out as ``docs/images``."""
    folder: Path = (request.config.getoption("--pictures") or tmp_path / "pictures").resolve()
    (folder / "tutorial").mkdir(parents=True, exist_ok=True)
    return folder
