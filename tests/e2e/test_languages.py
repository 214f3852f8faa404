"""The menu of languages in the header of the example site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext


def test_chosen_language_is_that_of_the_same_page_without_javascript(
    open_context: Callable[..., BrowserContext],
) -> None:
    page = open_context(javascript=False).new_page()
    page.goto("/auth/login/")
    address = page.url
    assert "flow=" in address
    page.locator("summary", has_text="English").click()
    page.get_by_role("button", name="العربيّة").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("تسجيل الدخول إلى \u2068Toolshelf\u2069")
    assert page.url == address
    card = page.locator("div.ory")
    assert (card.get_attribute("lang"), card.get_attribute("dir")) == ("ar", "rtl")
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for pixels in (320, 1280):
        page.set_viewport_size({"width": pixels, "height": 700})
        page.locator("summary", has_text="العربيّة").click()  # opens, then closes the menu
        assert page.evaluate(width) == 0
