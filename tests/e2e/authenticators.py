"""Virtual authenticators of Chromium: they confirm each request at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

__all__ = ["PASSKEY", "SECURITY_KEY", "add_authenticator"]

PASSKEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
SECURITY_KEY = {**PASSKEY, "transport": "usb", "hasResidentKey": False}


def add_authenticator(page: Page, options: dict[str, Any]) -> Callable[[bool], None]:
    """Add an authenticator to the browser of a page.

    Returns a function that sets whether the authenticator recognizes the user.
    """
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    added = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    def set_user_verified(verified: bool) -> None:
        changed = {"authenticatorId": added["authenticatorId"], "isUserVerified": verified}
        devtools.send("WebAuthn.setUserVerified", changed)

    return set_user_verified
