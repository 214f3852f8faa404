"""Signing out while Kratos is away: whoever walks off must know that they are still signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import OryStack

    from .looks import Looks
    from .people import Visitor
    from .servers import ServedSite


def _try_again_until_it_works(person: Visitor) -> None:
    """Press the button until another page answers: the circuit breaker stays open for a moment."""
    for _ in range(20):
        person.press("Try signing out again")
        if not person.page.get_by_role("heading", name="You are not signed out yet").is_visible():
            return
        person.page.wait_for_timeout(500)
    raise AssertionError("still not signed out")


def test_failed_sign_out_can_be_retried(
    member: Callable[..., Visitor],
    ory_stack_factory: Callable[[], OryStack],
    toolshelf: Callable[[OryStack], ServedSite],
    looks: Looks,
) -> None:
    stack = ory_stack_factory()
    toolshelf(stack)
    alma = member(stack=stack)
    alma.sign_in()
    page = alma.page

    stack.kratos.kill()
    alma.sign_out()
    looks.at(page, "not-signed-out", "You are not signed out yet")

    stack.kratos.restart()
    _try_again_until_it_works(alma)
    alma.expect_signed_out()
    page.goto("/loans/")
    looks.skip(page, "login", "Sign in to Toolshelf")
