"""Making one change to many rows: Ory first, a log entry when it has happened, a message for each failure."""

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
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from django_ory.client import OryRateLimited, OryTransportError
from django_ory.mirror.errors import ORY_ERRORS, error_text
from django_ory.models import Mirrored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.http import HttpRequest
    from django.utils.functional import _StrOrPromise

__all__ = ["SECONDS", "OryAction", "Outcome", "refreshing", "report", "run_action", "write_log_entry"]

Row = TypeVar("Row", bound=Mirrored)

SECONDS = 20.0  # less than what web servers give a request
ABORT_ON = (OryTransportError, OryRateLimited)  # the next row would fare no better
MAX_MESSAGES = 10  # messages about single rows; they travel in a cookie


@dataclass(frozen=True, kw_only=True)
class OryAction(Generic[Row]):
    """One thing that staff can do to a row in Ory."""

    name: str
    permission: str  #: ``has_<permission>_permission`` of the admin class decides
    success_message: Any  #: ``ngettext_lazy(..., ..., "count")``
    run: Callable[[Row], tuple[str, ...]]  #: returns what else should have happened but did not
    button: _StrOrPromise = ""
    action: _StrOrPromise = ""  #: its name in the list of actions
    log: str = ""  #: for the history; "" if nothing changed in Ory
    flag: int = CHANGE
    is_available: Callable[[Row], bool] = lambda row: True  #: whether the page of this row has the button
    denial_reason: Callable[[HttpRequest, Row], str] = lambda request, row: (
        ""
    )  #: why not this row, "" if nothing is wrong


def refreshing(refresh: Callable[[Any], Mirrored]) -> OryAction[Any]:
    """The change that only reads: ``refresh`` rewrites a row from Ory and returns it."""

    def run(row: Mirrored) -> tuple[str, ...]:
        return (_("It no longer exists in Ory."),) if refresh(row).missing_since else ()

    return OryAction(
        name="refresh",
        permission="sync",
        button=gettext_lazy("Refresh from Ory"),
        action=gettext_lazy("Refresh selected %(verbose_name_plural)s from Ory"),
        success_message=ngettext_lazy("%(count)d was refreshed.", "%(count)d were refreshed.", "count"),
        run=run,
    )


@dataclass(kw_only=True)
class Outcome:
    """What became of a change to a number of rows."""

    done: int = 0
    untried: int = 0
    failures: list[tuple[Mirrored, str]] = field(default_factory=list)
    problems: list[tuple[Mirrored, str]] = field(default_factory=list)  #: done, but not entirely


def run_action(change: OryAction[Row], request: HttpRequest, rows: Iterable[Row], *, count: int) -> Outcome:
    """Make the change to each of ``count`` rows.

    Stops when Ory does not answer or time is up; the rest is counted as ``untried``. A row that was changed
    is logged before the next one is tried.
    """
    outcome, end = Outcome(), time.monotonic() + SECONDS
    user_id: Any = request.user.pk
    for row in rows:
        refused = change.denial_reason(request, row)
        if refused:
            outcome.failures.append((row, refused))
            continue
        try:
            problems = change.run(row)
        except ORY_ERRORS as error:
            outcome.failures.append((row, error_text(error)))
            if isinstance(error, ABORT_ON):
                break
        else:
            outcome.done += 1
            outcome.problems += [(row, problem) for problem in problems]
            if change.log:
                note = " ".join([change.log, *problems])
                write_log_entry(user_id, row, change.flag, note)
        if time.monotonic() > end:
            break
    outcome.untried = count - outcome.done - len(outcome.failures)
    return outcome


def write_log_entry(user_id: Any, row: Mirrored, flag: int, message: str | list[Any]) -> LogEntry:
    """Add an entry to the history of a row, under the name that may outlive it."""
    return LogEntry.objects.create(
        user_id=user_id,
        content_type=ContentType.objects.get_for_model(row),
        object_id=str(row.pk),
        object_repr=row.log_name[:200],
        action_flag=flag,
        change_message=message if isinstance(message, str) else json.dumps(message),
    )


def report(
    change: OryAction[Any], request: HttpRequest, outcome: Outcome, *, url: Callable[[Mirrored], str]
) -> None:
    """Say in messages how many it were, and which failed and why, with a link to each."""
    if outcome.done:
        messages.success(request, change.success_message % {"count": outcome.done})
    told = [
        *((messages.ERROR, _("Not done: {row}: {why}"), row, why, True) for row, why in outcome.failures),
        *(
            (messages.WARNING, "{row}: {why}", row, why, change.flag != DELETION)
            for row, why in outcome.problems
        ),
    ]
    for level, text, row, why, exists in told[:MAX_MESSAGES]:
        link = format_html('<a href="{}">{}</a>', url(row), row) if exists else str(row)
        messages.add_message(request, level, format_html(text, row=link, why=why))
    if len(told) > MAX_MESSAGES:
        rest = len(told) - MAX_MESSAGES
        text = ngettext("%(count)d more failed.", "%(count)d more failed.", rest)
        messages.error(request, text % {"count": rest})
    if outcome.untried:
        text = ngettext(
            "%(count)d was not tried: Ory does not respond, or the time ran out. Run the action again.",
            "%(count)d were not tried: Ory does not respond, or the time ran out. Run the action again.",
            outcome.untried,
        )
        messages.warning(request, text % {"count": outcome.untried})
