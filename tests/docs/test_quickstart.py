"""The quickstart in a browser: the first account, the page of the site, the admin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import StackAddresses
    from tests.e2e.visitor import Visitor
    from tests.support.guides import GuideRun

pytestmark = pytest.mark.page("docs/quickstart.md")


def test_reader_registers_and_gets_access_to_the_admin(
    page_run: GuideRun, page_stack: StackAddresses, visitor: Callable[..., Visitor]
) -> None:
    reader = visitor(stack=page_stack)
    page = reader.page
    page.goto("/")
    reader.follow("Create an account")
    reader.fill_in_registration()
    reader.confirm()
    reader.follow("Continue")
    expect(page.get_by_text(f"is signed in with {reader.email}.")).to_be_visible()

    page.goto("/admin/")
    command = "python manage.py ory_make_staff you@example.org --superuser"
    page_run.run(command.replace("you@example.org", reader.email))
    page.goto("/admin/")
    page.get_by_role("link", name="Identities").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("identit", ignore_case=True)

    page.goto("/")
    reader.follow("Change my profile")
    expect(reader.field("Email address")).to_have_value(reader.email)
    page.goto("/")
    reader.sign_out()
    page.goto("/")
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
