"""All pages of a new user, with and without JavaScript."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.live.codes import wrong_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from .page_checker import PageChecker
    from .visitor import Visitor


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_registration_settings_and_recovery_work(
    visitor: Callable[..., Visitor], page_checker: PageChecker, javascript: bool
) -> None:
    alma = visitor(javascript=javascript)
    page = alma.page
    check = page_checker.check if javascript else page_checker.wait_for_heading

    # The public pages of the site and of a tool.
    page.goto("/")
    check(page, "home", "Borrow it, don\u2019t buy it.")
    alma.expect_signed_out()
    alma.follow("Hand plane No. 4")
    check(page, "tool", "Hand plane No. 4")

    # Borrowing requires a sign-in. The sign-in page links to the registration.
    alma.follow("Sign in to borrow")
    check(page, "login", "Sign in to Toolshelf")
    expect(page.get_by_role("button", name="Show password")).to_have_count(1 if javascript else 0)
    alma.follow("Create an account")
    check(page, "registration", "Create your account")
    alma.fill_in_profile()
    check(page, "registration-second", "Choose how to sign in")
    alma.choose_password()
    check(page, "verification", "Check your email")

    code = alma.get_code_from_mail()
    alma.field("Code").fill(wrong_code(code))
    alma.press("Confirm code")
    expect(alma.field("Code")).to_have_accessible_description(re.compile("That code is wrong"))
    check(page, "verification-wrong-code", "Check your email")
    alma.field("Code").fill(code)
    alma.press("Confirm code")
    check(page, "verification-done", "Your email is confirmed")
    alma.follow("Continue")
    alma.expect_signed_in()

    # A protected page, and a page that requires a verified address and a recent sign-in.
    page.goto("/loans/")
    expect(page.get_by_role("heading", name="My loans")).to_be_visible()
    check(page, "loans-empty", "My loans")
    page.goto("/tools/hand-plane/")
    page.get_by_role("button", name=re.compile("^Borrow until")).click()
    expect(page.get_by_text("is yours until")).to_be_visible()
    check(page, "loans", "My loans")
    alma.press("Return Hand plane No. 4")
    page.goto("/key-box/")
    expect(page.get_by_text(re.compile(r"^\d{4}$"))).to_be_visible()
    check(page, "key-box", "Key box")

    # The profile is shown and changed.
    page.goto("/profile/")
    check(page, "profile", "Alma Öberg")
    alma.follow("Change profile or password")
    check(page, "settings", "Your account")
    alma.field("First name (optional)").fill("Alma Maria")
    alma.press("Save", within="Profile")
    expect(page.get_by_role("status")).to_contain_text("Your changes have been saved.")
    check(page, "settings-saved", "Your account")
    alma.follow("Go back")
    expect(page).to_have_url(re.compile("/profile/$"))
    expect(page.get_by_role("heading", name="Alma Maria Öberg")).to_be_visible()
    expect(page.get_by_role("link", name="Signed in as Alma Maria Öberg")).to_be_visible()  # the Django user

    # Pages for other states: an unverified address, and the confirmation of the user.
    page.goto("/auth/verification/")
    check(page, "verification-start", "Confirm your email address")
    page.goto("/auth/login/?refresh=true&next=/loans/")
    check(page, "login-refresh", "Confirm it's you")
    alma.field("Password").fill(alma.password)
    alma.press("Sign in")
    expect(page).to_have_url(re.compile("/loans/$"))

    # Sign out with confirmation, and sign in again. A wrong password is an error at the fields.
    page.goto("/auth/logout/?next=/tools/hand-plane/")
    check(page, "sign-out", "Sign out?")
    alma.sign_out()
    expect(page).to_have_url(re.compile("/tools/hand-plane/$"))
    alma.expect_signed_out()
    page.goto("/loans/")
    alma.fill_in_sign_in(password="not-the-password")
    expect(alma.field("Password")).to_have_accessible_description(
        re.compile("Incorrect email, username or password")
    )
    expect(page.get_by_text("Incorrect email, username or password")).to_have_count(1)
    expect(alma.field("Password")).to_be_focused()
    check(page, "login-wrong-password", "Sign in to Toolshelf")
    alma.fill_in_sign_in()
    expect(page).to_have_url(re.compile("/loans/$"))
    alma.sign_out()

    # A forgotten password: a code by mail, then a new password.
    alma.follow("Sign in")
    alma.follow("Forgot password?")
    check(page, "recovery", "Recover your account")
    alma.field("Email address").fill(alma.email)
    alma.press("Send code")
    check(page, "recovery-code", "Check your email")
    alma.field("Code").fill(alma.get_code_from_mail())
    page.keyboard.press("Enter")  # confirms the code, although the button that sends another one is before
    check(page, "settings-after-recovery", "Your account")
    alma.password = "a-new-" + alma.password
    alma.field("New password").fill(alma.password)
    alma.press("Save", within="Password")
    alma.expect_signed_in()
    alma.sign_out()
    alma.follow("Sign in")
    alma.fill_in_sign_in()
    alma.expect_signed_in()


def test_password_can_be_shown(visitor: Callable[..., Visitor], page_checker: PageChecker) -> None:
    alma = visitor()
    alma.page.goto("/auth/login/")
    password = alma.field("Password")
    password.fill("look at me")
    alma.press("Show password")
    expect(password).to_have_attribute("type", "text")
    page_checker.check(alma.page, "login-password-shown", "Sign in to Toolshelf")
    button = alma.page.get_by_role("button", name="Hide password", exact=True)
    expect(button).not_to_have_attribute("aria-pressed", re.compile(""))
    button.click()
    expect(password).to_have_attribute("type", "password")
