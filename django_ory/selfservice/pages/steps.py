"""What a page is called and what it asks for, by flow and step."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from django_ory.http.redirects import CLIENT_NAME_PARAMETER, read_client_name
from django_ory.selfservice.decisions.redirects import get_start_parameter
from django_ory.selfservice.forms.fields import Button, Field, Hidden, Input

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django_ory.client.models import VerifiableIdentityAddress
    from django_ory.selfservice.flow_types import FlowType

__all__ = ["MESSAGES_SHOWN_AS_HEADING", "Heading", "build_heading", "get_step"]


@dataclass(frozen=True)
class Heading:
    """``lead`` may be empty; both are escaped."""

    title: str
    lead: str = ""


#: Step, and the channel if the words depend on it -> (title, lead, lead where the address is known).
STEPS: dict[str, tuple[Any, Any, Any]] = {
    "login": (_("Sign in to {site}"), "", ""),
    "login.client": (_("Sign in"), _("to continue to {client}"), ""),
    "login.refresh": (_("Confirm it is you"), _("Please sign in again to continue."), ""),
    "login.second": (_("Two-factor authentication"), _("Confirm your sign-in with a second factor."), ""),
    "login.second.sent": (
        _("Two-factor authentication"),
        _("We sent you a code. Enter it to finish signing in."),
        _("We sent a code to {address}. Enter it to finish signing in."),
    ),
    "login.linking": (_("Sign in to link your accounts"), "", ""),
    "login.sent": (
        _("Check your email"),
        _("We sent you a code. Enter it to sign in."),
        _("We sent a code to {address}. Enter it to sign in."),
    ),
    "login.sent by phone": (
        _("Check your phone"),
        _("We sent you a code. Enter it to sign in."),
        _("We sent a code to {address}. Enter it to sign in."),
    ),
    "registration": (_("Create your account"), "", ""),
    "registration for client": (_("Create your account"), _("to continue to {client}"), ""),
    "registration.credentials": (
        _("Choose how to sign in"),
        "",
        _("Your new account: {address}"),
    ),
    "registration.sent": (
        _("Check your email"),
        _("We sent you a code. Enter it to create your account."),
        _("We sent a code to {address}. Enter it to create your account."),
    ),
    "registration.sent by phone": (
        _("Check your phone"),
        _("We sent you a code. Enter it to create your account."),
        _("We sent a code to {address}. Enter it to create your account."),
    ),
    "registration.sent by message": (
        _("Enter your code"),
        _("We sent you a code. Enter it to create your account."),
        "",
    ),
    "recovery": (_("Recover your account"), _("Enter your email and we'll send you a code."), ""),
    "recovery by link": (_("Recover your account"), _("Enter your email and we'll send you a link."), ""),
    "recovery.choose": (_("Recover your account"), _("Where should we send the code?"), ""),
    "recovery.confirm": (
        _("Recover your account"),
        _("Enter the full address to confirm that it is yours."),
        "",
    ),
    "recovery.sent": (
        _("Check your email"),
        _("If this address belongs to an account, we sent it a code. Enter it here."),
        _("If {address} belongs to an account, we sent it a code. Enter it here."),
    ),
    "recovery.sent by phone": (
        _("Check your phone"),
        _("If this number belongs to an account, we sent it a code. Enter it here."),
        _("If {address} belongs to an account, we sent it a code. Enter it here."),
    ),
    "recovery.link": (
        _("Check your email"),
        _("If this address belongs to an account, we sent it a link. You can close this page."),
        "",
    ),
    "verification": (_("Confirm your email address"), _("Enter your email and we'll send you a code."), ""),
    "verification by link": (
        _("Confirm your email address"),
        _("Enter your email and we'll send you a link."),
        "",
    ),
    "verification by message": (_("Confirm your address"), _("We'll send you a code."), ""),
    "verification.sent": (
        _("Check your email"),
        _("We sent a code to your email address. Enter it to confirm the address."),
        _("We sent a code to {address}. Enter it to confirm the address."),
    ),
    "verification.sent by phone": (
        _("Check your phone"),
        _("We sent a code to your phone. Enter it to confirm the number."),
        _("We sent a code to {address}. Enter it to confirm the number."),
    ),
    "verification.sent by message": (
        _("Enter your code"),
        _("We sent you a code. Enter it to confirm your address."),
        "",
    ),
    "verification.link": (
        _("Check your email"),
        _("We sent you a link. Open it to confirm your address. You can close this page."),
        "",
    ),
    "verification.passed": (_("Your email is confirmed"), "", ""),
    "verification.passed by phone": (_("Your phone number is confirmed"), "", ""),
    "verification.passed by message": (_("Your address is confirmed"), "", ""),
    "settings": (_("Your account"), "", ""),
}

#: "A code went to your phone", "your phone number is confirmed".
BY_PHONE = frozenset({1080004, 1080005})
#: As Kratos keeps numbers, parts of them perhaps masked.
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
PHONE = re.compile(r"\+[0-9*…][0-9*… ()./-]*")

#: The states of a recovery in which an address is chosen first (v25.4.0).
STEPS_OF_RECOVERY = {
    "recovery_awaiting_address_choice": "recovery.choose",
    "recovery_confirming_address": "recovery.confirm",
    "recovery_awaiting_code": "recovery.sent",
}

#: Messages that say what the heading says already.
MESSAGES_SHOWN_AS_HEADING = frozenset(
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


def get_step(kind: FlowType, flow: Any, fields: Iterable[Field]) -> str:
    """The kind, and a word more where it matters. From data: errors replace messages."""
    state, name = str(flow.state or ""), kind.name
    if state == "sent_email" and getattr(flow, "requested_aal", None) == "aal2":
        return "login.second.sent"
    if state in STEPS_OF_RECOVERY and name == "recovery":
        return STEPS_OF_RECOVERY[state]
    if state == "sent_email" and name != "settings":
        return f"{name}.link" if flow.active == "link" and f"{name}.link" in STEPS else f"{name}.sent"
    if state == "passed_challenge" and name == "verification":
        return "verification.passed"
    if name == "login":
        return _login_step(flow)
    if name == "registration" and _is_second_step(list(fields)):
        return "registration.credentials"
    return name


def _is_second_step(fields: Sequence[Field]) -> bool:
    """Whether the traits are entered: Kratos hides them, except for items of lists in newer versions."""
    traits = [
        each for each in fields if isinstance(each, (Hidden, Input)) and each.name.startswith("traits.")
    ]
    hidden = bool(traits) and all(isinstance(each, Hidden) for each in traits)
    return hidden or any(isinstance(each, Button) and each.name == "screen" for each in fields)


def build_heading(
    step: str,
    flow: Any,
    fields: Sequence[Field],
    *,
    site: str,
    contacts: Sequence[VerifiableIdentityAddress] = (),
) -> Heading:
    """Title and lead of a step. Address and names come from outside and are escaped.

    ``contacts``: the addresses of the signed-in user, for flows that do not name the one they are about.
    """
    address = find_address(fields)
    if not address and step == "verification.sent" and len(contacts) == 1:
        address = contacts[0].value or ""
    channel = get_channel(step, flow, fields, address, contacts)
    client = get_client_name(flow)
    variants = ([f"{step} for client"] if client else []) + [f"{step} by {channel}"]
    title, lead, lead_with_address = next((STEPS[k] for k in variants if k in STEPS), STEPS[step])
    if channel == "message":
        address = ""  # one of several
    text = lead_with_address if address and lead_with_address else lead
    strong = format_html("<strong><bdi>{}</bdi></strong>", address)
    return Heading(
        title=format_html(str(title), site=site),
        lead=format_html(str(text), address=strong, client=client) if text else "",
    )


def get_channel(
    step: str,
    flow: Any,
    fields: Sequence[Field],
    address: str,
    contacts: Sequence[VerifiableIdentityAddress] = (),
) -> str:
    """How a message is sent: "link" and "code" by email, "phone" by SMS, "message" if that is unknown."""
    inputs = [each for each in fields if isinstance(each, Input)]
    if any(each.group == "link" for each in inputs):
        return "link"
    if any(message.id in BY_PHONE for message in flow.ui.messages):
        return "phone"
    if step == "verification":
        return "code" if all(each.type in ("email", "hidden") for each in inputs) else "message"
    if step == "registration.sent" and len(_contacts_in(fields)) > 1:
        return "message"
    if not address and step.startswith("verification") and contacts:
        by_phone = {each.via == "sms" for each in contacts}
        return "message" if len(by_phone) > 1 else "phone" if True in by_phone else "code"
    return "phone" if PHONE.fullmatch(address) else "code"


def find_address(fields: Iterable[Field]) -> str:
    """Where a code was sent, as far as buttons and hidden fields tell."""
    found = list(fields)
    for each in found:
        if isinstance(each, Button) and each.resends and each.name != "resend" and each.value:
            return each.value
    for name in ("address", "identifier", "recovery_address", "traits.email"):
        for each in found:
            if isinstance(each, Hidden) and each.name == name and each.value:
                return each.value
    return next(iter(_contacts_in(found)), "")


def _contacts_in(fields: Iterable[Field]) -> dict[str, None]:
    """The hidden traits to which a code can have been sent: email addresses and phone numbers."""
    traits = [each.value for each in fields if isinstance(each, Hidden) and each.name.startswith("traits.")]
    return dict.fromkeys(value for value in traits if EMAIL.fullmatch(value) or PHONE.fullmatch(value))


def get_client_name(flow: Any) -> str:
    """The name of the OAuth2 client that asks for this sign-in, or empty."""
    client = (getattr(flow, "oauth2_login_request", None) or {}).get("client")
    named = str(client.get("client_name") or "") if isinstance(client, dict) else ""
    return named or read_client_name(get_start_parameter(flow, CLIENT_NAME_PARAMETER))


def _login_step(flow: Any) -> str:
    if flow.requested_aal == "aal2":
        return "login.second"
    if any(message.id == 1010016 for message in flow.ui.messages):
        return "login.linking"
    if get_client_name(flow):
        return "login.client"
    return "login.refresh" if flow.refresh else "login"
