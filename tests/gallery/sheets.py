"""The index of a gallery, and a contact sheet for each page: all its versions side by side."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from django.utils.html import format_html, format_html_join

from .pictures import SCHEMES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from playwright.sync_api import Browser

    from .pictures import Picture

__all__ = ["write_index", "write_sheets"]

#: Width of a window -> width on a sheet, in pixels.
SHOWN = {320: 200, 375: 240, 768: 250, 1280: 320}
GAP = 8
MAX_HEIGHT = 480
SHEET_WIDTH = (sum(SHOWN.values()) + len(SHOWN) * GAP) * len(SCHEMES) + 2 * GAP

SHEET = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>
body {{ margin: {gap}px; font: 13px/1.4 sans-serif; background: #888; color: #fff }}
h1 {{ font-size: 18px; margin: 0 0 6px }}
h2 {{ font-size: 13px; margin: 6px 0 2px }}
.row {{ display: flex; gap: {gap}px; align-items: start }}
.row a {{ display: block; overflow: hidden; max-height: {height}px }}
img {{ display: block; width: 100% }}
</style></head><body><h1>{title}</h1>{rows}</body></html>
"""
INDEX = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Gallery</title>
<style>
body {{ margin: 2rem; font: 16px/1.5 sans-serif }}
img {{ max-width: 100%; border: 1px solid #999 }}
li {{ break-inside: avoid }}
ol {{ columns: 18rem }}
</style></head><body><h1>Gallery</h1><p>{count} pictures. Each sheet links to its pictures.</p>
{overflows}<ol>{contents}</ol>{sheets}</body></html>
"""


def write_sheets(browser: Browser, pictures: Sequence[Picture], folder: Path) -> list[str]:
    """Write ``sheet-<page>-<theme>.html`` and its picture for each page and theme. Returns the stems."""
    context = browser.new_context(viewport={"width": SHEET_WIDTH, "height": 100})
    page = context.new_page()
    stems = []
    ordered = sorted(pictures, key=_get_sheet)
    for (name, theme), of_sheet in groupby(ordered, key=_get_sheet):
        stem = f"sheet-{name}-{theme}"
        (folder / f"{stem}.html").write_text(_build_sheet(f"{name} ({theme})", list(of_sheet)))
        page.goto((folder / f"{stem}.html").resolve().as_uri())
        page.screenshot(path=folder / f"{stem}.png", full_page=True)
        stems.append(stem)
    context.close()
    return stems


def _get_sheet(picture: Picture) -> tuple[str, str]:
    return picture.document.name, picture.document.theme


def _build_sheet(title: str, pictures: Sequence[Picture]) -> str:
    rows = []
    for language, of_language in groupby(pictures, key=lambda each: each.document.language):
        links = format_html_join(
            "",
            '<a href="{0}" style="width: {1}px"><img src="{0}" alt="{0}"></a>',
            ((each.file_name, SHOWN[each.width]) for each in of_language),
        )
        rows.append(format_html('<h2>{}</h2><div class="row">{}</div>', language, links))
    content = format_html_join("", "{}", ((row,) for row in rows))
    return format_html(SHEET, title=title, rows=content, gap=GAP, height=MAX_HEIGHT)


def write_index(pictures: Sequence[Picture], stems: Sequence[str], folder: Path) -> None:
    """Write ``index.html``: all sheets, and the pictures of pages that are wider than their window."""
    contents = format_html_join("", '<li><a href="#{0}">{0}</a></li>', ((stem,) for stem in stems))
    sheets = format_html_join(
        "",
        '<h2 id="{0}"><a href="{0}.html">{0}</a></h2>'
        '<a href="{0}.html"><img loading="lazy" src="{0}.png" alt="{0}"></a>',
        ((stem,) for stem in stems),
    )
    too_wide = [each for each in pictures if each.overflow > 0]
    overflows = format_html_join(
        "",
        '<p>Wider than the window: <a href="{0}">{0}</a> by {1} px</p>',
        ((each.file_name, each.overflow) for each in too_wide),
    )
    index = format_html(INDEX, count=len(pictures), contents=contents, sheets=sheets, overflows=overflows)
    (folder / "index.html").write_text(index)
