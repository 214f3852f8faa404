"""Sign-in to another site through Toolshelf: consent denied, consent allowed, signed out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from django_ory.devstack.ports import find_free_ports

from .servers import build_client_site

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Page

    from .page_checker import PageChecker
    from .servers import ServedSite
    from .visitor import Visitor


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_consent_is_denied_then_allowed_then_logged_out(
    member: Callable[..., Visitor], workshop: ServedSite, page_checker: PageChecker, javascript: bool
) -> None:
    alma = member(javascript=javascript)
    page = alma.page
    check = page_checker.check if javascript else page_checker.wait_for_heading

    page.goto(workshop.url)
    check(page, "workshop", "Bring it broken. Take it home working.")
    alma.press("Sign in with Toolshelf")
    check(page, "oauth2-login", "Sign in")
    expect(page.get_by_role("main")).to_contain_text("to continue to Fix-it Friday")
    alma.fill_in_sign_in()
    check(page, "oauth2-consent", "Allow Fix-it Friday?")
    alma.press("Deny")
    check(page, "workshop-refused", "You are not signed in")

    alma.press("Try again")
    alma.press("Allow")
    check(page, "workshop-member", f"See you on Friday, {alma.first}.")
    expect(page.get_by_text(alma.email).first).to_be_visible()

    alma.press("Sign out")
    check(page, "oauth2-logout", "Sign out?")
    alma.press("Sign out")
    check(page, "workshop-signed-out", "Bring it broken. Take it home working.")


def test_sign_out_of_either_site_signs_out_of_both(
    member: Callable[..., Visitor], workshop: ServedSite, site: ServedSite
) -> None:
    alma = member(javascript=False)
    page, heading = alma.page, alma.page.get_by_role("heading", level=1)
    page.goto(workshop.url)
    alma.press("Sign in with Toolshelf")
    alma.fill_in_sign_in()
    alma.press("Allow")
    expect(heading).to_have_text(f"See you on Friday, {alma.first}.")
    stolen = page.context.cookies(workshop.url)

    page.goto("/auth/logout/")
    alma.press("Sign out")
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    # Hydra posts the logout token a moment after the response.
    expect_signed_out(page, workshop)
    page.context.add_cookies([each for each in stolen if each["name"] == "fixit_session"])  # type: ignore[misc]
    page.goto(workshop.url)
    expect(page.get_by_role("button", name="Sign in with Toolshelf")).to_be_visible()

    alma.press("Sign in with Toolshelf")
    alma.fill_in_sign_in()
    alma.press("Allow")
    expect(heading).to_have_text(f"See you on Friday, {alma.first}.")
    alma.press("Sign out")
    expect(heading).to_have_text("Sign out?")  # the next page, which has the same button
    alma.press("Sign out")
    expect(page.get_by_role("button", name="Sign in with Toolshelf")).to_be_visible()
    page.goto(f"{site.url}/auth/settings/")
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()


def expect_signed_out(page: Page, workshop: ServedSite) -> None:
    """Open the second site until the logout token of Hydra has arrived."""
    deadline = time.monotonic() + 30
    while True:
        page.goto(workshop.url)
        if page.get_by_role("button", name="Sign in with Toolshelf").is_visible():
            return
        assert time.monotonic() < deadline, "the user is still signed in at the second site"
        page.wait_for_timeout(200)


def test_direct_visit_of_provider_pages_is_explained(
    visitor: Callable[..., Visitor], page_checker: PageChecker
) -> None:
    page = visitor().page
    page.goto("/auth/oauth2/login/")
    page_checker.check(page, "oauth2-nothing-to-do", "This page cannot be opened directly")
    page.goto("/auth/oauth2/consent/?consent_challenge=made-up")
    page_checker.check(page, "oauth2-unknown", "This link no longer works")
    page.goto("/auth/oauth2/error/?error=invalid_client")
    page_checker.check(page, "oauth2-error", "This app cannot sign you in")


def test_unreachable_provider_is_explained(
    open_context: Callable[..., BrowserContext], page_checker: PageChecker, tmp_path: Path
) -> None:
    here, nowhere = (f"http://localhost:{port}" for port in find_free_ports(2))
    oidc = {
        "OIDC_CLIENT_ID": "workshop",
        "OIDC_CLIENT_SECRET": "never sent",
        "OIDC_DISCOVERY_URL": f"{nowhere}/.well-known/openid-configuration",
    }
    served = build_client_site(here, oidc=oidc, folder=tmp_path)
    served.start()
    try:
        page = open_context(base_url=here).new_page()
        page.goto("/")
        page.get_by_role("button", name="Sign in with").click()
        page_checker.check(page, "workshop-unreachable", "Toolshelf is unavailable")
        assert "Traceback" not in served.read_log()
    finally:
        served.stop()


def test_sign_up_for_another_site_ends_at_that_site(
    visitor: Callable[..., Visitor], workshop: ServedSite
) -> None:
    alma = visitor(javascript=False)
    page, heading = alma.page, alma.page.get_by_role("heading", level=1)
    page.goto(workshop.url)
    alma.press("Sign in with Toolshelf")
    alma.follow("Create an account")
    expect(page.get_by_role("main")).to_contain_text("to continue to Fix-it Friday")
    alma.fill_in_registration()
    expect(heading).to_have_text("Check your email")
    alma.enter_code()
    alma.follow("Continue")
    expect(heading).to_have_text("Allow Fix-it Friday?")
    alma.press("Allow")
    expect(heading).to_have_text(f"See you on Friday, {alma.first}.")
