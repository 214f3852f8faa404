"""The page that calls the API with the session cookie, and the page about the API."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.live.codes import totp

if TYPE_CHECKING:
    from collections.abc import Callable

    from .page_checker import PageChecker
    from .visitor import Visitor


def test_member_borrows_returns_and_erases_after_a_second_factor(
    member: Callable[..., Visitor], page_checker: PageChecker
) -> None:
    alma = member()
    page = alma.page
    status = page.locator("#notice")

    # Signed out. A button of a member leads to the sign-in page and back.
    page.goto("/desk/")
    alma.expect_signed_out()
    expect(page.get_by_role("button", name="Borrow Apple press")).to_be_visible()
    page_checker.check(page, "desk-signed-out", "Desk")
    alma.press("Borrow Apple press")
    expect(page).to_have_url(re.compile(r"/auth/login/"))
    alma.fill_in_sign_in()
    alma.expect_signed_in()
    expect(page).to_have_url(re.compile(r"/desk/$"))

    # Borrow and return. The focus stays on the button. A CSRF token that is not valid any more is replaced.
    page.context.clear_cookies(name="csrftoken")
    alma.press("Borrow Apple press")
    expect(status).to_contain_text("Apple press is yours until")
    back = page.get_by_role("button", name="Return Apple press")
    expect(back).to_be_focused()
    alma.press("Show the code")
    expect(page.locator("#code")).to_have_text(re.compile(r"^\d{4}$"))
    expect(page.locator("[aria-busy]")).to_have_count(0)
    page_checker.check(page, "desk-loan", "Desk")
    back.click()
    expect(status).to_have_text("Apple press is back on the shelf. Thank you.")

    # A denial of the API leads to the second factor, here to its setup.
    expect(page.get_by_text("1 returned loan")).to_be_visible()
    alma.press("Erase the history")
    page_checker.wait_for_heading(page, "desk-step-up", "Two-factor authentication")
    alma.follow("Go to account settings")
    page.get_by_text("Set up", exact=True).click()
    secret = page.locator("#ory-totp-secret-key").inner_text()
    alma.field("Code from the app").fill(totp(secret))
    alma.press("Turn on", within="Authenticator app")
    expect(page.get_by_text("Remove", exact=True)).to_be_visible()
    page.goto("/desk/")
    alma.press("Erase the history")
    expect(status).to_have_text("1 loan was erased.")

    alma.sign_out()
    expect(page).to_have_url(re.compile(r"/desk/$"))
    alma.expect_signed_out()


def test_action_after_another_member_signed_in_reloads_the_page(member: Callable[..., Visitor]) -> None:
    alma, bela = member(), member()
    for person in (alma, bela):
        person.page.goto("/desk/")
        person.follow("Sign in")
        person.fill_in_sign_in()
        person.expect_signed_in()
        expect(person.page.get_by_role("button", name="Borrow Hedge trimmer")).to_be_visible()
    page = alma.page
    page.context.clear_cookies()
    page.context.add_cookies(bela.page.context.cookies())  # type: ignore[arg-type]
    with page.expect_event("load"):
        alma.press("Borrow Hedge trimmer")
    expect(page.get_by_role("button", name="Borrow Hedge trimmer")).to_be_visible()
    expect(page.get_by_text("0 returned loans")).to_be_visible()


def test_page_of_the_api_needs_no_script(visitor: Callable[..., Visitor], page_checker: PageChecker) -> None:
    page = visitor().page
    page.goto("/api/")
    page_checker.check(page, "api", "API")
    expect(page.get_by_role("heading", name="Borrow a tool")).to_be_visible()
    assert page.locator("script").count() == 0
