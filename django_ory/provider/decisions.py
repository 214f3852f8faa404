"""What a flow can decide. Plain values: a view turns each of them into a response."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Accept", "Ask", "AskAgain", "Grant", "Redirect", "Reject", "RestartConsent", "SignIn"]


@dataclass(frozen=True, kw_only=True)
class Accept:
    """Tell Hydra yes, with this JSON body."""

    body: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Reject:
    """Tell Hydra no. ``error`` is an OAuth2 code; ``revoke`` ends what the subject has at Hydra as well."""

    error: str
    description: str
    revoke: bool = False

    @property
    def body(self) -> dict[str, str]:
        """The JSON body that tells Hydra, and through it the client, why not."""
        return {"error": self.error, "error_description": self.description}


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """Send the browser to our sign-in (or registration) page; it comes back to the same challenge."""

    page: Literal["login", "registration"] = "login"
    refresh: bool = False
    aal: str | None = None


@dataclass(frozen=True, kw_only=True)
class AskAgain:
    """The browser came back without what it was sent for: a page with a link, never a loop."""

    sign_in: SignIn


@dataclass(frozen=True, kw_only=True)
class Redirect:
    """Go on at Hydra, if the address is Hydra's. ``forget``: it drops its memory of this sign-in first."""

    url: str
    forget: bool = False


@dataclass(frozen=True, kw_only=True)
class Ask:
    """Show the page on which the person decides."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Accept a consent request. Scope and audience are never more than was requested.

    ``asked``: the user has consented, now or before; False if the client's registration skips the page.
    ``revoke``: automatic grants of the client are revoked first.
    """

    scope: tuple[str, ...]
    audience: tuple[str, ...]
    remember: bool
    asked: bool = True
    revoke: bool = False


@dataclass(frozen=True, kw_only=True)
class RestartConsent:
    """Revoke the automatic grants of the client, and let Hydra restart the request at ``url``.

    Hydra does not store the answer to a request that it skips, so the user would be asked each time.
    """

    url: str
