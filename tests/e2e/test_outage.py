"""Kratos goes away while the site runs, and comes back: nothing breaks, nobody is let in, and it heals."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from django_ory.devstack import OryStack

    from .looks import Looks
    from .people import Visitor
    from .servers import ServedSite


HEALING = 2.0
"""Seconds. For BREAKER_SECONDS after a failure Kratos is not asked; then a thread looks if it is back."""


def reloaded(page: Page, path: str) -> int:
    """The status of a page that is loaded again while it says 503, for as long as healing may take."""
    deadline = time.monotonic() + HEALING
    while True:
        answer = page.goto(path)
        assert answer is not None
        if answer.status != 503 or time.monotonic() > deadline:
            return answer.status
        page.wait_for_timeout(100)


def test_site_works_while_kratos_is_down(
    member: Callable[..., Visitor],
    ory_stack_factory: Callable[[], OryStack],
    toolshelf: Callable[[OryStack], ServedSite],
    looks: Looks,
) -> None:
    stack = ory_stack_factory()
    site = toolshelf(stack)
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
    looks.at(page, "home-kratos-down", "Borrow it, don\u2019t buy it.")
    for path in ("/loans/", "/profile/", "/key-box/", "/auth/login/", "/auth/settings/"):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 503, path
        assert answer.headers["retry-after"], path
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    looks.at(page, "unavailable", "We can't sign you in right now")

    stack.kratos.restart()

    assert reloaded(page, "/loans/") == 200
    alma.expect_signed_in()
    assert "Traceback" not in site.read_log()
