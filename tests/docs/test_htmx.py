"""The pinboard of the guide, opened in a browser with the script of htmx."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import StackAddresses
    from tests.e2e.visitor import Visitor

pytestmark = pytest.mark.page("docs/guides/htmx.md")


def test_denied_controls_open_the_sign_in_page_and_return(
    page_stack: StackAddresses, member: Callable[..., Visitor]
) -> None:
    alma = member(stack=page_stack)
    page, heading = alma.page, alma.page.get_by_role("heading", level=1)
    page.goto("/?board=2")
    alma.field("Note").fill("Buy tea")
    alma.press("Pin")
    expect(page).to_have_url(re.compile("/auth/login/"))
    alma.fill_in_sign_in()
    expect(page).to_have_url(f"{page_stack.site_url}/?board=2")
    expect(page.get_by_role("listitem")).to_have_count(0)

    alma.field("Note").fill("Buy tea")
    alma.press("Pin")
    expect(page.get_by_role("listitem")).to_have_text(["Buy tea"])

    alma.press("Show the secret note")
    expect(heading).to_have_text("Two-factor authentication")

    page.goto("/")
    page.route("**/notes/", lambda route: route.fulfill(status=503))
    alma.press("Pin")
    expect(page.get_by_role("status")).to_have_text(re.compile("not available right now"))
