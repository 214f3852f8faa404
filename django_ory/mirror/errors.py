"""Errors of Ory as sentences for staff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from django_ory.client import (
    InvalidPathParameter,
    OryAPIError,
    OryCircuitOpen,
    OryConnectionError,
    OryDecodeError,
    OryError,
    OryResponseTooLarge,
    OryServiceNotConfigured,
    OryTimeout,
    OryUsageError,
    RouteNotFound,
)
from django_ory.conf import OryConfigurationError

if TYPE_CHECKING:
    from .rows import SyncReport

__all__ = ["ORY_ERRORS", "UNADDRESSABLE", "EditConflict", "error_text", "format_unreadable"]

MAX_NAMED = 20


class EditConflict(Exception):
    """The resource in Ory is no longer as it was shown, so the change was not made."""


#: The exceptions of this package's services when a change did not happen: catch them around every call.
ORY_ERRORS = (OryError, OryUsageError, OryConfigurationError, EditConflict)
#: No request can name the id of the resource, so nothing is known about the resource.
UNADDRESSABLE = (RouteNotFound, InvalidPathParameter)


def error_text(error: Exception) -> str:
    """Return the reason in one to three sentences. For a response of Ory, its own text."""
    match error:
        case RouteNotFound() | InvalidPathParameter():
            return _(
                "Nothing was changed, because Ory cannot address this id. No server can address the ids “.” "
                "and “..”, and Hydra before 25.4 cannot address ids with a slash. If this is another id, "
                "check the URL in settings.ORY."
            )
        case OryAPIError():
            said = (error.reason or error.message)[:500]
            return said or _("Ory answered with status %(status)s.") % {"status": error.status}
        case OryTimeout():
            return _(
                "Ory did not answer in time, so it is not known whether it made the change. Sync to find out."
            )
        case OryConnectionError() | OryCircuitOpen():
            return _("Ory could not be reached.")
        case OryResponseTooLarge():
            return _("The response of Ory is too large.")
        case OryDecodeError(status=status) if 200 <= status < 300:
            return _(
                "The response of Ory could not be read. Check the URL in settings.ORY; if it is right, the "
                "traits have values that cannot be read."
            )
        case OryDecodeError():
            return _("The server at this URL does not speak Ory's API. Check the URL in settings.ORY.")
        case OryServiceNotConfigured():
            return _("The URL of this service is not set in settings.ORY.")
        case EditConflict():
            return _(
                "It was changed in Ory after you opened this page, so nothing was changed now. Open the page "
                "again and repeat your change."
            )
        case _:
            return str(error)


def format_unreadable(report: SyncReport) -> str:
    """The resources of a sync that could not be read, counted and named."""
    names = [each or _("one without an id") for each in report.unreadable[:MAX_NAMED]]
    if len(report.unreadable) > MAX_NAMED:
        names.append("…")
    text = _(
        "%(alias)s: %(count)d could not be read: %(names)s. Only their ids are known. They can be deleted."
    )
    return text % {"alias": report.alias, "count": len(report.unreadable), "names": ", ".join(names)}
