"""The admin of the guide, opened by the superuser that the guide creates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import StackAddresses
    from tests.e2e.visitor import Visitor

pytestmark = pytest.mark.page("docs/guides/admin.md")


def test_staff_sign_in_with_the_password_and_see_the_synced_identities(
    visitor: Callable[..., Visitor], page_stack: StackAddresses
) -> None:
    staff = visitor(javascript=False, stack=page_stack)
    page = staff.page
    page.goto("/admin/")
    expect(page.get_by_role("link", name="Sign in with your account on this site")).to_be_visible()
    page.get_by_label("Username:").fill("staff")
    page.get_by_label("Password:").fill("a-quiet-harbor")
    page.get_by_role("button", name="Log in").click()
    staff.follow("Identities")
    expect(page.get_by_role("row")).to_have_count(3)  # with the headings
    staff.follow("ann@example.org")
    expect(page.get_by_label("First name")).to_have_value("Ann")
