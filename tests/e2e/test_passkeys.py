"""Passkeys in the browser's autocomplete list of an identifier-first sign-in page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from .authenticators import PASSKEY, add_authenticator

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import OryStack

    from .page_checker import PageChecker
    from .servers import ServedSite
    from .visitor import Visitor


def test_passkey_is_offered_with_the_identifier(
    member: Callable[..., Visitor],
    ory_stack_factory: Callable[..., OryStack],
    toolshelf: Callable[[OryStack], ServedSite],
    page_checker: PageChecker,
) -> None:
    selfservice = {
        "flows": {"login": {"style": "identifier_first"}},
        "methods": {"passkey": {"enabled": True}},
    }
    stack = ory_stack_factory(config_overrides={"kratos": {"selfservice": selfservice}})
    toolshelf(stack)
    alma = member(stack=stack)
    page = alma.page

    # With a password, in two steps.
    page.goto("/auth/login/?next=/profile/")
    page_checker.check(page, "login-identifier-first", "Sign in to Toolshelf")
    alma.field("Email address").fill(alma.email)
    alma.press("Continue")
    page_checker.check(page, "login-identifier-second", "Sign in to Toolshelf")
    alma.field("Password").fill(alma.password)
    alma.press("Sign in")
    expect(page.get_by_role("heading", name="Alma Öberg")).to_be_visible()

    add_authenticator(page, PASSKEY)
    page.goto("/auth/settings/passkeys/")
    alma.press("Add passkey")
    expect(page.get_by_role("status")).to_contain_text("Your changes have been saved.")
    page_checker.check(page, "settings-passkey", "Your account")
    page.goto("/")
    alma.sign_out()

    # The autocomplete list needs no button; the virtual authenticator uses the first entry.
    page.goto("/auth/login/?next=/profile/")
    expect(page.get_by_role("heading", name="Alma Öberg")).to_be_visible()
