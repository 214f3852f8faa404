"""The pages in sites with various styles: readable texts, and style sheets that do not affect each other."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

import django_ory
from tests.templates.every_page import open_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page, Route

    from .page_checker import PageChecker

STATIC = Path(django_ory.__file__).parent / "static" / "ory"
FILES = Path(__file__).parent / "site"
SITE = "http://site.test/"

BOTH = (
    ":root { color-scheme: light dark } header a { color: inherit }"
    "body { background: light-dark(#fff, #111); color: light-dark(#222, #ddd) }"
)
LIGHT = "body { background: #fff; color: #222 }"
DARK = "body { background: #111; color: #ddd } a { color: #9cf }"
#: Name -> the style sheet of the site, and the scheme of the pages in a light and in a dark browser.
SCHEMES = {
    "site-says-nothing": (LIGHT, ("light", "light")),
    "site-says-light": (LIGHT + ":root { color-scheme: light }", ("light", "light")),
    "site-says-dark": (DARK + ":root { color-scheme: dark }", ("dark", "dark")),
    "site-follows-the-browser": (BOTH, ("light", "dark")),
    "pages-are-light": (
        BOTH + ".ory { color-scheme: light }",
        ("light", "light"),
    ),
    "pages-are-dark": (LIGHT + ".ory { color-scheme: dark }", ("dark", "dark")),
    "pages-follow-the-browser": (LIGHT + ".ory { color-scheme: light dark }", ("light", "dark")),
}
NEUTRAL = "body { margin: 0; font: 16px/1.5 sans-serif; background: #fff; color: #222 }"

PROPERTIES = [
    *("color", "background-color", "box-shadow", "border-top-width", "border-radius"),
    *("font-family", "font-size", "font-weight", "font-style", "line-height", "letter-spacing"),
    *("text-transform", "text-decoration-line", "text-indent", "list-style-type", "float"),
]
CONTRAST = (FILES / "contrast.js").read_text()
COMPUTED_STYLES = (FILES / "computed_styles.js").read_text()


@pytest.fixture(scope="module")
def files() -> dict[str, tuple[str, str]]:
    """The files of the simulated site: path -> content type and body."""
    return {}


@pytest.fixture(scope="module")
def page(browser: Browser, files: dict[str, tuple[str, str]]) -> Iterator[Page]:
    """The page in which all tests open the site."""

    def answer(route: Route) -> None:
        kind, body = files.get(route.request.url.removeprefix(SITE), ("text/plain", ""))
        route.fulfill(content_type=f"{kind}; charset=utf-8", body=body)

    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.route("**/*", answer)
    yield context.new_page()
    context.close()


@pytest.fixture
def show(page: Page, files: dict[str, tuple[str, str]], settings: Any, tmp_path: Path) -> Callable[..., Page]:
    """Opens a page in a simulated site: ``show("unavailable.html", css=...)``.

    ``embedded=False``: a standalone page, with the style sheet of the site after the style sheet of the app.
    """
    settings.ROOT_URLCONF = "tests.templates.every_page"
    settings.ALLOWED_HOSTS = ["*"]
    page.emulate_media(color_scheme="light")

    def open_template(
        template: str, *, css: str, embedded: bool = True, with_style_sheet: bool = True
    ) -> Page:
        folder = tmp_path / str(embedded)
        (folder / "ory" / "layouts").mkdir(parents=True, exist_ok=True)
        if embedded:
            (folder / "base.html").write_text((FILES / "base.html").read_text())
            embedding = (FILES / "embedding.html").read_text()
            (folder / "ory" / "layouts" / "base.html").write_text(embedding)
        settings.TEMPLATES = copy.deepcopy(settings.TEMPLATES)
        settings.TEMPLATES[0]["DIRS"] = [folder]
        # Playwright runs an event loop in this thread, which Django takes for async code.
        with ThreadPoolExecutor(1) as other_thread:
            html = other_thread.submit(open_page, template, Client()).result().content.decode()
        if not embedded:
            html = html.replace("</head>", '<link rel="stylesheet" href="/site.css"></head>')
        files.clear()
        files.update({
            "": ("text/html", html),
            "site.css": ("text/css", css),
            "static/ory/ory.css": ("text/css", (STATIC / "ory.css").read_text() if with_style_sheet else ""),
            "static/ory/ory.js": ("text/javascript", (STATIC / "ory.js").read_text()),
        })  # fmt: skip
        page.goto(SITE)
        return page

    return open_template


@pytest.mark.parametrize("template", ["selfservice/login.html", "unavailable.html"])
@pytest.mark.parametrize("name", SCHEMES)
def test_texts_have_contrast_in_every_color_scheme(
    show: Callable[..., Page], name: str, template: str
) -> None:
    css, expected = SCHEMES[name]
    page = show(template, css=css)
    for browser_scheme, scheme in zip(("light", "dark"), expected, strict=True):
        page.emulate_media(color_scheme=browser_scheme)  # type: ignore[arg-type]
        measured = page.locator(".ory-heading").evaluate(CONTRAST)
        assert (measured["ground"] > 0.5) == (scheme == "light"), browser_scheme
        texts = page.locator(
            ".ory-heading, .ory-lead, .ory-field__label, .ory-footer :is(p, a), .ory-button, .ory-summary *"
        )
        contrasts = texts.evaluate_all(f"(texts) => texts.map((text) => ({CONTRAST})(text).contrast)")
        assert len(contrasts) >= 3
        assert min(contrasts) >= 4.5, (browser_scheme, contrasts)


@pytest.mark.parametrize(
    ("css", "expected"),
    [
        ("", ("light", "dark")),
        (".ory { color-scheme: light }", ("light", "light")),
        (".ory { color-scheme: dark }", ("dark", "dark")),
    ],
)
def test_standalone_page_follows_the_color_scheme_of_the_browser(
    show: Callable[..., Page], css: str, expected: tuple[str, str]
) -> None:
    page = show("selfservice/login.html", css=css, embedded=False)
    for browser_scheme, scheme in zip(("light", "dark"), expected, strict=True):
        page.emulate_media(color_scheme=browser_scheme)  # type: ignore[arg-type]
        for selector in (".ory-heading", ".ory-brand__name", ".ory-footer a"):
            measured = page.locator(selector).first.evaluate(CONTRAST)
            assert measured["contrast"] >= 4.5
            assert (measured["ground"] > 0.5) == (scheme == "light"), (selector, browser_scheme)


def test_element_rules_of_the_site_do_not_change_the_forms(show: Callable[..., Page]) -> None:
    arguments = [".ory-page, .ory-page *", PROPERTIES]
    calm = show("selfservice/login.html", css=NEUTRAL).evaluate(COMPUTED_STYLES, arguments)
    assert len(calm) > 20
    wild_css = (FILES / "bare_elements.css").read_text()
    wild = show("selfservice/login.html", css=NEUTRAL + wild_css).evaluate(COMPUTED_STYLES, arguments)
    assert wild == calm


def test_style_sheet_does_not_change_the_site(show: Callable[..., Page]) -> None:
    arguments = ["html, body, header, header *, main, footer, footer *", [*PROPERTIES, "color-scheme"]]
    styles = []
    for with_style_sheet in (True, False):
        page = show("unavailable.html", css=NEUTRAL, with_style_sheet=with_style_sheet)
        rows = page.evaluate(COMPUTED_STYLES, arguments)
        styles.append([(row["element"], row["style"]) for row in rows])
    assert len(styles[0]) > 10
    assert styles[0] == styles[1]


def test_script_does_not_change_the_forms_of_the_site(show: Callable[..., Page]) -> None:
    page = show("selfservice/login.html", css=NEUTRAL)
    page.evaluate("document.addEventListener('submit', (event) => event.preventDefault())")
    page.get_by_role("button", name="Go", exact=True).click()
    assert page.locator("footer form[data-ory-busy]").count() == 0
    page.locator(".ory button[name=provider]").click()
    assert page.locator(".ory form[data-ory-busy]").count() == 1


def test_page_in_a_site_fits_phones(show: Callable[..., Page], page_checker: PageChecker) -> None:
    """A light-only site in a light and in a dark browser, on a phone and on a desk, with axe-core."""
    page = show("selfservice/login.html", css=NEUTRAL)
    page_checker.check(page, "light-only-site", page.locator("h1").inner_text())
