"""Takes screenshots of pages in several widths and color schemes, and checks their accessibility."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Collection

    from playwright.sync_api import Page

WIDTHS = (320, 375, 1280)
SCHEMES = ("light", "dark")
FOLDER = Path(os.environ.get("DJANGO_ORY_SCREENSHOTS", "test-results/screenshots"))

#: All rules for the light scheme; for the dark one only the rules that depend on colors.
_AXE: dict[str, dict[str, Any]] = {
    "light": {
        "resultTypes": ["violations"],
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "dark": {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}},
}
_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

#: Rules that every page of Django's admin violates: breadcrumbs, search box, filters.
DJANGO_ADMIN = frozenset({"label-title-only", "link-in-text-block", "target-size"})


class PageChecker:
    """Stores screenshots of pages and collects their problems, so that one run reports all of them."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._axe = Axe()

    def check(self, page: Page, name: str, heading: str, *, ignored_rules: Collection[str] = ()) -> None:
        """Check the page with this heading in all widths and schemes: overflow and the rules of axe-core."""
        self.wait_for_heading(page, name, heading)
        page.wait_for_load_state()
        before = page.viewport_size
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            overflow = page.evaluate(_OVERFLOW)
            if overflow > 0:
                self.problems.append(f"{name}: {overflow} px wider than a window of {width} px")
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                picture = FOLDER / f"{name}-{width}-{scheme}.png"
                page.screenshot(path=picture, full_page=True, animations="disabled")
                if width == WIDTHS[-1]:
                    self._run_axe(page, f"{name} ({scheme})", _AXE[scheme], ignored_rules)
        page.emulate_media(color_scheme="light")
        if before:
            page.set_viewport_size(before)

    def check_accessibility(self, page: Page, name: str) -> None:
        """Check the open page: the rules of axe-core in light and dark, and the width on a phone."""
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            self._run_axe(page, f"{name} ({scheme})", _AXE[scheme], ())
        before = page.viewport_size
        page.set_viewport_size({"width": WIDTHS[0], "height": 800})
        overflow = page.evaluate(_OVERFLOW)
        if overflow > 0:
            self.problems.append(f"{name}: {overflow} px wider than a window of {WIDTHS[0]} px")
        if before:
            page.set_viewport_size(before)

    def wait_for_heading(self, page: Page, name: str, heading: str) -> None:
        """Wait for the page with this heading without checks, which an earlier step has checked."""
        expect(page.get_by_role("heading", level=1, name=heading, exact=True)).to_be_visible()

    def _run_axe(
        self, page: Page, where: str, options: dict[str, Any], ignored_rules: Collection[str]
    ) -> None:
        for violation in self._axe.run(page, options=options).response["violations"]:
            if violation["id"] not in ignored_rules:
                nodes = "; ".join(node["html"][:160] for node in violation["nodes"][:3])
                self.problems.append(f"{where}: {violation['help']} [{violation['id']}]: {nodes}")
