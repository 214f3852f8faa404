"""The example site on a real Kratos and a real Hydra, and a real browser in front of it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

from .browser import find_chromium, launch_arguments
from .looks import Looks
from .people import Visitor
from .servers import environment_of, serve_example

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django_ory.testing.plugin import OryStack
    from playwright.sync_api import Browser, BrowserContext

    from .servers import ServedSite

THIS_MACHINE = {"localhost", "127.0.0.1", ""}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs the browser."""
    for item in items:
        if "tests/e2e/" in item.path.as_posix():
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def environment(ory_stack: OryStack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the example project's processes read, ``manage.py`` commands included."""
    folder = tmp_path_factory.mktemp("toolshelf")
    return environment_of(ory_stack.environment, folder=folder)


@pytest.fixture(scope="session")
def site(
    ory_stack: OryStack, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServedSite]:
    """Toolshelf, served where Kratos and Hydra expect it."""
    log = tmp_path_factory.mktemp("logs") / "toolshelf.log"
    served = serve_example(ory_stack.site_url, environment=environment, log=log)
    served.start()
    yield served
    served.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=find_chromium(playwright.chromium.executable_path), args=launch_arguments()
        )
        yield started
        started.close()


@pytest.fixture
def open_window(browser: Browser, site: ServedSite) -> Iterator[Callable[..., BrowserContext]]:
    """Opens windows that share nothing. A request to another machine, or a failing script, fails the test."""
    windows: list[BrowserContext] = []
    asked: set[str] = set()
    errors: list[str] = []

    def open_one(*, javascript: bool = True) -> BrowserContext:
        window = browser.new_context(
            base_url=site.url,
            java_script_enabled=javascript,
            locale="en-US",
            viewport={"width": 1280, "height": 800},
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
def visitor(open_window: Callable[..., BrowserContext], ory_stack: OryStack) -> Callable[..., Visitor]:
    """Makes a new person at a window of their own: ``visitor(javascript=False)``."""

    def come(*, javascript: bool = True) -> Visitor:
        return Visitor(open_window(javascript=javascript).new_page(), ory_stack.mails)

    return come


@pytest.fixture
def looks() -> Iterator[Looks]:
    """Looks at pages; what it found wrong fails the test at its end."""
    looking = Looks()
    yield looking
    assert not looking.problems, "\n".join(looking.problems)
