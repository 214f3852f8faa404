"""Passkeys and a security key as second factor: sign-up, sign-in and settings with virtual authenticators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .authenticators import PASSKEY, SECURITY_KEY, add_authenticator

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import OryStack

    from .page_checker import PageChecker
    from .upstream import UpstreamProvider
    from .visitor import Visitor


@pytest.fixture
def stack(upstream: tuple[OryStack, UpstreamProvider]) -> OryStack:
    return upstream[0]


def test_passkey_signs_up_and_in_and_is_removed(
    visitor: Callable[..., Visitor], stack: OryStack, page_checker: PageChecker
) -> None:
    alma = visitor(stack=stack)
    page = alma.page
    add_authenticator(page, PASSKEY)
    page.goto("/auth/registration/?next=/profile/")
    alma.field("Email address").fill(alma.email)
    alma.field("First name (optional)").fill("Alma")
    page_checker.check(page, "registration-one-step", "Create your account")
    alma.press("Sign up with a passkey")
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")
    page.goto("/")
    alma.sign_out()

    page.goto("/auth/login/?next=/profile/")
    # The autocomplete list needs no button; the virtual authenticator uses the first entry.
    expect(page.get_by_role("heading", name="Alma")).to_be_visible()

    # The last way to sign in cannot be removed, so a password comes first.
    page.goto("/auth/settings/password/")
    alma.field("New password").fill(alma.password)
    alma.press("Save", within="Password")
    expect(page.get_by_role("status")).to_contain_text("Your changes have been saved.")
    page.goto("/auth/settings/passkeys/")
    alma.remove("Remove passkey “unnamed”")
    expect(page.get_by_text("Added on")).to_have_count(0)


def test_security_key_is_a_second_factor(
    member: Callable[..., Visitor], stack: OryStack, page_checker: PageChecker
) -> None:
    alma = member(stack=stack)
    page = alma.page
    add_authenticator(page, SECURITY_KEY)
    alma.sign_in()
    page.goto("/auth/settings/two-factor/")
    alma.field("Name of the security key").fill("Blue key")
    alma.press("Add security key")
    expect(page.get_by_text("Blue key", exact=True)).to_be_visible()
    page_checker.check(page, "settings-security-key", "Your account")
    page.goto("/")
    alma.sign_out()

    alma.follow("Sign in")
    alma.fill_in_sign_in()
    page_checker.check(page, "login-second-key", "Two-factor authentication")
    alma.press("Use security key")
    alma.expect_signed_in()
