"""Every page and state on ``FakeOry``, in Chromium: accessibility in light and dark, width, and hosts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

import django_ory
from django_ory.testing import FakeOry
from tests.selfservice.conftest import Kratos
from tests.templates.every_page import PAGES, open_page

from .page_checker import FOLDER
from .page_states import STATES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.test import Client
    from playwright.sync_api import Browser, Page, Route

    from .page_checker import PageChecker

STATIC = Path(django_ory.__file__).parent / "static" / "ory"
SITE = "http://localhost/"  # browsers allow passkeys here without https
LAYOUT_SHIFTS = """() => new Promise((resolve) => {
  let sum = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((shift) => (sum += shift.value)))
    .observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => setTimeout(() => resolve(sum), 50));
})"""


@pytest.fixture(scope="session", autouse=True)
def allow_database() -> Iterator[None]:
    """Playwright runs an event loop in this thread, which Django takes for async code.

    For the whole session, since the test database is removed at its end.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture(scope="module")
def show(browser: Browser) -> Iterator[Callable[[str], Page]]:
    """Opens HTML in a browser that gets the style sheet and the script, and nothing from other hosts."""
    files = {
        "static/ory/ory.css": ("text/css", (STATIC / "ory.css").read_text()),
        "static/ory/ory.js": ("text/javascript", (STATIC / "ory.js").read_text()),
    }
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = context.new_page()

    def show_html(html: str) -> Page:
        files[""] = ("text/html", html)
        page.goto(SITE)
        return page

    def answer(route: Route) -> None:
        kind, body = files.get(route.request.url.removeprefix(SITE), ("text/plain", ""))
        route.fulfill(content_type=f"{kind}; charset=utf-8", body=body)

    context.route("**/*", answer)
    yield show_html
    context.close()


def render(name: str, client: Client) -> str:
    """The HTML of a page of ``PAGES`` or of a state of ``STATES``."""
    if name in PAGES:
        return str(open_page(name, client).content.decode())
    kind, body = STATES[name]
    with FakeOry() as ory:
        kratos = Kratos(ory, client)
        if body.get("refresh") or body.get("requested_aal") == "aal2":
            kratos.session()
        response: Any = kratos.open(kind, body)
    return str(response.content.decode())


@pytest.mark.parametrize("name", [*STATES, *PAGES])
@pytest.mark.django_db
def test_page_is_accessible(
    show: Callable[[str], Page], page_checker: PageChecker, settings: Any, client: Client, name: str
) -> None:
    settings.ROOT_URLCONF = "tests.templates.every_page"
    html = render(name, client)
    asked: set[str] = set()
    page = show("")
    page.on("request", lambda request: asked.add(urlsplit(request.url).hostname or ""))
    page = show(html)
    assert page.evaluate(LAYOUT_SHIFTS) == 0
    page_checker.check_accessibility(page, name)
    if "DJANGO_ORY_SCREENSHOTS" in os.environ:
        stem = name.replace("/", "-").removesuffix(".html")
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                page.screenshot(path=FOLDER / f"page-{stem}-{width}-{scheme}.png", full_page=True)
        page.set_viewport_size({"width": 1280, "height": 800})
    assert asked <= {"localhost", "kratos.test", ""}
