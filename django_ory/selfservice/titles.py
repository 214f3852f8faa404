"""What a page is called and what it asks for, by flow and step."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from .fields import Button, Field, Hidden, Input

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .kinds import Kind

__all__ = ["ABSORBED", "Heading", "heading_of", "step_of"]


@dataclass(frozen=True)
class Heading:
    """``lead`` may be empty; both are escaped."""

    title: str
    lead: str = ""


#: Step, and the channel if the words depend on it -> (title, lead, lead where the address is known).
HEADINGS: dict[str, tuple[Any, Any, Any]] = {
    "login": (_("Sign in to {site}"), "", ""),
    "login.client": (_("Sign in"), _("to go on to {client}"), ""),
    "login.refresh": (_("Confirm it is you"), _("Please sign in once more to go on."), ""),
    "login.second": (_("Second step"), _("Please confirm with your second factor."), ""),
    "login.linking": (_("Sign in to link your accounts"), "", ""),
    "login.sent": (
        _("Check your mail"),
        _("We have sent you a code. Enter it here."),
        _("We have sent a code to {address}. Enter it here."),
    ),
    "login.sent by phone": (
        _("Check your phone"),
        _("We have sent you a code. Enter it here."),
        _("We have sent a code to {address}. Enter it here."),
    ),
    "registration": (_("Create your account"), "", ""),
    "registration.credentials": (
        _("Choose how you will sign in"),
        "",
        _("The account will be for {address}."),
    ),
    "registration.sent": (
        _("Check your mail"),
        _("We have sent you a code. Enter it here to finish."),
        _("We have sent a code to {address}. Enter it here to finish."),
    ),
    "registration.sent by phone": (
        _("Check your phone"),
        _("We have sent you a code. Enter it here to finish."),
        _("We have sent a code to {address}. Enter it here to finish."),
    ),
    "recovery": (
        _("Recover your account"),
        _("Tell us your email address, and we will help you back in."),
        "",
    ),
    "recovery.choose": (_("Recover your account"), _("Where shall we send the code?"), ""),
    "recovery.confirm": (
        _("Recover your account"),
        _("Please enter the full address, so that we know that it is yours."),
        "",
    ),
    "recovery.sent": (
        _("Check your mail"),
        _("If there is an account with this address, we have sent it a code. Enter it here."),
        _("If there is an account with {address}, we have sent it a code. Enter it here."),
    ),
    "recovery.sent by phone": (
        _("Check your phone"),
        _("If there is an account with this number, we have sent it a code. Enter it here."),
        _("If there is an account with {address}, we have sent it a code. Enter it here."),
    ),
    "recovery.link": (
        _("Check your mail"),
        _(
            "If there is an account with this address, we have sent it a link. "
            "Open it to go on. You can close this page."
        ),
        "",
    ),
    "verification": (_("Confirm your email address"), _("We will send a code to it."), ""),
    "verification by link": (_("Confirm your email address"), _("We will send a link to it."), ""),
    "verification.sent": (
        _("Check your mail"),
        _("We have sent a code to your email address. Enter it here to confirm the address."),
        _("We have sent a code to {address}. Enter it here to confirm the address."),
    ),
    "verification.sent by phone": (
        _("Check your phone"),
        _("We have sent a code to your phone. Enter it here to confirm the number."),
        _("We have sent a code to {address}. Enter it here to confirm the number."),
    ),
    "verification.link": (
        _("Check your mail"),
        _("We have sent you a link. Open it to confirm your address. You can close this page."),
        "",
    ),
    "verification.passed": (
        _("Your address is confirmed"),
        _("Thank you. There is nothing more to do here."),
        "",
    ),
    "verification.passed by phone": (
        _("Your phone number is confirmed"),
        _("Thank you. There is nothing more to do here."),
        "",
    ),
    "settings": (_("Your account"), "", ""),
}

#: "A code went to your phone", "your phone number is confirmed".
BY_PHONE = frozenset({1080004, 1080005})
#: As Kratos keeps numbers, parts of them perhaps masked.
PHONE = re.compile(r"\+[0-9*…][0-9*… ()./-]*")

#: The states of a recovery in which an address is chosen first (v25.4.0).
STEPS_OF_RECOVERY = {
    "recovery_awaiting_address_choice": "recovery.choose",
    "recovery_confirming_address": "recovery.confirm",
    "recovery_awaiting_code": "recovery.sent",
}

#: Messages that say what the heading says already.
ABSORBED = frozenset(
    {
        1010003,
        1010004,
        1010014,
        1010025,
        1040005,
        1040009,
        1060002,
        1060003,
        1060004,
        1060005,
        1060006,
        1080001,
        1080002,
        1080003,
        1080004,
        1080005,
    }
)


def step_of(kind: Kind, flow: Any, fields: Iterable[Field]) -> str:
    """The kind, and a word more where it matters. From data: errors replace messages."""
    state, name = str(flow.state or ""), kind.name
    if state in STEPS_OF_RECOVERY and name == "recovery":
        return STEPS_OF_RECOVERY[state]
    if state == "sent_email" and name != "settings":
        return f"{name}.link" if flow.active == "link" and f"{name}.link" in HEADINGS else f"{name}.sent"
    if state == "passed_challenge" and name == "verification":
        return "verification.passed"
    if name == "login":
        return _login_step(flow)
    if name == "registration":
        traits = [
            each for each in fields if isinstance(each, (Hidden, Input)) and each.name.startswith("traits.")
        ]
        return (
            "registration.credentials"
            if traits and all(isinstance(each, Hidden) for each in traits)
            else name
        )
    return name


def heading_of(step: str, flow: Any, fields: Sequence[Field], *, site: str) -> Heading:
    """Title and lead of a step. Address and names come from outside and are escaped."""
    address = address_of(fields)
    channel = channel_of(flow, fields, address)
    title, lead, lead_with_address = HEADINGS.get(f"{step} by {channel}", HEADINGS[step])
    text = lead_with_address if address and lead_with_address else lead
    strong = format_html("<strong><bdi>{}</bdi></strong>", address)
    return Heading(
        title=format_html(str(title), site=site),
        lead=format_html(str(text), address=strong, client=client_of(flow)) if text else "",
    )


def channel_of(flow: Any, fields: Iterable[Field], address: str) -> str:
    """How a message comes, or will: "link", "phone", or "code", which is by mail."""
    if any(isinstance(each, Input) and each.group == "link" for each in fields):
        return "link"
    said = any(message.id in BY_PHONE for message in flow.ui.messages)
    return "phone" if said or PHONE.fullmatch(address) else "code"


def address_of(fields: Iterable[Field]) -> str:
    """Where a code was sent, as far as buttons and hidden fields tell."""
    found = list(fields)
    for each in found:
        if isinstance(each, Button) and each.resends and each.name != "resend" and each.value:
            return each.value
    for name in ("address", "identifier", "recovery_address", "traits.email"):
        for each in found:
            if isinstance(each, Hidden) and each.name == name and each.value:
                return each.value
    return ""


def client_of(flow: Any) -> str:
    """The name of the OAuth2 client that asks for this sign-in, or empty."""
    client = (getattr(flow, "oauth2_login_request", None) or {}).get("client")
    return str(client.get("client_name") or "") if isinstance(client, dict) else ""


def _login_step(flow: Any) -> str:
    if flow.requested_aal == "aal2":
        return "login.second"
    if any(message.id == 1010016 for message in flow.ui.messages):
        return "login.linking"
    if client_of(flow):
        return "login.client"
    return "login.refresh" if flow.refresh else "login"
