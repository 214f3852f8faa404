"""Manipulated URLs: no redirect to another site, no server error, no redirect loop."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import BrowserContext, BrowserType

    from .page_checker import PageChecker
    from .servers import ServedSite
    from .visitor import Visitor

OTHER_SITES = [
    "//evil.example",
    "https://evil.example/",
    "/\\evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "http://localhost@evil.example/",
]


@pytest.mark.parametrize("parameter", ["next", "return_to"])
def test_sign_in_never_redirects_to_another_site(member: Callable[..., Visitor], parameter: str) -> None:
    alma = member()
    alma.sign_in()
    page = alma.page
    here = urlsplit(page.url).netloc
    for target in OTHER_SITES:
        alma.page.goto("/")
        alma.sign_out()
        page.goto(f"/auth/login/?{parameter}={quote(target, safe='')}")
        alma.fill_in_sign_in()
        alma.expect_signed_in()
        assert urlsplit(page.url).netloc == here, target


@pytest.mark.parametrize("kind", ["login", "registration", "recovery", "verification"])
def test_invalid_flow_restarts(open_context: Callable[..., BrowserContext], kind: str) -> None:
    page = open_context().new_page()
    for flow in ("garbled", "00000000-0000-4000-8000-000000000000", "%27--%3Cscript%3E", "%00", "a" * 3000):
        answer = page.goto(f"/auth/{kind}/?flow={flow}")
        assert answer is not None
        assert answer.status == 200, flow
        expect(page.get_by_role("textbox").first).to_be_visible()


def test_flow_of_another_browser_restarts(open_context: Callable[..., BrowserContext]) -> None:
    theirs = open_context().new_page()
    theirs.goto("/auth/login/")
    mine = open_context().new_page()
    answer = mine.goto(theirs.url)
    assert answer is not None
    assert answer.status == 200
    assert mine.url != theirs.url
    expect(mine.get_by_label("Password", exact=True)).to_be_visible()


def test_blocked_cookies_are_explained(
    chromium: BrowserType,
    program: dict[str, Any],
    site: ServedSite,
    tmp_path: Path,
    page_checker: PageChecker,
) -> None:
    """A browser without cookies gets an explanation and no redirect loop."""
    preferences = tmp_path / "Default" / "Preferences"
    preferences.parent.mkdir()
    preferences.write_text(json.dumps({"profile": {"default_content_setting_values": {"cookies": 2}}}))
    with chromium.launch_persistent_context(tmp_path, base_url=site.url, **program) as context:
        page = context.new_page()
        page.goto("/auth/login/")
        page_checker.check(page, "no-cookies", "Cookies are required to sign in")


def test_error_page_shows_no_text_from_the_url(
    open_context: Callable[..., BrowserContext], page_checker: PageChecker
) -> None:
    page = open_context().new_page()
    for query in ("", "?id=garbled", "?id=00000000-0000-4000-8000-000000000000"):
        answer = page.goto(f"/auth/error/{query}")
        assert answer is not None
        assert answer.status < 500
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    page_checker.check(page, "error", "This page has expired")
    words = "Your account is locked, call 555-0100"
    page.goto(f"/auth/error/?error={words}&error_description={words}&id={words}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Something went wrong")
    expect(page.get_by_text("555-0100")).to_have_count(0)


def test_back_button_after_a_form_shows_no_error(member: Callable[..., Visitor]) -> None:
    alma = member()
    page, heading = alma.page, alma.page.get_by_role("heading", level=1)
    page.goto("/auth/login/?next=/loans/")
    alma.fill_in_sign_in()
    expect(heading).to_have_text("My loans")
    page.go_back()  # Kratos no longer knows the target of a flow that has ended
    alma.expect_signed_in()

    page.goto("/auth/settings/")
    for name in ("Alma Maria", "Alma Luise"):
        alma.field("First name (optional)").fill(name)
        alma.press("Save", within="Profile")
        expect(page.get_by_role("status")).to_contain_text("Your changes have been saved.")
        page.go_back()
        expect(heading).to_have_text("Your account")
    page.goto("/profile/")
    expect(heading).to_have_text("Alma Luise Öberg")
