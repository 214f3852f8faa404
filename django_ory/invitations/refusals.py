"""The reasons why a sign-up is refused, with the texts of the form, and ids like the messages of Kratos.

The web hook sends id and English text; our pages show the text in the language of the page.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from django.utils.translation import gettext_lazy as _


class Refusal(Enum):
    """The value is the id of the message. Kratos has no messages in this range."""

    MISSING = 4900001
    INVALID = 4900002
    EXPIRED = 4900003
    REVOKED = 4900004
    USED = 4900005
    OTHER_EMAIL = 4900006
    TAKEN = 4900007
    UNAVAILABLE = 4900008

    @property
    def reason(self) -> str:
        """The key of the page that explains the refusal."""
        return f"invitation_{self.name.lower()}"


REFUSAL_TEXTS: dict[int, Any] = {
    Refusal.MISSING.value: _("You need an invitation to sign up. Open the link in your invitation."),
    Refusal.INVALID.value: _("This invitation is not valid. Open the link in your invitation again."),
    Refusal.EXPIRED.value: _("This invitation has expired. Ask for a new one."),
    Refusal.REVOKED.value: _("This invitation has been withdrawn. Ask for a new one."),
    Refusal.USED.value: _("This invitation has already been used."),
    Refusal.OTHER_EMAIL.value: _("Use the email address that the invitation was sent to."),
    Refusal.TAKEN.value: _(
        "An account with these details already exists. Sign in instead, or recover your account."
    ),
    Refusal.UNAVAILABLE.value: _("Your invitation could not be checked. Try again in a moment."),
}
