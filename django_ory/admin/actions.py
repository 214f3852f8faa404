"""Actions of staff on rows: Ory first, then the log entry, then the message. For selections see ``jobs``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.contrib import messages
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ory.mirror.errors import ORY_ERRORS, error_text
from django_ory.models import Mirrored, ProjectRow

from .reasons import redact_hidden, redact_reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase
    from django.utils.functional import _StrOrPromise

Row = TypeVar("Row", bound=Mirrored)

ACTION_SECONDS = 20.0  # less than the request timeout of web servers


@dataclass(frozen=True, kw_only=True)
class OryAction(Generic[Row]):
    """A change that staff can make to rows in Ory."""

    name: str
    permission: str  #: ``has_<permission>_permission`` of the admin class decides
    success_message: Any  #: ``ngettext_lazy(..., ..., "count")``
    run: Callable[[Row], tuple[str, ...]]  #: returns a sentence for each follow-up step that failed
    button_label: _StrOrPromise = ""
    action_label: _StrOrPromise = ""  #: in the list of actions; "": no action for a selection
    log: str = ""  #: the entry in the history; "" if nothing changes in Ory
    flag: int = CHANGE
    is_available: Callable[[Row], bool] = lambda row: True  #: whether the page of this row has the button
    denial_reason: Callable[[HttpRequest, Row], str] = lambda request, row: ""  #: "" if allowed
    #: Replaces ``run`` for a selection: gets the admin class, the request and the confirmed ``BulkJob``.
    respond: Callable[[Any, HttpRequest, Any], HttpResponseBase] | None = None
    confirmation_template: str = "job/confirm.html"  #: below ``admin/django_ory/``, for a selection


def refresh_action(refresh: Callable[[Any], Mirrored], success_message: Any) -> OryAction[Any]:
    """Return the action that only reads. ``refresh`` rewrites a row from Ory and returns it."""

    def run(row: Mirrored) -> tuple[str, ...]:
        return (_("This object no longer exists in Ory."),) if refresh(row).missing_since else ()

    return OryAction(
        name="refresh",
        permission="sync",
        button_label=gettext_lazy("Refresh from Ory"),
        action_label=gettext_lazy("Refresh selected %(verbose_name_plural)s from Ory"),
        success_message=success_message,
        run=run,
    )


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of an action on a row."""

    failure: str = ""  #: why nothing was changed; "" after a success
    problems: tuple[str, ...] = ()  #: failed follow-up steps


def run_action(action: OryAction[Row], request: HttpRequest, row: Row) -> Outcome:
    """Run the action on a row, and log a change."""
    if denied := action.denial_reason(request, row):
        return Outcome(failure=denied)
    try:
        problems = action.run(row)
    except ORY_ERRORS as error:
        return Outcome(failure=redact_hidden(error_text(error), row))
    if action.log:
        logged = [redact_reason(text, row) for text in problems]
        write_log_entry(request.user.pk, row, action.flag, " ".join([action.log, *logged]))
    return Outcome(problems=tuple(redact_hidden(text, row) for text in problems))


def build_log_entry(
    user_id: Any, row: ProjectRow, flag: int, message: str | list[Any], *, name: str = ""
) -> LogEntry:
    """Return a new entry in the history of a row, without personal data in the name of the row.

    ``name``: the name of a row that was deleted. Default: ``row.log_name``.
    """
    return LogEntry(
        user_id=user_id,
        content_type=ContentType.objects.get_for_model(row),
        object_id=str(row.pk),
        object_repr=(name or row.log_name)[:200],
        action_flag=flag,
        change_message=message if isinstance(message, str) else json.dumps(message),
    )


def write_log_entry(
    user_id: Any, row: ProjectRow, flag: int, message: str | list[Any], *, name: str = ""
) -> LogEntry:
    """Store the entry of ``build_log_entry``."""
    entry = build_log_entry(user_id, row, flag, message, name=name)
    entry.save(force_insert=True)
    return entry


def report(
    action: OryAction[Any], request: HttpRequest, row: Mirrored, outcome: Outcome, *, url: str
) -> None:
    """Add messages with the result, and with a link to the row."""
    if not outcome.failure:
        messages.success(request, action.success_message % {"count": 1})
    is_deleted = not outcome.failure and action.flag == DELETION
    name = str(row) if is_deleted else format_html('<a href="{}">{}</a>', url, row)
    if outcome.failure:
        text = format_html(_("{row} was not changed: {reason}"), row=name, reason=outcome.failure)
        messages.error(request, text)
    for problem in outcome.problems:
        messages.warning(request, format_html("{row}: {reason}", row=name, reason=problem))
