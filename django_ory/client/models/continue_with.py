"""Next steps after a flow: a token to store, a flow to show, a redirect. An open union on ``action``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Tag

from .model import OryModel


class ContinueWithFlow(OryModel):
    """The flow to show next. ``url`` is its URL for a browser, None for native clients."""

    id: str = ""
    url: str | None = None
    verifiable_address: str | None = None


class _Step(OryModel):
    shown_in_repr = ("action",)


class ContinueWithSetOrySessionToken(_Step):
    """A session token to store (a secret)."""

    action: Literal["set_ory_session_token"] = "set_ory_session_token"
    ory_session_token: str = ""


class ContinueWithRedirectBrowserTo(_Step):
    """A redirect. Check the host before you follow it."""

    action: Literal["redirect_browser_to"] = "redirect_browser_to"
    redirect_browser_to: str = ""


class ContinueWithVerificationUi(_Step):
    """A verification flow to show."""

    action: Literal["show_verification_ui"] = "show_verification_ui"
    flow: ContinueWithFlow = ContinueWithFlow()


class ContinueWithRecoveryUi(_Step):
    """A recovery flow to show."""

    action: Literal["show_recovery_ui"] = "show_recovery_ui"
    flow: ContinueWithFlow = ContinueWithFlow()


class ContinueWithSettingsUi(_Step):
    """A settings flow to show."""

    action: Literal["show_settings_ui"] = "show_settings_ui"
    flow: ContinueWithFlow = ContinueWithFlow()


class ContinueWithDeviceAuthnPinEntryUi(_Step):
    """A request for the PIN of a device key."""

    action: Literal["show_pin_entry_ui"] = "show_pin_entry_ui"
    data: dict[str, Any] | None = None


class ContinueWithOther(_Step):
    """An action that is unknown to this version."""

    action: str = ""


_KNOWN_ACTIONS = frozenset(
    {
        "set_ory_session_token",
        "redirect_browser_to",
        "show_verification_ui",
        "show_recovery_ui",
        "show_settings_ui",
        "show_pin_entry_ui",
    }
)


def _action(value: Any) -> str:
    action = value.get("action") if isinstance(value, dict) else getattr(value, "action", None)
    return action if isinstance(action, str) and action in _KNOWN_ACTIONS else "other"


ContinueWith = Annotated[
    Annotated[ContinueWithSetOrySessionToken, Tag("set_ory_session_token")]
    | Annotated[ContinueWithRedirectBrowserTo, Tag("redirect_browser_to")]
    | Annotated[ContinueWithVerificationUi, Tag("show_verification_ui")]
    | Annotated[ContinueWithRecoveryUi, Tag("show_recovery_ui")]
    | Annotated[ContinueWithSettingsUi, Tag("show_settings_ui")]
    | Annotated[ContinueWithDeviceAuthnPinEntryUi, Tag("show_pin_entry_ui")]
    | Annotated[ContinueWithOther, Tag("other")],
    Discriminator(_action),
]
