"""Texts for the messages and labels of Kratos: message id -> translatable text.

A message with another id, or without a value that the text needs, keeps Kratos' text. ``variants`` has the
texts that depend on the context of a message.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.utils.formats import date_format, localize
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from django_ory.http.branding import isolate_direction
from django_ory.invitations.refusals import REFUSAL_TEXTS

from .labels import translate_title
from .variants import PROVIDERS, get_variant

if TYPE_CHECKING:
    from django_ory.client.models import UiText

__all__ = ["TEXTS", "Note", "get_text"]

#: The label of a trait: its title in the identity schema.
TRAIT_LABEL = 1070002
#: "Property ... is missing." Its context has the property.
MISSING_TRAIT = 4000002
#: Values that run from left to right in every language.
ADDRESSES = frozenset({"address", "masked_address", "duplicateIdentifier"})

LEVELS = ("info", "success", "error")

TEXTS: dict[int, Any] = {
    # Login: labels and steps.
    1010000: _("Sign in"),
    1010001: _("Sign in"),
    1010002: _("Sign in with %(provider)s"),
    1010003: _("Confirm it's you."),
    1010004: _("Confirm it's you with a second factor."),
    1010005: _("Continue"),
    1010006: _("Code from your authenticator app"),
    1010007: _("Backup code"),
    1010008: _("Use security key"),
    1010009: _("Verify"),
    1010010: _("Use backup code"),
    1010011: _("Continue with security key"),
    1010012: _("Insert your security key and touch it when your browser asks."),
    1010013: _("Continue"),
    1010014: _("We sent you a code. Enter it to sign in."),
    1010015: _("Send me a sign-in code"),
    1010016: _("An account with %(duplicateIdentifier)s already exists. Sign in to link it to %(provider)s."),
    1010017: _("Sign in and link"),
    1010018: _("Sign in with %(provider)s and link"),
    1010019: _("Send me a code to continue"),
    1010020: _("We'll send you a code. Enter your full address to confirm that it's yours."),
    1010021: _("Sign in with a passkey"),
    1010022: _("Sign in"),
    1010023: _("Send a code to %(address)s"),
    1010024: _("Sign in with this device"),
    1010025: _("We sent you a code. Enter it to continue."),
    1020000: _("Sign out"),
    1030000: _("Two-factor authentication"),
    # Registration.
    1040000: _("Create account"),
    1040001: _("Create account"),
    1040002: _("Sign up with %(provider)s"),
    1040003: _("Continue"),
    1040004: _("Sign up with a security key"),
    1040005: _("We sent you a code. Enter it to create your account."),
    1040006: _("Send me a code to sign up"),
    1040007: _("Sign up with a passkey"),
    1040008: _("Back"),
    1040009: _("Choose how to sign in."),
    # Settings.
    1050000: _("Your account"),
    1050001: _("Your changes have been saved."),
    1050002: _("Link %(provider)s"),
    1050003: _("Unlink %(provider)s"),
    1050004: _("Remove authenticator app"),
    1050005: _("QR code for your authenticator app"),
    1050007: _("Show backup codes"),
    1050008: _("Create new backup codes"),
    1050010: _("Save these backup codes in a safe place. Each code works once."),
    1050011: _("I've saved my codes"),
    1050012: _("Add security key"),
    1050013: _("Name of the security key"),
    1050014: _("Used on %(used_at)s"),
    1050016: _("Turn off backup codes"),
    1050017: _("Can't scan the code? Enter this key in the app:"),
    1050018: _("Remove security key “%(display_name)s”"),
    1050019: _("Add passkey"),
    1050020: _("Remove passkey “%(display_name)s”"),
    1050021: _("Remove this device"),
    1050022: _("Confirmation of this device"),
    1050023: _("Your account is managed by your organization."),
    # Recovery.
    1060000: _("Recover your account"),
    1060001: _("You've recovered your account. Set a new password now."),
    1060002: _("If an account exists for this address, we sent a link to it. Open the link to continue."),
    1060003: _("If an account exists for this address, we sent a code to it."),
    1060004: _("If an account exists for %(masked_address)s, we sent a code to it."),
    1060005: _("Enter the full address to confirm that it's yours."),
    1060006: _("Where should we send the code?"),
    1060007: _("Back"),
    # Labels of nodes.
    1070001: _("Password"),
    1070003: _("Save"),
    1070004: _("Email or username"),
    1070005: _("Continue"),
    1070006: _("Code from the app"),
    1070007: _("Email address"),
    1070008: _("Resend the code"),
    1070009: _("Continue"),
    1070010: _("Code"),
    1070011: _("Code"),
    1070012: _("Code"),
    1070013: _("Code"),
    1070014: _("Sign in and link"),
    1070015: _("Complete the check."),
    1070016: _("Email address or phone number"),
    1070017: _("Phone number"),
    1070018: _("Email address or phone number"),
    # Verification.
    1080000: _("Confirm your address"),
    1080001: _("We sent you a link. Open it to confirm your address."),
    1080002: _("Your email is confirmed."),
    1080003: _("We sent a code to your email address."),
    1080004: _("We sent a code to your phone."),
    1080005: _("Your phone number is confirmed."),
    # Errors of a field.
    4000000: _("Please check what you entered and try again."),
    4000001: _("Please check what you entered and try again."),
    4000002: _("This field is required."),
    4000003: ngettext_lazy(
        "Use at least %(min_length)s character.",
        "Use at least %(min_length)s characters.",
        "min_length",
    ),
    4000004: _("Enter a valid value."),
    4000005: _("Choose another password: %(reason)s"),
    4000006: _("Incorrect email, username or password. Try again."),
    4000007: _("An account with these details already exists. Sign in instead, or recover your account."),
    4000008: _("Incorrect code. Enter the code that your authenticator app shows now."),
    4000009: _("Enter your email or username."),
    4000010: _("Confirm your email address first."),
    4000011: _("You have not set up an authenticator app."),
    4000012: _("This backup code has already been used. Use another one."),
    4000013: _("You have not set up a security key."),
    4000014: _("You have not set up backup codes."),
    4000015: _("This account has no security key or does not exist."),
    4000016: _("Incorrect backup code."),
    4000017: ngettext_lazy(
        "Use at most %(max_length)s character.",
        "Use at most %(max_length)s characters.",
        "max_length",
    ),
    4000018: _("Enter %(minimum)s or more."),
    4000019: _("Enter more than %(minimum)s."),
    4000020: _("Enter %(maximum)s or less."),
    4000021: _("Enter less than %(maximum)s."),
    4000022: _("Enter a multiple of %(base)s."),
    4000023: ngettext_lazy(
        "Enter at most %(max_items)s value.",
        "Enter at most %(max_items)s values.",
        "max_items",
    ),
    4000024: ngettext_lazy(
        "Enter at least %(min_items)s value.",
        "Enter at least %(min_items)s values.",
        "min_items",
    ),
    4000025: _("Each value must be different."),
    4000026: _("Enter a valid value."),
    4000027: _("An account with these details already exists. Sign in to it to add this sign-in method."),
    4000028: _("An account with these details already exists. Sign in instead, or recover your account."),
    4000029: _("This must be %(expected)s."),
    4000030: _("This must be accepted."),
    4000031: _("This password is too similar to your name or address. Choose another one."),
    4000032: ngettext_lazy(
        "Use a password of at least %(min_length)s character.",
        "Use a password of at least %(min_length)s characters.",
        "min_length",
    ),
    4000033: ngettext_lazy(
        "Use a password of at most %(max_length)s character.",
        "Use a password of at most %(max_length)s characters.",
        "max_length",
    ),
    4000034: _("This password has appeared in a data breach. Choose another one."),
    4000035: _("We couldn't find an account for this address that can sign in with a code."),
    4000036: _("The code was sent to another address. Please start again."),
    4000037: _("We couldn't find an account with these details."),
    4000038: _("The check was not completed. Please try again."),
    4000039: _("This is already your password. Choose a new one."),
    4000040: _("Enter an email address, like name@example.com."),
    4000041: _("Enter a phone number with its country code, like +49 123 4567890."),
    4000042: _("You have not set up a device to sign in with."),
    4000043: _("Your passkey or security key could not be verified. Please try again."),
    4000044: _("This device could not be verified. Please try again."),
    4000045: _("This device can no longer be used to sign in. Please add it again."),
    4000046: _("This device must be added again before you can use it to sign in."),
    # Errors of a form.
    4010000: _("We could not sign you in. Please try again."),
    4010001: _("This page has expired. Please try again."),
    4010002: _("Choose a way to sign in."),
    4010003: _("Choose a way to sign up."),
    4010004: _("You have not changed anything."),
    4010005: _("Enter your address again."),
    4010006: _("Enter your address again."),
    4010007: _("You have already completed this step."),
    4010008: _("That code is wrong or has already been used. Try again or request a new one."),
    4010009: _("These details belong to another account. Sign in to the account that you want to link."),
    4010010: _("This address does not belong to your account."),
    4010011: _("This account has been disabled."),
    4040000: _("We could not create your account. Please try again."),
    4040001: _("This page has expired. Please try again."),
    4040002: _("You have already completed this step."),
    4040003: _("That code is wrong or has already been used. Try again or request a new one."),
    4050000: _("Your changes could not be saved. Please try again."),
    4050001: _("This page has expired. Please try again."),
    4050002: _("You have changed your address too often. Please try again later."),
    4060000: _("We could not recover your account. Please try again."),
    4060001: _("You have already used this code. Please start again."),
    4060002: _("Something went wrong on our side. Please start again."),
    4060003: _("This link is incomplete. Copy the whole link from the message, or start again."),
    4060004: _("This link has expired or has already been used. Please start again."),
    4060005: _("This page has expired. Please try again."),
    4060006: _("That code is wrong or has already been used. Try again or request a new one."),
    4070000: _("We could not confirm your address. Please try again."),
    4070001: _("This link has expired or has already been used. Please start again."),
    4070002: _("Your address is already confirmed."),
    4070003: _("Something went wrong on our side. Please start again."),
    4070004: _("This link is incomplete. Copy the whole link from the message, or start again."),
    4070005: _("This page has expired. Please try again."),
    4070006: _("That code is wrong or has already been used. Try again or request a new one."),
    5000000: _("Something went wrong on our side. Please try again later."),
    5000001: _("Something went wrong on our side. Please try again later."),
    5000002: _("You can't sign in right now. Please try again later."),
    5000003: _("Your organization has not set up sign-in here. Contact its administrator."),
}


#: Ids of the errors of Kratos about a form. Web hooks have other ids for theirs.
FORM_ERRORS = range(4_000_000, 4_900_000)


@dataclass(frozen=True)
class Note:
    """A message of a page. ``level`` is info, success or error; ``id`` is Kratos', or 0.

    ``trait``: the name of the missing trait, if Kratos names one in a message of the whole form.
    """

    level: str
    text: str
    id: int = 0
    trait: str = ""

    @property
    def rejects_value(self) -> bool:
        """Whether the value is invalid by itself. A web hook may accept the value in another form."""
        return self.level == "error" and self.id in FORM_ERRORS

    @classmethod
    def from_message(cls, message: UiText) -> Note:
        """Convert a message of Kratos. An unknown level becomes info."""
        level = message.type if message.type in LEVELS else "info"
        context = message.context if isinstance(message.context, Mapping) else {}
        trait = context.get("property") if message.id == MISSING_TRAIT else ""
        return cls(level, get_text(message), message.id or 0, trait if isinstance(trait, str) else "")


def get_text(message: UiText) -> str:
    """Return the text of a message or label in the active language. Never marked safe."""
    number = message.id or 0
    if number == TRAIT_LABEL:
        return translate_title(message.text or "")
    context = message.context if isinstance(message.context, Mapping) else {}
    template, more = get_variant(number, context, message.text or "") or (
        TEXTS.get(number, REFUSAL_TEXTS.get(number)),
        {},
    )
    if template is None:
        return message.text or ""
    values = {name: _format_value(name, value) for name, value in {**context, **more}.items()}
    try:
        # Not str(template): ngettext_lazy chooses the plural by the values.
        return str(template % {name: value for name, value in values.items() if value != ""})
    except (KeyError, ValueError, TypeError):
        return message.text or ""


def _format_value(name: str, value: Any) -> str | int:
    """Return a value for a text, in the format of the active language; "" for one that cannot be shown."""
    if isinstance(value, list):
        return ", ".join(str(item) for item in value if isinstance(item, (str, int)))
    if isinstance(value, str) and name.endswith("_at"):
        return _format_day(value)
    if isinstance(value, str) and name in ADDRESSES:
        return isolate_direction(value)
    if isinstance(value, str) and name == "provider":
        return PROVIDERS.get(value.lower(), value)
    if isinstance(value, float):
        return localize(value)
    return value if isinstance(value, (str, int)) else ""


def _format_day(value: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    return date_format(localtime(moment if moment.tzinfo else moment.replace(tzinfo=UTC)), "DATE_FORMAT")
