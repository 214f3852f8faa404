"""A user without a mouse: the keys Tab, Space and Enter, and text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

__all__ = ["Keyboard"]

#: More than any page has elements that take the focus.
MAX_TABS = 80
IS_FOCUSED = "element => element === document.activeElement"
#: The focus must be visible: an outline, or a shadow around the element.
HAS_FOCUS_STYLE = """element => {
  const style = getComputedStyle(element);
  return style.outlineStyle !== "none" || style.boxShadow !== "none";
}"""


class Keyboard:
    """Reaches elements with the Tab key. Raises AssertionError for an element that Tab does not reach."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, element: Locator) -> None:
        """Press Tab until the element has the focus, which must be visible."""
        element.wait_for(state="visible")
        for _ in range(MAX_TABS):
            if element.evaluate(IS_FOCUSED):
                assert element.evaluate(HAS_FOCUS_STYLE), f"{element}: no visible focus"
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{element} is not reached with Tab on {self.page.url}")

    def type(self, label: str, text: str, *, submit: bool = False) -> None:
        """Enter a text into the field with this label, in place of its value. ``submit``: press Enter."""
        self.reach(self.page.get_by_label(label, exact=True))
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.type(text)
        if submit:
            self.page.keyboard.press("Enter")

    def press(self, name: str, key: str = "Enter") -> None:
        """Press the button with this name."""
        self.reach(self.page.get_by_role("button", name=name, exact=True).first)
        self.page.keyboard.press(key)

    def follow(self, name: str) -> None:
        """Follow the link with this name."""
        self.reach(self.page.get_by_role("link", name=name, exact=True).first)
        self.page.keyboard.press("Enter")

    def unfold(self, name: str) -> None:
        """Open the details with this summary."""
        self.reach(self.page.locator("summary", has_text=name).first)
        self.page.keyboard.press("Space")
