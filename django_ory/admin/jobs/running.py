"""Runs bulk jobs: one process at a time, row by row, until the time is up or Ory does not respond.

A process that is killed leaves a row "started". The next one runs the action on this row again; all actions
may be repeated. The result of a row and its log entry are written together, and once.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.apps import apps
from django.contrib.admin.models import DELETION
from django.contrib.admin.sites import all_sites
from django.db import DatabaseError, router, transaction
from django.db.models import F, Q
from django.http import HttpRequest
from django.urls import get_resolver
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from django_ory.admin.actions import write_log_entry
from django_ory.admin.reasons import redact_reason
from django_ory.client import (
    OryAPIError,
    OryCircuitOpen,
    OryConnectionError,
    OryRateLimited,
    OryServerError,
    OryTimeout,
)
from django_ory.mirror.errors import ORY_ERRORS, error_text
from django_ory.models import BulkJob, BulkJobRow, Identity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.db.models import QuerySet

    from django_ory.admin.actions import OryAction

logger = logging.getLogger("django_ory.admin")

State, Outcome = BulkJob.State, BulkJobRow.Outcome

LOCK_SECONDS = 60.0  # more than the slowest row; after a crash, another process waits so long
JOB_SECONDS = 60.0  # of a worker; then the job is enqueued again, so that other tasks get their turn
FIRST_RETRY_SECONDS, MAX_RETRY_SECONDS = 15.0, 600.0
MAX_ROW_ATTEMPTS = 3  # per row
ROWS_PER_QUERY = 100
UNFINISHED = (Outcome.PENDING, Outcome.STARTED)
MAX_SERVER_ERRORS = 3  # in a row; then Ory is considered unavailable
#: All rows would fail, and the failure says nothing about the row.
OUTAGES = (OryConnectionError, OryCircuitOpen, OryRateLimited)
#: The failure of this row or of the server. The row is tried again later, at most ``MAX_ROW_ATTEMPTS`` times.
SERVER_ERRORS = (OryTimeout, OryServerError)


class JobStopped(Exception):
    """The job must not continue. The text is the reason."""


class LockLost(Exception):
    """Another process works on the job, or the job was canceled."""


def run_job(job_id: int, *, seconds: float = JOB_SECONDS, is_forced: bool = False) -> float | None:
    """Run a part of a confirmed job.

    Args:
        job_id: The primary key.
        seconds: The time after which no further row is started.
        is_forced: True runs the job before the time of its next attempt.

    Returns:
        The seconds after which the rest can run; None if there is no rest.
    """
    now, lock = timezone.now(), uuid4()
    jobs = _filter_ready(now, is_forced=is_forced).filter(pk=job_id)
    if not jobs.update(lock=lock, locked_until=now + timedelta(seconds=LOCK_SECONDS)):
        return _get_waiting_time(job_id)
    job = BulkJob.objects.get(pk=job_id)
    try:
        with translation.override(job.language or None):
            return _JobRun(job, lock, end=time.monotonic() + seconds).run()
    finally:
        BulkJob.objects.filter(pk=job_id, lock=lock).update(lock=None, locked_until=None)


def run_jobs() -> None:
    """Run every job that is due, for a schedule. Continues jobs whose worker or queue failed."""
    for job_id in list_due_jobs():
        while run_job(job_id) == 0:
            pass


def list_due_jobs() -> list[int]:
    """Return the primary keys of the jobs that can run now, the oldest first."""
    return list(_filter_ready(timezone.now()).order_by("pk").values_list("pk", flat=True))


def _filter_ready(now: datetime, *, is_forced: bool = False) -> QuerySet[BulkJob]:
    """Return the open jobs that no process works on and that are due, or all of these if it is forced."""
    free = Q(locked_until=None) | Q(locked_until__lte=now)
    due = Q() if is_forced else Q(retry_at=None) | Q(retry_at__lte=now)
    return BulkJob.objects.filter(free, due, state=State.OPEN)


def _get_waiting_time(job_id: int) -> float | None:
    """Return the seconds until a job is unlocked and due; None if it has ended."""
    job = BulkJob.objects.filter(pk=job_id, state=State.OPEN).first()
    if job is None:
        return None
    now = timezone.now()
    times = [each for each in (job.locked_until, job.retry_at) if each is not None]
    return max([1.0, *((each - now).total_seconds() for each in times)])


def find_action(job: BulkJob, request: HttpRequest) -> tuple[Any, OryAction[Any]]:
    """Return the admin class and the action of a job.

    Raises JobStopped if they do not exist any more, or if the user may not run the action.
    """
    admins = _list_admins(job)
    if not admins:  # a worker may not have imported the URLconf, which may define sites
        get_resolver().url_patterns  # noqa: B018 (imports the modules)
        admins = _list_admins(job)
    for admin in admins:
        for action in _get_bulk_actions(admin):
            if action.name == job.action:
                if not admin.has_permission_for(request, action):
                    raise JobStopped(_("The user does not have the permission for this action."))
                return admin, action
    raise JobStopped(_("This site does not have the action any more."))


def _list_admins(job: BulkJob) -> list[Any]:
    model = apps.get_model(job.model)
    sites = [site for site in all_sites if site.name == job.site and site.is_registered(model)]
    return [site.get_model_admin(model) for site in sites]


def _get_bulk_actions(admin: Any) -> list[OryAction[Any]]:
    """Return the actions of an admin class; none for a class of the project that has no bulk actions."""
    return admin.get_bulk_actions() if hasattr(admin, "get_bulk_actions") else []


def build_request(user: Any) -> HttpRequest:
    """Return a request of a user, for the permissions of an admin class. Raises JobStopped."""
    is_staff = user is not None and user.is_active and getattr(user, "is_staff", False)
    if not is_staff:
        raise JobStopped(_("The user is not active staff any more."))
    if Identity.objects.filter(user=user, state=Identity.State.INACTIVE).exists():
        raise JobStopped(_("The identity of the user is not active any more."))
    request = HttpRequest()
    request.method, request.user = "POST", user
    return request


def _describe_outage(error: Exception) -> str:
    """Return why a job waits, without a text of Ory, which could contain personal data of any row."""
    if isinstance(error, OryAPIError):
        return _("Ory returned status %(status)s.") % {"status": error.status}
    return error_text(error)


class _JobRun:
    """One process that works on a locked job."""

    def __init__(self, job: BulkJob, lock: UUID, *, end: float) -> None:
        self.job = job
        self.lock = lock
        self.end = end
        self.server_errors = 0  # in a row
        self.last_error: Exception | None = None

    def run(self) -> float | None:
        try:
            self.request = build_request(self.job.user)  # read now: the user may have changed since
            self.admin, self.action = find_action(self.job, self.request)
            for item in self._iterate_rows():
                self._renew_lock()
                self._run_row(item)
                if time.monotonic() >= self.end:
                    break
            else:
                return self._end()
        except LockLost:
            return _get_waiting_time(self.job.pk)
        except JobStopped as error:
            self._update(state=State.STOPPED, reason=str(error), finished_at=timezone.now())
            return None
        except (*OUTAGES, *SERVER_ERRORS) as error:
            return self._postpone(error)
        return 0.0

    def _iterate_rows(self) -> Iterator[BulkJobRow]:
        rows, last = self.job.rows.filter(outcome__in=UNFINISHED).order_by("pk"), 0
        while chunk := list(rows.filter(pk__gt=last)[:ROWS_PER_QUERY]):
            yield from chunk
            last = chunk[-1].pk

    def _end(self) -> float | None:
        """Finish the job, unless rows are to be tried again."""
        if self.last_error is not None and self.job.rows.filter(outcome__in=UNFINISHED).exists():
            return self._postpone(self.last_error)
        self._update(state=State.DONE, reason="", finished_at=timezone.now(), retry_at=None)
        return None

    def _update(self, **values: Any) -> int:
        jobs = BulkJob.objects.filter(pk=self.job.pk, lock=self.lock, state=State.OPEN)
        return jobs.update(**values)

    def _renew_lock(self) -> None:
        if not self._update(locked_until=timezone.now() + timedelta(seconds=LOCK_SECONDS)):
            raise LockLost

    def _postpone(self, error: Exception) -> float:
        """Set the time of the next attempt, later after each failure. Returns the seconds until then."""
        wait: float = min(FIRST_RETRY_SECONDS * 2 ** min(self.job.failures, 10), MAX_RETRY_SECONDS)
        if isinstance(error, OryRateLimited):
            wait = max(wait, error.retry_after or 0.0)
        self._update(
            reason=_describe_outage(error),
            failures=min(self.job.failures + 1, 1000),
            retry_at=timezone.now() + timedelta(seconds=wait),
        )
        return wait

    def _run_row(self, item: BulkJobRow) -> None:
        rows = self.job.rows.filter(pk=item.pk, outcome__in=UNFINISHED)
        if item.attempts >= MAX_ROW_ATTEMPTS:
            self._finish(item, None, Outcome.FAILED, _("Interrupted several times. The result is unknown."))
            return
        if not rows.update(outcome=Outcome.STARTED, attempts=F("attempts") + 1):
            return
        row = self.admin.get_queryset(self.request).filter(pk=item.object_id).first()
        if row is None:
            is_done = item.attempts > 0 and self.action.flag == DELETION  # by the attempt before
            reason = "" if is_done else _("This object no longer exists.")
            self._finish(item, None, Outcome.DONE if is_done else Outcome.FAILED, reason)
        elif denied := self._get_denial(row):
            self._finish(item, row, Outcome.FAILED, denied)
        else:
            self._change(item, row)

    def _get_denial(self, row: Any) -> str:
        """Return why an action is not allowed for a row; "" if it is allowed."""
        if self.action.flag == DELETION:
            _tree, _counts, lacking, protected = self.admin.get_deleted_objects([row], self.request)
            if protected:
                return _("Protected objects point to this object.")
            if lacking:
                return _("Related objects would be deleted, too, without your permission.")
        return self.action.denial_reason(self.request, row)

    def _change(self, item: BulkJobRow, row: Any) -> None:
        try:
            problems = [redact_reason(text, row) for text in self.action.run(row)]
        except OUTAGES:
            self._release(item, attempts=item.attempts)
            raise
        except SERVER_ERRORS as error:
            self._retry_later(item, error, redact_reason(error_text(error), row))
        except ORY_ERRORS as error:
            self._finish(item, row, Outcome.FAILED, redact_reason(error_text(error), row))
            self._forget_failures()
        except DatabaseError:  # the result could not be written, either
            raise
        except Exception as error:  # noqa: BLE001 (one failing row does not stop the others)
            # Only the class: the text could contain personal data.
            name = type(error).__name__
            logger.warning("Bulk action %s failed for %s: %s.", self.job.log_name, item.name, name)
            self._finish(item, row, Outcome.FAILED, _("Internal error: %(name)s.") % {"name": name})
        else:
            self._finish(item, row, Outcome.INCOMPLETE if problems else Outcome.DONE, " ".join(problems))
            self._forget_failures()

    def _forget_failures(self) -> None:
        """Ory responds again."""
        self.server_errors = 0
        if self.job.failures:
            self.job.failures = 0
            self._update(failures=0, retry_at=None, reason="")

    def _release(self, item: BulkJobRow, **values: Any) -> None:
        rows = self.job.rows.filter(pk=item.pk, outcome=Outcome.STARTED)
        rows.update(outcome=Outcome.PENDING, **values)

    def _retry_later(self, item: BulkJobRow, error: Exception, reason: str) -> None:
        """Leave a row for another attempt. Raises the error if several rows failed in a row."""
        self.last_error = error
        self.server_errors += 1
        if item.attempts + 1 >= MAX_ROW_ATTEMPTS:
            self._finish(item, None, Outcome.FAILED, reason)
        else:
            self._release(item, reason=reason)
        if self.server_errors >= MAX_SERVER_ERRORS:
            raise error

    def _finish(self, item: BulkJobRow, row: Any, outcome: BulkJobRow.Outcome, reason: str) -> None:
        """Write the result of a row and its log entry, unless another process has done so."""
        with transaction.atomic(using=router.db_for_write(BulkJobRow)):
            rows = self.job.rows.filter(pk=item.pk, outcome__in=UNFINISHED)
            if not rows.update(outcome=outcome, reason=reason):
                return
            if outcome != Outcome.FAILED and self.action.log:
                row = row or self.admin.model(pk=item.object_id)
                message = " ".join(filter(None, [self.action.log, reason]))
                write_log_entry(self.job.user_id, row, self.action.flag, message, name=item.name)
