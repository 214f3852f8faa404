"""Pictures of documents in a real Chromium: in several widths, light and dark."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .rendering import THEMES, find_static_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page, Route

    from .rendering import Document

__all__ = ["SCHEMES", "Picture", "take_pictures"]

#: Browsers offer passkeys on this host only, and on hosts with HTTPS.
SITE = "http://localhost/"
SCHEMES = ("light", "dark")
HEIGHT = 640


@dataclass(frozen=True)
class Picture:
    """The picture of a document. ``overflow``: by how many pixels the page is too wide."""

    document: Document
    scheme: str
    width: int
    overflow: int

    @property
    def file_name(self) -> str:
        return f"{self.document.file_stem}-{self.scheme}-{self.width}.png"


def take_pictures(
    browser: Browser, documents: Iterable[Document], folder: Path, *, schemes: Iterable[str] = SCHEMES
) -> Iterator[Picture]:
    """Write a picture of each document in all its widths and in the schemes. Only static files are loaded."""
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    for document in documents:
        page.unroute_all()
        page.route("**/*", _build_answer(document))
        page.goto(SITE)
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            for width in document.widths:
                yield _take_picture(page, document, scheme, width, folder)
    context.close()


def _take_picture(page: Page, document: Document, scheme: str, width: int, folder: Path) -> Picture:
    page.set_viewport_size({"width": width, "height": HEIGHT})
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    picture = Picture(document, scheme, width, int(overflow))
    page.screenshot(path=folder / picture.file_name, full_page=True, animations="disabled")
    return picture


def _build_answer(document: Document) -> Callable[[Route], None]:
    theme = THEMES[document.theme]

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(SITE).partition("?")[0]
        file = find_static_file(path.removeprefix("static/"), theme) if path.startswith("static/") else None
        if not path:
            route.fulfill(content_type="text/html; charset=utf-8", body=document.html)
        elif file is not None:
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            route.fulfill(content_type=kind, body=file.read_bytes())
        else:
            route.abort()

    return answer
