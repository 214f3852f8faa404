"""A user enrolls a second factor, which is required from then on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.page_checker import take_screenshot
from tests.live.codes import totp, wrong_totp

if TYPE_CHECKING:
    from collections.abc import Callable

    from .page_checker import PageChecker
    from .visitor import Visitor


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_authenticator_app_and_backup_codes_sign_in(
    member: Callable[..., Visitor], page_checker: PageChecker, javascript: bool
) -> None:
    alma = member(javascript=javascript)
    page = alma.page
    check = page_checker.check if javascript else page_checker.wait_for_heading
    alma.sign_in()

    # An account without a second factor is redirected to the settings.
    page.goto("/auth/login/?aal=aal2&next=/loans/")
    check(page, "login-second-none", "Two-factor authentication")
    alma.follow("Go to account settings")

    # An authenticator app, with its secret below the QR code. A wrong code is an error of the field.
    expect(page.locator("#ory-totp-secret-key")).to_be_hidden()
    page.get_by_text("Set up", exact=True).click()
    check(page, "settings-two-factor-setup", "Your account")
    secret = page.locator("#ory-totp-secret-key").inner_text()
    alma.field("Code from the app").fill(wrong_totp(secret))
    alma.press("Turn on", within="Authenticator app")
    expect(alma.field("Code from the app")).to_have_accessible_description(re.compile("Incorrect"))
    secret = page.locator("#ory-totp-secret-key").inner_text()
    alma.field("Code from the app").fill(totp(secret, steps_ahead=-1))
    alma.press("Turn on", within="Authenticator app")
    page.goto("/auth/settings/two-factor/")
    remove = page.get_by_role("button", name="Remove authenticator app")
    expect(remove).to_be_hidden()
    page.get_by_text("Remove", exact=True).click()
    expect(remove).to_be_visible()
    expect(page.get_by_text("This is your last second factor.")).to_be_visible()
    check(page, "settings-two-factor-last", "Your account")

    # Backup codes are valid after their confirmation.
    alma.press("Create new backup codes")
    check(page, "settings-backup-codes", "Your account")
    codes = page.locator(".ory-codes li").all_inner_texts()
    assert len(codes) == 12
    expect(page.get_by_role("button", name="Copy")).to_be_visible(visible=javascript)
    if javascript:
        with page.expect_download() as download:
            alma.press("Download")
        page.emulate_media(media="print")
        expect(page.locator(".ory-codes")).to_be_visible()
        box = page.locator(".ory-codes").bounding_box()
        assert box
        assert box["width"] > 600  # the place of the navigation is free
        expect(page.get_by_role("navigation", name="Account")).to_be_hidden()
        expect(page.get_by_role("button")).to_have_count(0)
        take_screenshot(page, "settings-backup-codes-printed")
        page.emulate_media(media="screen")
        assert download.value.path().read_text() == "".join(f"{code}\n" for code in codes)
    alma.press("I've saved my codes")
    page.goto("/")
    alma.sign_out()

    # From then on, sign-in requires both factors.
    alma.follow("Sign in")
    alma.fill_in_sign_in()
    check(page, "login-second", "Two-factor authentication")
    alma.field("Code from your authenticator app").fill(totp(secret))
    alma.press("Verify")
    alma.expect_signed_in()
    alma.sign_out()

    alma.follow("Sign in")
    alma.fill_in_sign_in()
    page.get_by_text("Backup codes", exact=True).click()
    alma.field("Backup code").fill("no-such-code")
    alma.press("Use backup code")
    expect(alma.field("Backup code")).to_have_accessible_description(re.compile("Incorrect"))
    check(page, "login-second-wrong-code", "Two-factor authentication")
    alma.field("Backup code").fill(codes[0])
    alma.press("Use backup code")
    alma.expect_signed_in()
