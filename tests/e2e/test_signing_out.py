"""Signing out while Kratos is away: whoever walks off must know that they are still signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import OryStack

    from .looks import Looks
    from .people import Visitor
    from .servers import ServedSite


def test_who_could_not_be_signed_out_tries_again(
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
    alma.press("Try signing out again")
    alma.expect_signed_out()
    page.goto("/loans/")
    looks.skip(page, "login", "Sign in to Toolshelf")
