"""The single-page app of the guide, opened in a browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.live.codes import totp

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import StackAddresses
    from tests.e2e.visitor import Visitor

pytestmark = pytest.mark.page("docs/guides/spa.md")


def test_user_signs_in_orders_pays_with_a_second_factor_and_signs_out(
    page_stack: StackAddresses, member: Callable[..., Visitor]
) -> None:
    alma = member(stack=page_stack)
    page = alma.page

    # A denied request leads to the sign-in page and back.
    page.goto("/")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    alma.press("Order a cup")
    expect(page).to_have_url(re.compile("/auth/login/"))
    alma.fill_in_sign_in()
    expect(page.get_by_text(f"Signed in as {alma.email}")).to_be_visible()

    # The token changes in another tab.
    page.context.clear_cookies(name="csrftoken")
    alma.press("Order a cup")
    expect(page.get_by_role("listitem")).to_have_text(["A cup"])

    # Another user signs in in another tab. Nothing is ordered in the account that the page does not show.
    bela = member(stack=page_stack)
    bela.page.goto("/")
    bela.follow("Sign in")
    bela.fill_in_sign_in()
    expect(bela.page.get_by_text(f"Signed in as {bela.email}")).to_be_visible()
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.context.add_cookies(bela.page.context.cookies())  # type: ignore[arg-type]
    with page.expect_event("load"):
        alma.press("Order a cup")
    expect(page.get_by_text(f"Signed in as {bela.email}")).to_be_visible()
    expect(page.get_by_role("listitem")).to_have_count(0)
    page.context.clear_cookies()
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.goto("/")
    expect(page.get_by_role("listitem")).to_have_text(["A cup"])

    alma.press("Pay")
    expect(page.get_by_role("heading", level=1)).to_have_text("Two-factor authentication")
    alma.follow("Go to account settings")
    page.get_by_text("Set up", exact=True).click()
    secret = page.locator("#ory-totp-secret-key").inner_text()
    alma.field("Code from the app").fill(totp(secret))
    alma.press("Turn on", within="Authenticator app")
    expect(page.get_by_text("Remove", exact=True)).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("listitem")).to_have_text(["A cup"])
    alma.press("Pay")
    expect(page.get_by_role("status")).to_have_text("Paid: 1")

    alma.sign_out()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()

    # A user who gave only the first of two factors is asked for the second one.
    state = {
        "authenticated": False,
        "aal2_required": True,
        "csrf_token": "",
        "links": {"login": "/auth/login/"},
    }
    page.route("**/auth/session/", lambda route: route.fulfill(json=state))
    with page.expect_request(re.compile(r"/auth/login/\?aal=aal2&next=")):
        page.goto("/", wait_until="commit")
