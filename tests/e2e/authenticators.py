"""Virtual authenticators of Chromium: they confirm each request at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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


def add_authenticator(page: Page, options: dict[str, Any]) -> None:
    """Add an authenticator to the browser of a page."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
