"""Kratos stops while the site runs, and starts again: no page fails, access is denied, the site recovers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from django_ory.devstack import OryStack

    from .page_checker import PageChecker
    from .servers import ServedSite
    from .visitor import Visitor


RECOVERY_SECONDS = 10.0
"""Limit of the recovery: BREAKER_SECONDS without calls, a probe of a background thread, and a slow machine.

``tests/live/deployment/test_faults.py`` measures that the recovery takes two seconds.
"""


def reload_until_available(page: Page, path: str) -> int:
    """Reload a page while the status is 503, up to the limit. Returns the last status."""
    deadline = time.monotonic() + RECOVERY_SECONDS
    while True:
        answer = page.goto(path)
        assert answer is not None
        if answer.status != 503 or time.monotonic() > deadline:
            return answer.status
        page.wait_for_timeout(100)


def test_site_works_while_kratos_is_down(
    member: Callable[..., Visitor],
    stoppable: tuple[OryStack, ServedSite],
    page_checker: PageChecker,
) -> None:
    stack, site = stoppable
    alma = member(stack=stack)
    alma.sign_in()
    page = alma.page
    page.goto("/loans/")
    alma.expect_signed_in()

    stack.kratos.kill()

    answer = page.goto("/")
    assert answer is not None
    assert answer.status == 200
    expect(page.get_by_role("heading", name="Borrow it")).to_be_visible()
    alma.expect_signed_out()
    page_checker.check(page, "home-kratos-down", "Borrow it, don\u2019t buy it.")
    page.goto("/desk/")
    expect(page.locator("#notice")).to_contain_text("Sign-in is not available right now.")
    expect(page.get_by_role("button", name="Borrow Apple press")).to_be_visible()
    page_checker.check(page, "desk-kratos-down", "Desk")
    for path in ("/loans/", "/profile/", "/key-box/", "/auth/login/", "/auth/settings/"):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 503, path
        assert answer.headers["retry-after"], path
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    page_checker.check(page, "unavailable", "We can't sign you in right now")

    stack.kratos.restart()

    assert reload_until_available(page, "/loans/") == 200
    alma.expect_signed_in()
    assert "Traceback" not in site.read_log()
