"""Kratos goes away while the site runs, and comes back: nothing breaks, nobody is let in, and it heals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import OryStack

    from .looks import Looks
    from .people import Visitor
    from .servers import ServedSite


def test_the_site_outlives_kratos(
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
    looks.at(page, "unavailable", "Sign-in is not available right now")

    stack.kratos.restart()

    answer = page.goto("/loans/")
    assert answer is not None
    assert answer.status == 200
    alma.expect_signed_in()
    assert "Traceback" not in site.log()
