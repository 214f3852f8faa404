"""The example site on a real Kratos and a real Hydra, and a real browser in front of it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

from django_ory.client import OryClient

from .browser import find_chromium, launch_arguments
from .looks import Looks
from .people import Visitor
from .servers import serve_example

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from playwright.sync_api import Browser, BrowserContext, BrowserType

    from django_ory.devstack import StackAddresses

    from .servers import AnyStack, ServedSite

WINDOWS = pytest.StashKey["list[BrowserContext]"]()
THIS_MACHINE = {"localhost", "127.0.0.1", ""}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs the browser."""
    for item in items:
        if "tests/e2e/" in item.path.as_posix():
            item.add_marker(pytest.mark.e2e)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test's report shows each page: its address, and its content as a screen reader has it."""
    report = yield
    if call.when == "call" and report.failed:
        for window in item.stash.get(WINDOWS, []):
            for page in window.pages:
                report.sections.append((page.url, page.locator("body").aria_snapshot()))
    return report


@pytest.fixture(scope="session")
def toolshelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[AnyStack], ServedSite]]:
    """Serves Toolshelf where a stack expects it, with a database of its own: ``toolshelf(ory_stack)``."""
    with ExitStack() as closing:

        def serve(stack: AnyStack) -> ServedSite:
            served = serve_example(stack, folder=tmp_path_factory.mktemp("toolshelf"))
            closing.callback(served.stop)
            served.start()
            return served

        yield serve


@pytest.fixture(scope="session")
def site(ory_stack: StackAddresses, toolshelf: Callable[[AnyStack], ServedSite]) -> ServedSite:
    """The Toolshelf that most tests visit."""
    return toolshelf(ory_stack)


@pytest.fixture(scope="session")
def chromium() -> Iterator[BrowserType]:
    with sync_playwright() as playwright:
        yield playwright.chromium


@pytest.fixture(scope="session")
def program(chromium: BrowserType) -> dict[str, Any]:
    """Which Chromium is started, and how."""
    return {"executable_path": find_chromium(chromium.executable_path), "args": launch_arguments()}


@pytest.fixture(scope="session")
def browser(chromium: BrowserType, program: dict[str, Any]) -> Iterator[Browser]:
    started = chromium.launch(**program)
    yield started
    started.close()


@pytest.fixture
def open_window(
    browser: Browser, site: ServedSite, request: pytest.FixtureRequest
) -> Iterator[Callable[..., BrowserContext]]:
    """Opens windows that share nothing. A request to another machine, or a failing script, fails the test."""
    windows = request.node.stash.setdefault(WINDOWS, [])
    asked: set[str] = set()
    errors: list[str] = []

    def open_one(*, javascript: bool = True, at: str = site.url) -> BrowserContext:
        window = browser.new_context(
            base_url=at,
            java_script_enabled=javascript,
            locale="en-US",
            viewport={"width": 1280, "height": 800},
            reduced_motion="reduce",
        )
        window.set_default_timeout(10_000)
        window.on("request", lambda request: asked.add(urlsplit(request.url).hostname or ""))
        window.on("weberror", lambda error: errors.append(str(error.error)))
        windows.append(window)
        return window

    yield open_one
    for window in windows:
        window.close()
    assert asked <= THIS_MACHINE
    assert not errors


@pytest.fixture
def visitor(open_window: Callable[..., BrowserContext], ory_stack: StackAddresses) -> Callable[..., Visitor]:
    """Somebody new at a window of their own. ``visitor(javascript=False)``, ``visitor(stack=...)``."""

    def come(*, javascript: bool = True, stack: AnyStack = ory_stack) -> Visitor:
        window = open_window(javascript=javascript, at=stack.site_url)
        return Visitor(window.new_page(), stack)

    return come


@pytest.fixture
def member(visitor: Callable[..., Visitor], ory_stack: StackAddresses) -> Callable[..., Visitor]:
    """Somebody who joined and confirmed their address long ago, signed out. Takes what ``visitor`` takes."""

    def come(*, javascript: bool = True, stack: AnyStack = ory_stack) -> Visitor:
        person = visitor(javascript=javascript, stack=stack)
        with OryClient(kratos_admin_url=stack.kratos_admin_url, timeout=10.0) as client:
            client.admin_create_identity(body=person.as_identity())
        return person

    return come


@pytest.fixture
def looks() -> Iterator[Looks]:
    """Looks at pages; what it found wrong fails the test at its end."""
    looking = Looks()
    yield looking
    assert not looking.problems, "\n".join(looking.problems)
