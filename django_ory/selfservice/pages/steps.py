"""The steps of the flow pages: heading, lead and footer links of each, in one table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MESSAGES_SHOWN_AS_HEADING", "STEPS", "Step", "Wording"]


@dataclass(frozen=True)
class Wording:
    """Heading and lead of a step. In a variant, an empty text means the text of the step.

    ``title`` may contain ``{site}`` and ``lead`` ``{client}``. ``address_lead`` contains ``{address}`` and
    replaces ``lead`` if the address of a code is known.
    """

    title: Any = ""
    lead: Any = ""
    address_lead: Any = ""


@dataclass(frozen=True, kw_only=True)
class Step(Wording):
    """A step of a flow page.

    ``variants``: by channel of the code ("phone", "link", or "message" if the channel is unknown), for
    "client" (sign-up for an OAuth2 client), "password" (only a password can be set), "sso" (the account of
    another site is used) and "prefilled" (the address is known).
    ``footer``: keys of ``FOOTER_LINKS``.
    ``names_account``: the page shows the account of a hidden identifier.
    ``confirms_user``: a signed-in user confirms the sign-in. The account is that of the session if the flow
    has none.
    """

    variants: Mapping[str, Wording] = field(default_factory=dict)
    footer: tuple[str, ...] = ()
    names_account: bool = False
    confirms_user: bool = False


LOGIN_FOOTER = ("confirm_address", "other_account", "recovery", "registration")

STEPS: Mapping[str, Step] = {
    "login": Step(_("Sign in to {site}"), footer=LOGIN_FOOTER, names_account=True),
    "login.client": Step(_("Sign in"), _("to continue to {client}"), footer=LOGIN_FOOTER, names_account=True),
    "login.refresh": Step(
        _("Confirm it's you"),
        _("For your security, sign in again to continue."),
        variants={"client": Wording(lead=_("to continue to {client}"))},
        footer=("not_you",),
        names_account=True,
        confirms_user=True,
    ),
    "login.second": Step(
        _("Two-factor authentication"),
        _("Confirm it's you to finish signing in."),
        footer=("not_you",),
        names_account=True,
        confirms_user=True,
    ),
    "login.second.sent": Step(
        _("Two-factor authentication"),
        _("We sent you a code. Enter it to finish signing in."),
        _("We sent a code to {address}. Enter it to finish signing in."),
        footer=("not_you",),
    ),
    "login.linking": Step(_("Sign in to link your accounts"), footer=("back_to_login",), names_account=True),
    "login.sent": Step(
        _("Check your email"),
        _("We sent you a code. Enter it to sign in."),
        _("We sent a code to {address}. Enter it to sign in."),
        variants={"phone": Wording(_("Check your phone"))},
        footer=("back_to_login",),
    ),
    "registration": Step(
        _("Create your account"),
        variants={"client": Wording(lead=_("to continue to {client}"))},
        footer=("other_schema", "login"),
    ),
    "registration.credentials": Step(
        _("Choose how to sign in"),
        address_lead=_("Your new account: {address}"),
        variants={
            "password": Wording(_("Create a password")),
            "sso": Wording(_("Almost done"), _("Continue to create your account.")),
        },
        footer=("login",),
    ),
    "registration.sent": Step(
        _("Check your email"),
        _("We sent you a code. Enter it to create your account."),
        _("We sent a code to {address}. Enter it to create your account."),
        variants={"phone": Wording(_("Check your phone")), "message": Wording(_("Enter your code"))},
        footer=("login",),
    ),
    "recovery": Step(
        _("Recover your account"),
        _("Enter your email and we'll send you a code."),
        variants={"link": Wording(lead=_("Enter your email and we'll send you a link."))},
        footer=("back_to_login",),
    ),
    "recovery.choose": Step(
        _("Recover your account"), _("Where should we send the code?"), footer=("back_to_login",)
    ),
    "recovery.confirm": Step(
        _("Recover your account"),
        _("Enter the full address to confirm that it's yours."),
        footer=("back_to_login",),
    ),
    "recovery.sent": Step(
        _("Check your email"),
        _("If an account exists for this address, we sent a code to it. Enter the code below."),
        _("If an account exists for {address}, we sent a code to it. Enter the code below."),
        variants={
            "phone": Wording(
                _("Check your phone"),
                _("If an account exists for this number, we sent a code to it. Enter the code below."),
                _("If an account exists for {address}, we sent a code to it. Enter the code below."),
            )
        },
        footer=("other_address", "back_to_login"),
    ),
    "recovery.link": Step(
        _("Check your email"),
        _("If an account exists for this address, we sent a link to it. You can close this page."),
        footer=("other_address", "back_to_login"),
    ),
    "verification": Step(
        _("Confirm your email address"),
        _("Enter your email. We'll send you a code to confirm that it's yours."),
        variants={
            "link": Wording(lead=_("Enter your email. We'll send you a link to confirm that it's yours.")),
            "prefilled": Wording(lead=_("We'll send a code to this address to confirm that it's yours.")),
            "message": Wording(
                _("Confirm your address"), _("We'll send you a code to confirm that it's yours.")
            ),
        },
        footer=("not_now",),
    ),
    "verification.sent": Step(
        _("Check your email"),
        _("We sent a code to your email address. Enter it to confirm that the address is yours."),
        _("We sent a code to {address}. Enter it to confirm that the address is yours."),
        variants={
            "phone": Wording(
                _("Check your phone"),
                _("We sent a code to your phone. Enter it to confirm that the number is yours."),
                _("We sent a code to {address}. Enter it to confirm that the number is yours."),
            ),
            "message": Wording(
                _("Enter your code"), _("We sent you a code. Enter it to confirm that the address is yours.")
            ),
        },
        footer=("new_code", "not_now"),
    ),
    "verification.link": Step(
        _("Check your email"),
        _("We sent you a link. Open it to confirm that the address is yours. You can close this page."),
        footer=("new_code", "not_now"),
    ),
    "verification.passed": Step(
        _("Your email is confirmed"),
        variants={
            "phone": Wording(_("Your phone number is confirmed")),
            "message": Wording(_("Your address is confirmed")),
        },
        footer=("go_on",),
    ),
    "settings": Step(_("Your account"), footer=("go_back", "logout")),
}

#: Messages that repeat the heading of their step.
MESSAGES_SHOWN_AS_HEADING = frozenset(
    {
        *(1010003, 1010004, 1010014, 1010025),
        *(1040005, 1040009),
        *range(1060002, 1060007),
        *range(1080001, 1080006),
    }
)
