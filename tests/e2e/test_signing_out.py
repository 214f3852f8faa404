"""Sign-out while Kratos is unavailable: the page shows that the user is still signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import OryStack

    from .page_checker import PageChecker
    from .servers import ServedSite
    from .visitor import Visitor


def retry_until_success(person: Visitor) -> None:
    """Press the button until another page opens: the circuit breaker stays open for a moment."""
    for _ in range(20):
        person.press("Try signing out again")
        if not person.page.get_by_role("heading", name="You are not signed out yet").is_visible():
            return
        person.page.wait_for_timeout(500)
    raise AssertionError("still not signed out")


def test_failed_sign_out_can_be_retried(
    member: Callable[..., Visitor],
    stoppable: tuple[OryStack, ServedSite],
    page_checker: PageChecker,
) -> None:
    stack = stoppable[0]
    alma = member(stack=stack)
    alma.sign_in()
    page = alma.page

    stack.kratos.kill()
    alma.sign_out()
    page_checker.check(page, "not-signed-out", "You are not signed out yet")

    stack.kratos.restart()
    retry_until_success(alma)
    alma.expect_signed_out()
    page.goto("/loans/")
    page_checker.wait_for_heading(page, "login", "Sign in to Toolshelf")
