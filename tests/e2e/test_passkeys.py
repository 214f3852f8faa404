"""A passkey from the browser's list of usernames, without a button, on an identifier-first sign-in page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import CDPSession

    from django_ory.devstack import OryStack

    from .looks import Looks
    from .people import Visitor
    from .servers import ServedSite

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_passkey_is_offered_with_the_identifier(
    member: Callable[..., Visitor],
    ory_stack_factory: Callable[..., OryStack],
    toolshelf: Callable[[OryStack], ServedSite],
    looks: Looks,
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
    looks.at(page, "login-identifier-first", "Sign in to Toolshelf")
    alma.field("Email address").fill(alma.email)
    alma.press("Continue")
    looks.at(page, "login-identifier-second", "Sign in to Toolshelf")
    alma.field("Password").fill(alma.password)
    alma.press("Sign in")
    expect(page.get_by_role("heading", name="Alma Öberg")).to_be_visible()

    devtools: CDPSession = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.goto("/auth/settings/")
    alma.press("Add passkey")
    expect(page.get_by_role("status")).to_contain_text("Your changes have been saved.")
    looks.at(page, "settings-passkey", "Your account")
    page.goto("/")
    alma.sign_out()

    # The browser's own list needs no press of a button; the virtual authenticator takes the first entry.
    page.goto("/auth/login/?next=/profile/")
    expect(page.get_by_role("heading", name="Alma Öberg")).to_be_visible()
