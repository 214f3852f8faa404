"""The quiet links under the card. They carry on the way back and the OAuth2 request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import get_script_prefix, reverse
from django.utils.translation import gettext as _

from django_ory.http.redirects import CLIENT_NAME_PARAMETER, page_url
from django_ory.selfservice.decisions.redirects import clean_return_to, get_next_url, get_start_parameter
from django_ory.selfservice.flow_types import LOGIN, RECOVERY, REGISTRATION, VERIFICATION, FlowType

from .availability import is_offered

if TYPE_CHECKING:
    from django.http import HttpRequest

    from .flow_page import FlowPage

__all__ = ["FooterLink", "build_footer"]


#: "Your address is not confirmed", of Kratos up to 1.3; later ones lead there by themselves.
UNCONFIRMED = 4000010


@dataclass(frozen=True)
class FooterLink:
    """A link, with a few words before it if wanted."""

    label: str
    href: str
    before: str = ""


def build_footer(
    request: HttpRequest, kind: FlowType, flow: Any, page: FlowPage, *, alias: str
) -> tuple[FooterLink, ...]:
    """The links that fit the step."""
    carried = {
        "return_to": clean_return_to(request, get_next_url(flow), alias=alias),
        "login_challenge": _challenge(flow),
        "identity_schema": getattr(flow, "identity_schema", None),
        CLIENT_NAME_PARAMETER: get_start_parameter(flow, CLIENT_NAME_PARAMETER),
    }

    def to(other: FlowType) -> str:
        return page_url(
            request,
            other.url_name,
            {name: value for name, value in carried.items() if name == "return_to" or name in other.carries},
        )

    def if_offered(label: str, other: FlowType, before: str = "") -> tuple[FooterLink, ...]:
        return (FooterLink(label, to(other), before),) if is_offered(other, alias=alias) else ()

    sign_in = FooterLink(_("Back to sign-in"), to(LOGIN))
    sign_out = FooterLink(_("Sign out"), reverse("ory:logout"))
    onward = carried["return_to"] or get_script_prefix()
    not_now = FooterLink(_("Not now"), onward)
    match page.step:
        case "login" | "login.client":
            other = (FooterLink(_("Use another account"), to(LOGIN)),) if page.account else ()
            unconfirmed = any(message.id == UNCONFIRMED for message in flow.ui.messages)
            return (
                *(if_offered(_("Confirm your address"), VERIFICATION) if unconfirmed else ()),
                *other,
                *if_offered(_("Forgot your password?"), RECOVERY),
                *if_offered(_("Create an account"), REGISTRATION, _("New here?")),
            )
        case "login.refresh" | "login.second" | "login.second.sent":
            return (FooterLink(_("Sign out"), reverse("ory:logout"), _("Not you?")),)
        case "login.linking" | "login.sent":
            return (sign_in,)
        case "registration" | "registration.credentials" | "registration.sent":
            return (FooterLink(_("Sign in"), to(LOGIN), _("Already have an account?")),)
        case "recovery" | "recovery.choose" | "recovery.confirm":
            return (sign_in,)
        case "recovery.sent" | "recovery.link":
            return (FooterLink(_("Use another address"), to(RECOVERY)), sign_in)
        case "verification":
            return (not_now,)
        case "verification.sent" | "verification.link":
            new = (
                ()
                if page.can_resend
                else (FooterLink(_("Request a new one"), to(VERIFICATION), _("Didn't get it?")),)
            )
            return (*new, not_now)
        case "settings":
            label = _("Go back") if carried["return_to"] else _("Go to homepage")
            return (FooterLink(label, onward), sign_out)
        case _:
            return ()


def _challenge(flow: Any) -> str | None:
    request = getattr(flow, "oauth2_login_request", None)
    challenge = request.get("challenge") if isinstance(request, dict) else None
    return str(challenge) if challenge else getattr(flow, "oauth2_login_challenge", None)
