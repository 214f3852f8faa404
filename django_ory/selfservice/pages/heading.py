"""Step and heading of a flow."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.html import format_html

from django_ory.client.models import LoginFlow, RegistrationFlow
from django_ory.http.branding import isolate_direction
from django_ory.http.redirects import CLIENT_NAME_PARAMETER, read_client_name
from django_ory.schemas.values import TRAITS
from django_ory.selfservice.decisions.redirects import get_start_parameter
from django_ory.selfservice.flow_types import RECOVERY, REGISTRATION, SETTINGS, VERIFICATION
from django_ory.selfservice.forms.build import SSO_GROUPS
from django_ory.selfservice.forms.fields import Button, Field, Hidden, Input, NamedField

from .steps import STEPS, Wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django_ory.selfservice.flow_types import AnyFlow, FlowType

    from .flow_user import Contact

__all__ = ["Heading", "build_heading", "find_address", "get_step"]

#: Messages about a code that was sent to a phone, or a phone number that is verified.
PHONE_MESSAGES = frozenset({1080004, 1080005})
#: "An account with this address exists already": the user signs in to link the new credential.
LINKING_MESSAGE = 1010016

#: Addresses as Kratos returns them. Parts may be masked.
EMAIL_PATTERN = re.compile(r"[^@\s]+@[^@\s]+")
PHONE_PATTERN = re.compile(r"\+[0-9*…][0-9*… ()./-]*")

#: State of a recovery in which an address is chosen first (v25.4.0) -> step.
RECOVERY_STEPS = {
    "recovery_awaiting_address_choice": "recovery.choose",
    "recovery_confirming_address": "recovery.confirm",
    "recovery_awaiting_code": "recovery.sent",
}


@dataclass(frozen=True)
class Heading:
    """Escaped HTML. ``lead`` may be empty."""

    title: str
    lead: str = ""


def get_step(flow_type: FlowType, flow: AnyFlow, fields: Sequence[Field]) -> str:
    """Return the key of ``STEPS``. Messages are hardly used: an error replaces them."""
    state, name = str(flow.state or ""), flow_type.name
    if flow_type is RECOVERY and state in RECOVERY_STEPS:
        return RECOVERY_STEPS[state]
    if state == "sent_email" and flow_type is not SETTINGS:
        if isinstance(flow, LoginFlow) and flow.requested_aal == "aal2":
            return "login.second.sent"
        return f"{name}.link" if flow.active == "link" and f"{name}.link" in STEPS else f"{name}.sent"
    if state == "passed_challenge" and flow_type is VERIFICATION:
        return "verification.passed"
    if isinstance(flow, LoginFlow):
        return _get_login_step(flow)
    if flow_type is REGISTRATION and _has_traits(fields):
        return "registration.credentials"
    return name


def build_heading(
    step: str,
    flow: AnyFlow,
    fields: Sequence[Field],
    *,
    site: str,
    contacts: Sequence[Contact] = (),
) -> Heading:
    """Build the heading of a step. ``site``: the name of the site.

    ``contacts``: the addresses of the signed-in user, for flows that do not contain the address of a code.
    """
    address = find_address(fields)
    if not address and step == "verification.sent" and len(contacts) == 1:
        address = contacts[0].value
    client = get_client_name(flow)
    channel = _get_channel(step, flow, fields, address, contacts)
    if channel == "message":
        address = ""  # one of several
    base = STEPS[step]
    variant = next(
        (base.variants[key] for key in ("client" if client else "", channel) if key in base.variants),
        Wording(),
    )
    lead = variant.lead or base.lead
    address_lead = variant.address_lead or ("" if variant.lead else base.address_lead)
    text = address_lead if address and address_lead else lead
    strong = format_html("<strong><bdi>{}</bdi></strong>", address) if address else ""
    return Heading(
        title=format_html(str(variant.title or base.title), site=isolate_direction(site)),
        lead=format_html(str(text), address=strong, client=isolate_direction(client)) if text else "",
    )


def get_client_name(flow: AnyFlow) -> str:
    """Return the name of the OAuth2 client for which the user signs in; empty without one."""
    request = flow.oauth2_login_request if isinstance(flow, (LoginFlow, RegistrationFlow)) else None
    client = (request or {}).get("client")
    name = str(client.get("client_name") or "") if isinstance(client, dict) else ""
    return name or read_client_name(get_start_parameter(flow, CLIENT_NAME_PARAMETER))


def _get_login_step(flow: LoginFlow) -> str:
    if flow.requested_aal == "aal2":
        return "login.second"
    if any(message.id == LINKING_MESSAGE for message in flow.ui.messages):
        return "login.linking"
    if flow.refresh:
        return "login.refresh"
    return "login.client" if get_client_name(flow) else "login"


def _has_traits(fields: Sequence[Field]) -> bool:
    """Whether the traits are entered. Kratos then hides them; newer versions show the items of lists."""
    traits = [each for each in fields if isinstance(each, NamedField) and each.is_trait]
    hidden = bool(traits) and all(isinstance(each, Hidden) for each in traits)
    return hidden or any(isinstance(each, Button) and each.name == "screen" for each in fields)


def _get_channel(
    step: str,
    flow: AnyFlow,
    fields: Sequence[Field],
    address: str,
    contacts: Sequence[Contact],
) -> str:
    """Return a key of ``Step.variants``, or "email"."""
    inputs = [each for each in fields if isinstance(each, Input)]
    if any(each.group == "link" for each in inputs):
        return "link"
    if any(message.id in PHONE_MESSAGES for message in flow.ui.messages):
        return "phone"
    if step == "registration.credentials":
        buttons = {each.group for each in fields if isinstance(each, Button) and each.style != "quiet"}
        if buttons and buttons <= SSO_GROUPS:
            return "sso"
        return "password" if buttons == {"password"} else "email"
    if step == "verification":
        if any(each.type != "email" for each in inputs):
            return "message"
        return "prefilled" if any(each.value for each in inputs) else "email"
    if step == "registration.sent" and len(_find_contacts(fields)) > 1:
        return "message"
    if not address and step.startswith("verification") and contacts:
        by_phone = {each.via == "sms" for each in contacts}
        return "message" if len(by_phone) > 1 else "phone" if True in by_phone else "email"
    return "phone" if PHONE_PATTERN.fullmatch(address) else "email"


def find_address(fields: Iterable[Field]) -> str:
    """Return the address of a code from buttons and hidden fields; empty if unknown."""
    found = list(fields)
    for each in found:
        if isinstance(each, Button) and each.resends and each.name != "resend" and each.value:
            return each.value
    for name in ("address", "identifier", "recovery_address", "traits.email"):
        for each in found:
            if isinstance(each, Hidden) and each.name == name and each.value:
                return each.value
    return next(iter(_find_contacts(found)), "")


def _find_contacts(fields: Iterable[Field]) -> dict[str, None]:
    """Return the hidden traits to which a code can be sent: email addresses and phone numbers."""
    traits = [
        each.value for each in fields if isinstance(each, Hidden) and each.is_trait and each.name != TRAITS
    ]
    return dict.fromkeys(
        value for value in traits if EMAIL_PATTERN.fullmatch(value) or PHONE_PATTERN.fullmatch(value)
    )
