"""What went wrong at Ory, as a sentence for staff."""

from __future__ import annotations

from django.utils.translation import gettext as _

from django_ory.client import (
    OryAPIError,
    OryCircuitOpen,
    OryConnectionError,
    OryDecodeError,
    OryError,
    OryServiceNotConfigured,
    OryTimeout,
    OryUsageError,
)
from django_ory.conf import OryConfigurationError

__all__ = ["REFUSALS", "ChangedMeanwhile", "reason"]


class ChangedMeanwhile(Exception):
    """Ory has something else by now than what the change was thought out on, so it was not made."""


#: What the services of this room raise when a change did not happen: catch these around every call of them.
REFUSALS = (OryError, OryUsageError, OryConfigurationError, ChangedMeanwhile)


def reason(error: Exception) -> str:
    """Why, in one or two sentences; for an answer from Ory, in Ory's words."""
    match error:
        case OryAPIError():
            said = (error.reason or error.message)[:500]
            return said or _("Ory answered with status %(status)s.") % {"status": error.status}
        case OryTimeout():
            return _(
                "Ory did not answer in time, so it is not known whether it made the change. Sync to find out."
            )
        case OryConnectionError() | OryCircuitOpen():
            return _("Ory could not be reached.")
        case OryDecodeError():
            return _("Something answered that does not speak Ory's API. Check the URL in settings.ORY.")
        case OryServiceNotConfigured():
            return _("The URL of this service is not set in settings.ORY.")
        case ChangedMeanwhile():
            return _(
                "Somebody changed it in Ory after you opened this page, so nothing was changed now. Open it "
                "anew and make your change again."
            )
        case _:
            return str(error)
