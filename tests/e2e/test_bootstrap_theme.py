"""The Bootstrap theme of the example project: a user signs up, changes the settings, signs out and in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import OryStack

    from .page_checker import PageChecker
    from .servers import ServedSite
    from .visitor import Visitor


@pytest.fixture
def themed(
    ory_stack_factory: Callable[..., OryStack], toolshelf: Callable[..., ServedSite], site: ServedSite
) -> OryStack:
    """A stack, and Toolshelf with the theme."""
    stack = ory_stack_factory()
    toolshelf(stack, TOOLSHELF_THEME="bootstrap")
    return stack


def test_user_signs_up_and_in_and_changes_the_settings(
    visitor: Callable[..., Visitor], themed: OryStack, page_checker: PageChecker
) -> None:
    alma = visitor(stack=themed)
    page, check, wait = alma.page, page_checker.check, page_checker.wait_for_heading

    page.goto("/auth/registration/?next=/loans/")
    expect(page.locator("link[href*='bootstrap.min.css']")).to_have_count(1)
    wait(page, "bootstrap-registration", "Create your account")
    alma.fill_in_profile()
    wait(page, "bootstrap-registration-second", "Choose how to sign in")
    alma.field("Password").fill("short")
    alma.press("Create account")
    expect(alma.field("Password")).to_have_accessible_description(
        re.compile("Error: Use a password of at least 8 characters")
    )
    check(page, "bootstrap-registration-error", "Choose how to sign in")
    alma.choose_password()
    check(page, "bootstrap-verification", "Check your email")
    alma.confirm()
    wait(page, "bootstrap-verification-done", "Your email is confirmed")

    page.goto("/auth/settings/")
    alma.field("First name (optional)").fill("Alma Maria")
    alma.press("Save", within="Profile")
    expect(page.get_by_role("status")).to_contain_text("Your changes have been saved.")
    check(page, "bootstrap-settings", "Your account")
    alma.follow("Password")
    expect(page.get_by_role("heading", level=2, name="Password")).to_be_visible()
    wait(page, "bootstrap-settings-password", "Your account")
    expect(page.get_by_role("banner").get_by_role("link", name="Alma Maria Öberg")).to_be_visible()
    page.get_by_role("banner").get_by_role("button", name="Sign out").click()

    page.goto("/auth/login/?next=/loans/")
    wait(page, "bootstrap-login", "Sign in to Toolshelf")
    alma.fill_in_sign_in(password="not-the-password")
    expect(page.get_by_text("Incorrect email")).to_be_visible()
    check(page, "bootstrap-login-error", "Sign in to Toolshelf")
    alma.fill_in_sign_in()
    expect(page).to_have_url(f"{themed.site_url}/loans/")
