"""Actions of staff on rows: Ory first, then a log entry per row, then one message per failure."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.contrib import messages
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from django_ory.client import OryRateLimited, OryTransportError
from django_ory.mirror.errors import ORY_ERRORS, error_text
from django_ory.models import Mirrored, ProjectRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.http import HttpRequest
    from django.utils.functional import _StrOrPromise

Row = TypeVar("Row", bound=Mirrored)

ACTION_SECONDS = 20.0  # less than the request timeout of web servers
ABORT_ON = (OryTransportError, OryRateLimited)  # the other rows would fail, too
MAX_MESSAGES = 10  # messages about single rows are stored in a cookie


@dataclass(frozen=True, kw_only=True)
class OryAction(Generic[Row]):
    """A change that staff can make to rows in Ory."""

    name: str
    permission: str  #: ``has_<permission>_permission`` of the admin class decides
    success_message: Any  #: ``ngettext_lazy(..., ..., "count")``
    run: Callable[[Row], tuple[str, ...]]  #: returns a sentence for each follow-up step that failed
    button_label: _StrOrPromise = ""
    action_label: _StrOrPromise = ""  #: in the list of actions
    log: str = ""  #: the entry in the history; "" if nothing changes in Ory
    flag: int = CHANGE
    is_available: Callable[[Row], bool] = lambda row: True  #: whether the page of this row has the button
    denial_reason: Callable[[HttpRequest, Row], str] = lambda request, row: ""  #: "" if allowed


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


@dataclass(kw_only=True)
class Outcome:
    """The result of an action on a number of rows."""

    done: int = 0
    skipped: int = 0
    failures: list[tuple[Mirrored, str]] = field(default_factory=list)
    problems: list[tuple[Mirrored, str]] = field(default_factory=list)  #: failed follow-up steps


def run_action(action: OryAction[Row], request: HttpRequest, rows: Iterable[Row], *, count: int) -> Outcome:
    """Run the action on each of ``count`` rows.

    Stops when Ory does not respond or the time limit is reached. Each changed row is logged before the next
    one.
    """
    outcome, end = Outcome(), time.monotonic() + ACTION_SECONDS
    for row in rows:
        if denied := action.denial_reason(request, row):
            outcome.failures.append((row, denied))
            continue
        try:
            problems = action.run(row)
        except ORY_ERRORS as error:
            outcome.failures.append((row, error_text(error)))
            if isinstance(error, ABORT_ON):
                break
        else:
            outcome.done += 1
            outcome.problems += [(row, problem) for problem in problems]
            if action.log:
                write_log_entry(request.user.pk, row, action.flag, " ".join([action.log, *problems]))
        if time.monotonic() > end:
            break
    outcome.skipped = count - outcome.done - len(outcome.failures)
    return outcome


def write_log_entry(user_id: Any, row: ProjectRow, flag: int, message: str | list[Any]) -> LogEntry:
    """Add an entry to the history of a row, without personal data in the name of the row."""
    return LogEntry.objects.create(
        user_id=user_id,
        content_type=ContentType.objects.get_for_model(row),
        object_id=str(row.pk),
        object_repr=row.log_name[:200],
        action_flag=flag,
        change_message=message if isinstance(message, str) else json.dumps(message),
    )


def report(
    action: OryAction[Any], request: HttpRequest, outcome: Outcome, *, url: Callable[[Mirrored], str]
) -> None:
    """Add messages: the number of changed rows, and each failure with a link to the row."""
    if outcome.done:
        messages.success(request, action.success_message % {"count": outcome.done})
    failed = [(messages.ERROR, _("{row} was not changed: {reason}"), *each) for each in outcome.failures]
    failed += [(messages.WARNING, "{row}: {reason}", *each) for each in outcome.problems]
    for level, text, row, reason in failed[:MAX_MESSAGES]:
        is_deleted = level == messages.WARNING and action.flag == DELETION
        name = str(row) if is_deleted else format_html('<a href="{}">{}</a>', url(row), row)
        messages.add_message(request, level, format_html(text, row=name, reason=reason))
    if rest := len(failed[MAX_MESSAGES:]):
        text = ngettext("%(count)d more failed.", "%(count)d more failed.", rest)
        messages.error(request, text % {"count": rest})
    if outcome.skipped:
        text = ngettext(
            "%(count)d was skipped: no response from Ory, or time limit reached. Run the action again.",
            "%(count)d were skipped: no response from Ory, or time limit reached. Run the action again.",
            outcome.skipped,
        )
        messages.warning(request, text % {"count": outcome.skipped})
