"""The keyboard alone completes each story: sign up, verify, second factor, sign in, consent, recovery."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.live.codes import totp

from .keyboard import Keyboard

if TYPE_CHECKING:
    from collections.abc import Callable

    from .servers import ServedSite
    from .visitor import Visitor


def test_keyboard_completes_every_story(visitor: Callable[..., Visitor], workshop: ServedSite) -> None:
    alma = visitor()
    page, keys = alma.page, Keyboard(alma.page)
    heading = page.get_by_role("heading", level=1)

    # Sign up and verify the address.
    page.goto("/auth/registration/?next=/profile/")
    keys.type("Email address", alma.email)
    keys.type("First name (optional)", alma.first, submit=True)
    expect(heading).to_have_text("Choose how to sign in")
    keys.type("Password", alma.password)
    keys.press("Show password", "Space")
    keys.press("Create account")
    expect(heading).to_have_text("Check your email")
    keys.type("Code", alma.get_code_from_mail(), submit=True)
    expect(heading).to_have_text("Your email is confirmed")
    keys.follow("Continue")
    expect(heading).to_have_text(alma.first)

    # Change the profile, and turn on the second factor.
    page.goto("/auth/settings/")
    keys.type("Last name (optional)", alma.last)
    keys.press("Save")
    expect(page.get_by_role("status")).to_contain_text("Your changes have been saved.")
    keys.follow("Two-factor authentication")
    secret = set_up_authenticator_app(keys)
    page.goto("/auth/logout/")
    keys.press("Sign out", "Space")
    alma.expect_signed_out()

    # Sign in at another site with both factors, and allow its access.
    page.goto(workshop.url)
    keys.press("Sign in with Toolshelf")
    keys.type("Email address", alma.email)
    keys.type("Password", alma.password, submit=True)
    expect(heading).to_have_text("Two-factor authentication")
    keys.type("Code from your authenticator app", totp(secret, steps_ahead=1), submit=True)
    expect(heading).to_have_text(re.compile("Fix-it Friday"))
    keys.press("Allow")
    expect(heading).to_have_text(f"See you on Friday, {alma.first}.")

    # Recover the account, which asks for the second factor again.
    page.context.clear_cookies()
    page.goto("/auth/login/")
    keys.follow("Forgot password?")
    keys.type("Email address", alma.email, submit=True)
    expect(heading).to_have_text("Check your email")
    keys.type("Code", alma.get_code_from_mail(), submit=True)
    expect(heading).to_have_text("Two-factor authentication")
    keys.type("Code from your authenticator app", totp(secret), submit=True)
    expect(heading).to_have_text("Your account")
    password = f"new-{alma.password}"
    keys.type("New password", password, submit=True)
    alma.expect_signed_in()
    page.context.clear_cookies()
    page.goto("/auth/login/")
    keys.type("Email address", alma.email)
    keys.type("Password", password, submit=True)
    expect(heading).to_have_text("Two-factor authentication")


def set_up_authenticator_app(keys: Keyboard) -> str:
    """Turn on the authenticator app. Returns its secret."""
    page = keys.page
    keys.unfold("Set up")
    secret = page.locator("#ory-totp-secret-key").inner_text()
    keys.type("Code from the app", totp(secret), submit=True)
    expect(page.locator("#ory-totp-secret-key")).to_have_count(0)
    return secret
