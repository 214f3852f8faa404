"""The account area: its sections, and the sessions of a user on two devices."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from .page_checker import PageChecker
    from .visitor import Visitor


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_sections_change_the_account_and_sessions_are_ended(
    member: Callable[..., Visitor],
    visitor: Callable[..., Visitor],
    page_checker: PageChecker,
    javascript: bool,
) -> None:
    alma = member(javascript=javascript)
    page = alma.page
    check = page_checker.check if javascript else page_checker.wait_for_heading
    others = [visitor(javascript=javascript) for _ in range(3)]
    for other in others:
        other.email, other.password = alma.email, alma.password
        other.sign_in()
    alma.sign_in()

    # The header of the site leads to the account, and each section to all others.
    alma.follow("Account")
    current = page.get_by_role("navigation", name="Account").locator("[aria-current=page]")
    expect(current).to_have_text("Profile")

    # The devices: this one and three others. One is signed out, then all others.
    alma.follow("Sessions")
    expect(current).to_have_text("Sessions")
    expect(page.get_by_text("This device")).to_be_visible()
    devices = page.get_by_role("region", name="Sessions").get_by_role("listitem")
    expect(devices).to_have_count(4)
    check(page, "account-sessions", "Your account")
    devices.last.get_by_role("button").click()
    expect(page.get_by_role("status").first).to_contain_text("The device is signed out.")
    expect(devices).to_have_count(3)
    alma.press("Sign out all other devices")
    expect(page.get_by_role("status").first).to_contain_text("All other devices are signed out.")
    expect(devices).to_have_count(1)
    check(page, "account-sessions-ended", "Your account")
    for other in others:
        other.page.goto("/loans/")
        expect(other.page.get_by_role("heading", level=1)).to_have_text("Sign in to Toolshelf")

    # A new password.
    alma.follow("Password")
    expect(current).to_have_text("Password")
    alma.password = "a-new-" + alma.password
    alma.field("New password").fill(alma.password)
    alma.press("Save", within="Password")
    expect(page.get_by_role("status").first).to_contain_text("Your changes have been saved.")
    expect(current).to_have_text("Password")
    check(page, "account-password-saved", "Your account")

    # The page of the account, and back to where the user came from.
    page.goto("/auth/settings/account/?next=/loans/")
    expect(page.get_by_text(alma.email)).to_be_visible()
    check(page, "account", "Your account")
    alma.follow("Go back")
    expect(page).to_have_url(re.compile("/loans/$"))
