"""The links at the end of the card. They keep the parameters of the flow, such as ``return_to``.

A link to a flow that is disabled in Kratos is left out. To find out, a flow is requested by an id that does
not exist, which creates nothing: Kratos returns 404 for an enabled flow and 400 for a disabled one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.urls import get_script_prefix
from django.utils.translation import gettext_lazy as _

from django_ory.client import OryAPIError, OryError
from django_ory.client.models import UiNodeInputAttributes
from django_ory.clients import get_client
from django_ory.conf import get_settings
from django_ory.http.redirects import INVITATION_PARAMETER, page_url
from django_ory.invitations.invitations import is_signup_closed
from django_ory.resilience.fail_safe_cache import FailSafeCache
from django_ory.selfservice.decisions.errors import is_disabled
from django_ory.selfservice.decisions.parameters import build_page_link, read_parameters
from django_ory.selfservice.flow_types import LOGIN, RECOVERY, REGISTRATION, VERIFICATION

from .steps import STEPS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from django_ory.selfservice.flow_types import AnyFlow, FlowType

    from .flow_page import FlowPage

__all__ = ["FooterLink", "build_footer", "find_recovery_url"]

#: How long the availability of a flow is cached, and how long after a failed call.
AVAILABILITY_SECONDS = 60
AVAILABILITY_FAILURE_SECONDS = 10
AVAILABILITY_KEY = "django_ory:available:{alias}:{name}"
MISSING_FLOW_ID = str(UUID(int=0))

#: "Please confirm your address first", of Kratos up to 1.3. Later versions redirect to the verification.
UNVERIFIED_MESSAGE = 4000010


@dataclass(frozen=True)
class FooterLink:
    """A link with its text, and optionally a text before it."""

    label: Any
    href: str
    before: Any = ""


@dataclass(frozen=True)
class LinkTarget:
    """``flow_type``: None for ``return_to``, "logout" for the logout page."""

    label: Any
    flow_type: FlowType | str | None
    before: Any = ""


#: Keys of ``Step.footer``.
FOOTER_LINKS: Mapping[str, LinkTarget] = {
    "login": LinkTarget(_("Sign in"), LOGIN, _("Already have an account?")),
    "back_to_login": LinkTarget(_("Back to sign-in"), LOGIN),
    "other_account": LinkTarget(_("Use another account"), LOGIN),
    "registration": LinkTarget(_("Create an account"), REGISTRATION, _("New here?")),
    "recovery": LinkTarget(_("Forgot password?"), RECOVERY),
    "other_address": LinkTarget(_("Use another address"), RECOVERY),
    "confirm_address": LinkTarget(_("Confirm your address"), VERIFICATION),
    "new_code": LinkTarget(_("Request a new one"), VERIFICATION, _("Didn't get it?")),
    "logout": LinkTarget(_("Sign out"), "logout"),
    "not_you": LinkTarget(_("Sign out"), "logout", _("Not you?")),
    "not_now": LinkTarget(_("Not now"), None),
    "go_back": LinkTarget(_("Go back"), None),
    "go_on": LinkTarget(_("Continue"), None),
    "other_schema": LinkTarget(_("Choose another type of account"), REGISTRATION),
}


def build_footer(
    request: HttpRequest, flow_type: FlowType, flow: AnyFlow, page: FlowPage, *, alias: str
) -> tuple[FooterLink, ...]:
    """Build the footer links of a page."""
    parameters = read_parameters(request, flow, alias=alias)
    return_to = parameters.get("return_to")
    omitted = {
        "confirm_address": not any(message.id == UNVERIFIED_MESSAGE for message in flow.ui.messages),
        "other_account": not page.account,
        "new_code": page.can_resend,
        "recovery": page.has_recovery_link,
        "other_schema": len(get_settings(alias).identity_schemas) < 2,
        "go_on": bool(page.links),
        "registration": is_signup_closed(alias) and INVITATION_PARAMETER not in parameters,
    }
    links = []
    for key in STEPS[page.step].footer:
        target = FOOTER_LINKS[key]
        label, other = target.label, target.flow_type
        if omitted.get(key):
            continue
        if other is None:
            href = return_to or get_script_prefix()
            label = _("Go to homepage") if key in ("go_back", "go_on") and not return_to else label
        elif isinstance(other, str):
            again = {"return_to": build_page_link(request, LOGIN, parameters)} if key == "not_you" else {}
            href = page_url(request, f"ory:{other}", again)
        elif other in (LOGIN, flow_type) or is_available(other, alias=alias):
            kept = {**parameters, "identity_schema": ""} if key == "other_schema" else parameters
            href = build_page_link(request, other, kept)
        else:
            continue
        links.append(FooterLink(label, href, target.before))
    return tuple(links)


def find_recovery_url(request: HttpRequest, flow_type: FlowType, flow: AnyFlow, *, alias: str) -> str:
    """Return the page for a forgotten password; "" without a password, and if it is disabled."""
    if flow_type is not LOGIN or not any(
        isinstance(node.attributes, UiNodeInputAttributes) and node.attributes.type == "password"
        for node in flow.ui.nodes
    ):
        return ""
    if not is_available(RECOVERY, alias=alias):
        return ""
    return build_page_link(request, RECOVERY, read_parameters(request, flow, alias=alias))


def is_available(flow_type: FlowType, *, alias: str) -> bool:
    """Whether Kratos has this flow enabled; True if Kratos is unavailable. Cached for a minute."""
    store = FailSafeCache(get_settings(alias).session_cache_alias)
    key = AVAILABILITY_KEY.format(alias=alias, name=flow_type.name)
    cached = store.get(key)
    if isinstance(cached, bool):
        return cached
    available, seconds = True, AVAILABILITY_SECONDS
    try:
        getattr(get_client(alias), flow_type.operation)(id=MISSING_FLOW_ID)
    except OryAPIError as error:
        available = not is_disabled(error.id, error.reason)
    except OryError:
        seconds = AVAILABILITY_FAILURE_SECONDS
    store.set(key, available, seconds)
    return available
