"""Fixtures for a visitor in Chromium, of the e2e tests and of the tests of the docs pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect, sync_playwright

from .browser import find_chromium, launch_arguments
from .visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from playwright.sync_api import Browser, BrowserContext, BrowserType

    from django_ory.devstack import StackAddresses

__all__ = ["browser", "chromium", "member", "open_context", "program", "pytest_runtest_makereport", "visitor"]

CONTEXTS = pytest.StashKey["list[BrowserContext]"]()
THIS_MACHINE = {"localhost", "127.0.0.1", ""}
#: Longest wait for an element or a page. Playwright's five seconds can be too short on a busy machine.
WAIT_MILLISECONDS = 30_000

expect.set_options(timeout=WAIT_MILLISECONDS)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the URL and the accessibility tree of each open page to the report of a failed test."""
    report = yield
    if call.when == "call" and report.failed:
        for context in item.stash.get(CONTEXTS, []):
            for page in context.pages:
                report.sections.append((page.url, page.locator("body").aria_snapshot()))
    return report


@pytest.fixture(scope="session")
def chromium() -> Iterator[BrowserType]:
    with sync_playwright() as playwright:
        yield playwright.chromium


@pytest.fixture(scope="session")
def program(chromium: BrowserType) -> dict[str, Any]:
    """The path and the arguments of Chromium."""
    return {"executable_path": find_chromium(chromium.executable_path), "args": launch_arguments()}


@pytest.fixture(scope="session")
def browser(chromium: BrowserType, program: dict[str, Any]) -> Iterator[Browser]:
    started = chromium.launch(**program)
    yield started
    started.close()


@pytest.fixture
def open_context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., BrowserContext]]:
    """Opens separate browser contexts, for Toolshelf with the shared stack unless ``base_url`` is given.

    A request to another machine, a script error, and a source that the Content-Security-Policy blocks fail
    the test.
    """
    contexts = request.node.stash.setdefault(CONTEXTS, [])
    asked: set[str] = set()
    errors: list[str] = []

    def open_new(*, javascript: bool = True, base_url: str = "") -> BrowserContext:
        context = browser.new_context(
            base_url=base_url or request.getfixturevalue("site").url,
            java_script_enabled=javascript,
            locale="en-US",
            viewport={"width": 1280, "height": 800},
            reduced_motion="reduce",
        )
        context.set_default_timeout(WAIT_MILLISECONDS)
        context.on("request", lambda request: asked.add(urlsplit(request.url).hostname or ""))
        context.on("weberror", lambda error: errors.append(str(error.error)))
        context.on(
            "console",
            lambda message: (
                errors.append(message.text) if "Content Security Policy" in message.text else None
            ),
        )
        contexts.append(context)
        return context

    yield open_new
    for context in contexts:
        context.close()
    assert asked <= THIS_MACHINE
    assert not errors


@pytest.fixture
def visitor(
    open_context: Callable[..., BrowserContext], request: pytest.FixtureRequest
) -> Callable[..., Visitor]:
    """Returns a visitor in a new browser context. ``visitor(javascript=False)``, ``visitor(stack=...)``."""

    def build(*, javascript: bool = True, stack: StackAddresses | None = None) -> Visitor:
        if stack is None:
            request.getfixturevalue("site")  # serves the pages of the shared stack
            stack = request.getfixturevalue("ory_stack")
        context = open_context(javascript=javascript, base_url=stack.site_url)
        return Visitor(context.new_page(), stack)

    return build


@pytest.fixture
def member(visitor: Callable[..., Visitor]) -> Callable[..., Visitor]:
    """Returns a signed-out visitor with an account and a verified address. Arguments as for ``visitor``."""

    def build(*, javascript: bool = True, stack: StackAddresses | None = None) -> Visitor:
        person = visitor(javascript=javascript, stack=stack)
        person.create_account()
        return person

    return build
