"""Errors of Ory as sentences for staff."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from django_ory.client import (
    InvalidPathParameter,
    OryAPIError,
    OryCircuitOpen,
    OryConnectionError,
    OryDecodeError,
    OryError,
    OryNotFound,
    OryResponseTooLarge,
    OryServiceNotConfigured,
    OryTimeout,
    OryUsageError,
    RouteNotFound,
)
from django_ory.exceptions import (
    ChangeUnconfirmed,
    EditConflict,
    OryConfigurationError,
    RotationUnsupported,
)

from .report import SyncReport

#: The exceptions of the mirror's services. Each means that a change was not made.
ORY_ERRORS = (
    OryError,
    OryUsageError,
    OryConfigurationError,
    EditConflict,
    ChangeUnconfirmed,
    RotationUnsupported,
)
#: No URL can have the id of the resource, so its state is unknown.
UNADDRESSABLE = (RouteNotFound, InvalidPathParameter)


class OtherResourceReturned(OryDecodeError):
    """The response is about another resource than the request. Nothing was written."""

    def __init__(self) -> None:
        super().__init__("the response is about another resource", status=200)


#: Kratos' message for a row that does not exist (ory/x, sqlcon.ErrNoRows), the same in all versions.
NO_SUCH_ROW = "Unable to locate the resource"


def is_missing_row(error: OryNotFound) -> bool:
    """Whether Kratos has no such resource. A proxy or another server at the URL returns other 404s."""
    detail = error.body.get("error") if isinstance(error.body, dict) else None
    return isinstance(detail, dict) and detail.get("message") == NO_SUCH_ROW


MAX_NAMES = 20
MAX_REASON_LENGTH = 500


def error_text(error: Exception) -> str:
    """Return the reason of an error in one to three sentences; for a response of Ory, Ory's own text."""
    match error:
        case RouteNotFound() | InvalidPathParameter():
            return _(
                "Nothing was changed: Ory cannot address this id. No server accepts the ids “.” and “..”. "
                "Hydra before 25.4 accepts no slash. For any other id, check the URL in settings.ORY."
            )
        case OryAPIError():
            reason = (error.reason or error.message)[:MAX_REASON_LENGTH]
            return reason or _("Ory returned status %(status)s.") % {"status": error.status}
        case OryTimeout():
            return _("Ory timed out, so it is unknown whether the change was made. Sync to find out.")
        case OryConnectionError() | OryCircuitOpen():
            return _("Ory could not be reached.")
        case ChangeUnconfirmed():
            return _(
                "Ory did not confirm the change in time. It was read again and does not have the change, but "
                "may still make it. Check the values, then repeat the change."
            )
        case OryResponseTooLarge():
            return _("The response of Ory is too large.")
        case OtherResourceReturned():
            return _(
                "Ory returned another object than the requested one, so nothing was written here. Check the "
                "URL in settings.ORY, and the caches of proxies in front of it."
            )
        case OryDecodeError(status=status) if 200 <= status < 300:
            return _(
                "The response of Ory could not be read. Check the URL in settings.ORY. If it is correct, the "
                "traits contain unreadable values."
            )
        case OryDecodeError():
            return _("The server at this URL is not Ory. Check the URL in settings.ORY.")
        case OryServiceNotConfigured():
            return _("The URL of this service is not set in settings.ORY.")
        case EditConflict():
            return _(
                "It was changed in Ory after you opened this page, so nothing was changed now. Open the page "
                "again and repeat your change."
            )
        case RotationUnsupported():
            return _(
                "This version of Hydra cannot keep the old secret valid, so nothing was changed. Replace the "
                "secret at once instead."
            )
        case _:
            return str(error)


def format_counts(report: SyncReport) -> str:
    """Return the counts of a sync in one line."""
    text = _(
        "%(name)s: %(seen)d seen, %(created)d created, %(updated)d updated, %(unchanged)d unchanged, "
        "%(missing)d marked missing."
    )
    name = _("%(alias)s (dry run)") % {"alias": report.alias} if report.dry_run else report.alias
    return text % {"name": name, **vars(report)}


def format_continuation(report: SyncReport) -> str:
    """Return a sentence for a sync that continued an interrupted one."""
    text = _("%(alias)s: continued the sync of %(start)s. The counts are those of the rest.")
    return text % {"alias": report.alias, "start": _format_time(report.continued_from)}


def format_changed_since(report: SyncReport) -> str:
    """Return a sentence for a sync of recent identities."""
    text = _(
        "%(alias)s: only identities with a new session since %(start)s were read. Deletions and changes by "
        "staff are found by a complete sync."
    )
    return text % {"alias": report.alias, "start": _format_time(report.changed_since)}


def format_unreadable(report: SyncReport) -> str:
    """Return a sentence with the number and the ids of the unreadable resources of a sync."""
    text = _(
        "%(alias)s: %(count)d could not be read: %(names)s. Only their ids are known. They can be deleted."
    )
    names = _format_ids(report.unreadable)
    return text % {"alias": report.alias, "count": len(report.unreadable), "names": names}


def format_failed(report: SyncReport) -> str:
    """Return a sentence with the number and the ids of the rows that a sync could not write."""
    text = _("%(alias)s: %(count)d could not be written: %(names)s. The log has the reasons.")
    return text % {"alias": report.alias, "count": len(report.failed), "names": _format_ids(report.failed)}


def _format_time(moment: datetime | None) -> str:
    if moment is None:
        return ""
    return date_format(timezone.localtime(moment) if timezone.is_aware(moment) else moment, "DATETIME_FORMAT")


def _format_ids(ids: Sequence[str]) -> str:
    names = [each or _("one without an id") for each in ids[:MAX_NAMES]]
    return ", ".join([*names, "…"] if len(ids) > MAX_NAMES else names)
