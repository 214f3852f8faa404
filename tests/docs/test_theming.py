"""The pages of the guide about theming in a browser: the style sheet of the site wins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import StackAddresses
    from tests.e2e.visitor import Visitor
    from tests.support.guides import GuideRun

pytestmark = pytest.mark.page("docs/guides/theming.md")

#: ``--ory-accent`` of the page.
ACCENT = "rgb(11, 110, 79)"


def test_pages_have_the_look_of_the_site(
    page_run: GuideRun, page_stack: StackAddresses, visitor: Callable[..., Visitor]
) -> None:
    page = visitor(stack=page_stack).page
    for path in ("/welcome/", "/auth/registration/"):
        page.goto(path)
        expect(page.get_by_role("banner")).to_contain_text("Cups")
        expect(page.get_by_role("button", name="Continue")).to_have_css("background-color", ACCENT)
        expect(page.get_by_role("group", name="Your name").get_by_label("Given name")).to_be_visible()
    expect(page.locator(".ory-card")).to_have_css("box-shadow", "none")
    expect(page.get_by_role("link", name="terms")).to_be_visible()
