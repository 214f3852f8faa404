"""What Kratos says, in our words: message id -> text, translated by gettext.

An id that is not in the table, or whose context lacks a value, keeps Kratos' text, which gettext never sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_ory.client.models import UiText

__all__ = ["TEXTS", "Note", "note_of", "text_of"]

KINDS = ("info", "success", "error")

TEXTS: dict[int, Any] = {
    # Login: labels and steps.
    1010001: _("Sign in"),
    1010002: _("Sign in with %(provider)s"),
    1010003: _("Please confirm that it is you."),
    1010004: _("Please complete the second step."),
    1010005: _("Continue"),
    1010006: _("Code from your authenticator app"),
    1010007: _("Backup code"),
    1010008: _("Use security key"),
    1010009: _("Use authenticator app"),
    1010010: _("Use backup code"),
    1010011: _("Continue with security key"),
    1010012: _("Get your security key ready and touch it when the browser asks."),
    1010013: _("Continue"),
    1010014: _("We have sent you a code. Enter it to sign in."),
    1010015: _("Send me a sign-in code"),
    1010016: _(
        "There is already an account with %(duplicateIdentifier)s. Sign in to it to add %(provider)s."
    ),
    1010017: _("Sign in and link"),
    1010018: _("Sign in with %(provider)s and link"),
    1010019: _("Send me a code to continue"),
    1010021: _("Sign in with a passkey"),
    1010022: _("Sign in"),
    1010023: _("Send a code to %(address)s"),
    # Registration.
    1040001: _("Create account"),
    1040002: _("Sign up with %(provider)s"),
    1040003: _("Continue"),
    1040004: _("Sign up with a security key"),
    1040005: _("We have sent you a code. Enter it to finish."),
    1040006: _("Send me a code to sign up"),
    1040007: _("Sign up with a passkey"),
    1040008: _("Back"),
    1040009: _("Choose how you will sign in."),
    # Settings.
    1050001: _("Your changes are saved."),
    1050002: _("Link %(provider)s"),
    1050003: _("Unlink %(provider)s"),
    1050004: _("Remove the authenticator app"),
    1050005: _("QR code for your authenticator app"),
    1050007: _("Show backup codes"),
    1050008: _("Make new backup codes"),
    1050010: _("Your backup codes. Keep them in a safe place: each works once."),
    1050011: _("I have kept them, turn them on"),
    1050012: _("Add security key"),
    1050013: _("Name of the security key"),
    1050014: _("Used on %(used_at)s"),
    1050016: _("Turn backup codes off"),
    1050017: _("If you cannot scan the code, enter this secret in the app:"),
    1050018: _("Remove security key “%(display_name)s”"),
    1050019: _("Add passkey"),
    1050020: _("Remove passkey “%(display_name)s”"),
    # Recovery.
    1060001: _("You are signed in again. Set a new password now, so that you can sign in next time."),
    1060002: _("If this address belongs to an account, we have sent it a link. Open it to go on."),
    1060003: _("If this address belongs to an account, we have sent it a code."),
    1060004: _("If %(masked_address)s belongs to an account, we have sent it a code."),
    1060005: _("Please enter the full address, so that we know that it is yours."),
    1060006: _("Where shall we send the code?"),
    1060007: _("Back"),
    # Labels of nodes.
    1070001: _("Password"),
    1070003: _("Save"),
    1070004: _("Email or user name"),
    1070005: _("Continue"),
    1070006: _("Code from the app"),
    1070007: _("Email address"),
    1070008: _("Send another code"),
    1070009: _("Continue"),
    1070010: _("Code"),
    1070011: _("Code"),
    1070012: _("Code"),
    1070013: _("Code"),
    1070014: _("Sign in and link"),
    1070015: _("Please show that you are human."),
    1070016: _("Email address or phone number"),
    1070017: _("Phone number"),
    1070018: _("Email address or phone number"),
    # Verification.
    1080001: _("We have sent you a link. Open it to confirm your address."),
    1080002: _("Your email address is confirmed."),
    1080003: _("We have sent a code to your email address."),
    1080004: _("We have sent a code to your phone."),
    1080005: _("Your phone number is confirmed."),
    # What is wrong with a field.
    4000002: _("Please fill this in."),
    4000003: _("Please use at least %(min_length)s characters."),
    4000004: _("This does not have the expected form."),
    4000005: _("Please choose another password: %(reason)s"),
    4000006: _("These details are not right. Check the spelling and the password, and try again."),
    4000007: _("There is already an account with these details. Sign in instead, or recover your account."),
    4000008: _("This code is not right. Enter the one that your authenticator app shows now."),
    4000009: _("Please enter your email address or user name."),
    4000010: _("Your address is not confirmed yet. Please confirm it first."),
    4000011: _("You have no authenticator app set up."),
    4000012: _("This backup code was used before. Please take another."),
    4000013: _("You have no security key set up."),
    4000014: _("You have no backup codes set up."),
    4000015: _("This account has no security key or does not exist."),
    4000016: _("This backup code is not right."),
    4000017: _("Please use at most %(max_length)s characters."),
    4000018: _("Please enter %(minimum)s or more."),
    4000019: _("Please enter more than %(minimum)s."),
    4000020: _("Please enter %(maximum)s or less."),
    4000021: _("Please enter less than %(maximum)s."),
    4000022: _("Please enter a multiple of %(base)s."),
    4000023: _("Please enter at most %(max_items)s."),
    4000024: _("Please enter at least %(min_items)s."),
    4000025: _("Please enter nothing twice."),
    4000027: _(
        "There is already an account with these details. Sign in to it to add this way of signing in."
    ),
    4000028: _("There is already an account with these details. Sign in instead, or recover your account."),
    4000030: _("This must be accepted."),
    4000031: _("This password is too much like your name or address. Please choose another."),
    4000032: _("Please use a password of at least %(min_length)s characters."),
    4000033: _("Please use a password of at most %(max_length)s characters."),
    4000034: _("This password is known from data breaches and easy to guess. Please choose another."),
    4000035: _("We have no account with this address, or it has no sign-in by code."),
    4000036: _("The address is not the one the code was sent to. Please start again."),
    4000037: _("We have no account with these details."),
    4000038: _("We could not check that you are human. Please try again."),
    4000039: _("This is your password already. Please choose a new one."),
    4000040: _("Please enter an email address, like name@example.com."),
    4000041: _("Please enter a phone number with its country code, like +49 123 4567890."),
    # What is wrong with a flow.
    4010001: _("This page had expired. Please try again."),
    4010002: _("Please choose one way to sign in."),
    4010003: _("Please choose one way to sign up."),
    4010004: _("Nothing was chosen to change."),
    4010005: _("Please enter your address again."),
    4010006: _("Please enter your address again."),
    4010007: _("You have already done this."),
    4010008: _("This code is not right or was used before. Check it, or ask for another."),
    4010009: _(
        "These details belong to another account. Please sign in to the account that you want to link."
    ),
    4010010: _("This address does not belong to your account."),
    4010011: _("This account is turned off."),
    4040001: _("This page had expired. Please try again."),
    4040002: _("You have already done this."),
    4040003: _("This code is not right or was used before. Check it, or ask for another."),
    4050001: _("This page had expired. Please try again."),
    4060001: _("You have already used this code. Please start again."),
    4060002: _("Something went wrong on our side. Please start again."),
    4060004: _("This link was used before or is too old. Please start again."),
    4060005: _("This page had expired. Please try again."),
    4060006: _("This code is not right or was used before. Check it, or ask for another."),
    4070001: _("This link was used before or is too old. Please start again."),
    4070002: _("Your address is confirmed already."),
    4070003: _("Something went wrong on our side. Please start again."),
    4070005: _("This page had expired. Please try again."),
    4070006: _("This code is not right or was used before. Check it, or ask for another."),
    5000002: _("There is no way to sign in at the moment. Please come back later."),
    5000003: _("Your organization has no way to sign in here. Please ask its administrator."),
}


@dataclass(frozen=True)
class Note:
    """A message as it is shown. ``kind`` is info, success or error; ``id`` is Kratos', 0 for one of ours."""

    kind: str
    text: str
    id: int = 0


def note_of(message: UiText) -> Note:
    """A message of Kratos as it is shown."""
    return Note(message.type if message.type in KINDS else "info", text_of(message), message.id or 0)


def text_of(message: UiText) -> str:
    """The text of a message or label in the active language; never marked safe."""
    template = TEXTS.get(message.id or 0)
    if template is None:
        return message.text or ""
    context = {name: _worded(name, value) for name, value in _context(message).items()}
    try:
        return str(template) % {name: value for name, value in context.items() if value}
    except (KeyError, ValueError, TypeError):
        return message.text or ""


def _context(message: UiText) -> Mapping[str, Any]:
    context = message.context
    return context if isinstance(context, Mapping) else {}


def _worded(name: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value if isinstance(item, (str, int)))
    if isinstance(value, str) and name.endswith("_at"):
        return _day(value)
    return str(value) if isinstance(value, (str, int, float)) else ""


def _day(value: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    return date_format(localtime(moment if moment.tzinfo else moment.replace(tzinfo=UTC)), "DATE_FORMAT")
