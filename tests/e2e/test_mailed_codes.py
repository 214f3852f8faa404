"""Codes and links by mail, without JavaScript: sent by Kratos, and by Django through the courier endpoint."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import override_settings
from playwright.sync_api import expect

from django_ory.devstack import OryStack

from .authenticators import SECURITY_KEY, add_authenticator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .servers import ServedSite
    from .upstream import UpstreamProvider
    from .visitor import Visitor


def test_code_signs_up_and_in(visitor: Callable[..., Visitor], site: ServedSite) -> None:
    alma = visitor(javascript=False)
    page, heading = alma.page, alma.page.get_by_role("heading", level=1)
    page.goto("/auth/registration/?next=/loans/")
    alma.fill_in_profile()
    alma.press("Send me a code to sign up")
    expect(heading).to_have_text("Check your email")
    alma.enter_code()
    page.goto("/loans/")
    alma.expect_signed_in()
    alma.sign_out()

    page.goto("/auth/login/?next=/loans/")
    alma.field("Email address").fill(alma.email)
    alma.press("Send me a sign-in code")
    expect(heading).to_have_text("Check your email")
    alma.enter_code()
    expect(heading).to_have_text("My loans")


def test_links_verify_and_recover(
    visitor: Callable[..., Visitor], upstream: tuple[OryStack, UpstreamProvider]
) -> None:
    alma = visitor(javascript=False, stack=upstream[0])
    page, heading = alma.page, alma.page.get_by_role("heading", level=1)
    page.goto("/auth/registration/")
    alma.field("Email address").fill(alma.email)
    alma.choose_password()
    expect(heading).to_have_text("Check your email")
    link = alma.get_link_from_mail()
    page.goto(link)
    expect(heading).to_have_text("Your email is confirmed")
    page.goto(link)  # a link works once
    expect(heading).not_to_have_text("Your email is confirmed")

    page.context.clear_cookies()
    page.goto("/auth/recovery/")
    alma.field("Email address").fill(alma.email)
    alma.press("Send link")
    expect(heading).to_have_text("Check your email")
    page.goto(alma.get_link_from_mail())
    alma.password = f"new-{alma.password}"
    alma.field("New password").fill(alma.password)
    alma.press("Save", within="Password")
    expect(page.get_by_role("status")).to_contain_text("Your changes have been saved.")


@pytest.fixture(scope="module")
def courier_stack(toolshelf: Callable[..., ServedSite]) -> Iterator[OryStack]:
    """A stack whose mails Django sends. The factors can be a security key, and are a mailed code."""
    secret = secrets.token_hex(16)
    ory = {**settings.ORY, "default": {**settings.ORY["default"], "COURIER_SECRETS": [secret]}}
    methods = {
        "code": {"passwordless_enabled": False, "mfa_enabled": True},
        "webauthn": {"enabled": True, "config": {"passwordless": True}},
    }
    stack = OryStack(config_overrides={"kratos": {"selfservice": {"methods": methods}}})
    with ExitStack() as closing:
        with override_settings(ORY=ory):  # for the configuration of Kratos alone
            closing.enter_context(stack)
        toolshelf(stack, TOOLSHELF_MAILS="django", COURIER_SECRET=secret, SMTP_PORT=str(stack.ports.smtp))
        yield stack


def test_codes_from_the_courier_endpoint_verify_sign_in_and_recover(
    visitor: Callable[..., Visitor], courier_stack: OryStack
) -> None:
    alma = visitor(javascript=False, stack=courier_stack)
    page, heading = alma.page, alma.page.get_by_role("heading", level=1)
    page.goto("/auth/registration/")
    alma.fill_in_registration()
    expect(heading).to_have_text("Check your email")
    alma.enter_code()
    expect(heading).to_have_text("Your email is confirmed")

    page.context.clear_cookies()
    page.goto("/auth/login/?next=/loans/")
    alma.fill_in_sign_in()
    expect(heading).to_have_text("Two-factor authentication")
    alma.press(f"Send a code to {alma.email}")
    alma.enter_code()
    expect(heading).to_have_text("My loans")

    page.context.clear_cookies()
    page.goto("/auth/recovery/")
    alma.field("Email address").fill(alma.email)
    alma.press("Send code")
    expect(heading).to_have_text("Check your email")
    alma.enter_code()
    expect(heading).to_have_text("Two-factor authentication")
    alma.press(f"Send a code to {alma.email}")
    alma.enter_code()
    expect(heading).to_have_text("Your account")
    assert {mail.subject for mail in courier_stack.mails if mail.to == alma.email} == {
        "Confirm your email address",
        "Your sign-in code",
        "Recover your account",
    }


def test_security_key_signs_up_and_in_before_a_mailed_code(
    visitor: Callable[..., Visitor], courier_stack: OryStack
) -> None:
    alma = visitor(stack=courier_stack)
    page, heading = alma.page, alma.page.get_by_role("heading", level=1)
    add_authenticator(page, SECURITY_KEY)
    page.goto("/auth/registration/")
    alma.fill_in_profile()
    expect(heading).to_have_text("Choose how to sign in")
    page.locator("summary", has_text="Security keys").click()
    alma.field("Name of the security key").fill("Blue key")
    alma.press("Sign up with a security key")
    expect(heading).to_have_text("Check your email")
    alma.enter_code()

    page.context.clear_cookies()
    page.goto("/auth/login/?next=/loans/")
    alma.field("Email address").fill(alma.email)
    alma.press("Use security key")
    alma.press("Continue")
    expect(heading).to_have_text("Two-factor authentication")
    alma.press(f"Send a code to {alma.email}")
    alma.enter_code()
    expect(heading).to_have_text("My loans")
