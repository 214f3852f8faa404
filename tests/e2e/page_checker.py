"""Checks pages in several widths and color schemes, with axe-core, and takes screenshots on request."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Collection

    from playwright.sync_api import Page

WIDTHS = (320, 375, 1280)
SCHEMES = ("light", "dark")
#: Folder for the screenshots. None is taken unless the variable is set: they take longer than the checks.
FOLDER = Path(name) if (name := os.environ.get("DJANGO_ORY_SCREENSHOTS")) else None

#: All rules for the light scheme; for the dark one only the rules that depend on colors.
_AXE: dict[str, dict[str, Any]] = {
    "light": {
        "resultTypes": ["violations"],
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "dark": {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}},
}
_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
#: Ends the transitions to the colors of another scheme, then returns the violations alone.
_RUN_AXE = """async (options) => {
  for (const each of document.getAnimations())
    each.effect.getComputedTiming().endTime === Infinity ? each.cancel() : each.finish();
  return (await axe.run(options)).violations;
}"""

#: Rules that every page of Django's admin violates: breadcrumbs, search box, filters.
DJANGO_ADMIN = frozenset({"label-title-only", "link-in-text-block", "target-size"})


class PageChecker:
    """Collects the problems of pages, so that one run reports all of them."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def check(self, page: Page, name: str, heading: str, *, ignored_rules: Collection[str] = ()) -> None:
        """Check the page with this heading in all widths and schemes: overflow and the rules of axe-core."""
        self.wait_for_heading(page, name, heading)
        page.wait_for_load_state()
        before = page.viewport_size
        for width in WIDTHS:  # the last one is that of a desk
            self._check_width(page, name, width)
            for scheme in SCHEMES if FOLDER else ():
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                take_screenshot(page, f"{name}-{width}-{scheme}")
        self._check_schemes(page, name, ignored_rules)
        page.emulate_media(color_scheme="light")
        if before:
            page.set_viewport_size(before)

    def check_accessibility(self, page: Page, name: str) -> None:
        """Check the open page: the rules of axe-core in light and dark, and the width on a phone."""
        self._check_schemes(page, name, ())
        before = page.viewport_size
        self._check_width(page, name, WIDTHS[0])
        if before:
            page.set_viewport_size(before)

    def wait_for_heading(self, page: Page, name: str, heading: str) -> None:
        """Wait for the page with this heading without checks, which an earlier step has checked."""
        expect(page.get_by_role("heading", level=1, name=heading, exact=True)).to_be_visible()

    def _check_width(self, page: Page, name: str, width: int) -> None:
        page.set_viewport_size({"width": width, "height": 800})
        overflow = page.evaluate(_OVERFLOW)
        if overflow > 0:
            self.problems.append(f"{name}: {overflow} px wider than a window of {width} px")

    def _check_schemes(self, page: Page, name: str, ignored_rules: Collection[str]) -> None:
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE_SCRIPT)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            for violation in page.evaluate(_RUN_AXE, _AXE[scheme]):
                if violation["id"] not in ignored_rules:
                    nodes = "; ".join(node["html"][:160] for node in violation["nodes"][:3])
                    self.problems.append(
                        f"{name} ({scheme}): {violation['help']} [{violation['id']}]: {nodes}"
                    )


def take_screenshot(page: Page, name: str) -> None:
    """Store a picture of the whole page, if the environment names a folder."""
    if FOLDER is not None:
        page.screenshot(path=FOLDER / f"{name}.png", full_page=True, animations="disabled")
