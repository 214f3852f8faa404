"""The export of selected identities: streamed, and logged for each identity before it is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.handlers.asgi import ASGIRequest
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBadRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext_lazy

from django_ory.admin.actions import OryAction, build_log_entry
from django_ory.mirror.exports import EXPORT_FORMATS
from django_ory.models import BulkJob, BulkJobRow, Identity

ROWS_PER_CHUNK = 250


def respond_with_export(admin: Any, request: HttpRequest, job: BulkJob) -> HttpResponseBase:
    """Return the file with the identities of a job, in the format of the form."""
    name = request.POST.get("format", "")
    if name not in EXPORT_FORMATS:
        return HttpResponseBadRequest("Unknown format.", content_type="text/plain")
    drafts = BulkJob.objects.filter(pk=job.pk, state=BulkJob.State.DRAFT)
    if not drafts.update(state=BulkJob.State.DONE, finished_at=timezone.now()):
        response: HttpResponseBase = admin.redirect_to_job(request, job)
        return response
    content_type, export = EXPORT_FORMATS[name]
    chunks = partial(_iterate_chunks, admin.get_queryset(request), job)
    parts = export(chunks, before_rows=partial(_log_rows, job, f"Exported as {name.upper()}."))
    content: Any = _iterate_async(parts) if isinstance(request, ASGIRequest) else parts
    file_name = f"identities-{timezone.now():%Y-%m-%d}.{name}"
    return StreamingHttpResponse(
        content,
        content_type=content_type,
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{file_name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def _iterate_chunks(queryset: QuerySet[Identity], job: BulkJob) -> Iterator[list[Identity]]:
    """Read the rows of a job. Rows that were deleted since the choice are left out."""
    last = 0
    while items := list(job.rows.filter(pk__gt=last).order_by("pk")[:ROWS_PER_CHUNK]):
        yield list(queryset.filter(pk__in=[item.object_id for item in items]).order_by("pk"))
        last = items[-1].pk


def _log_rows(job: BulkJob, message: str, rows: list[Identity]) -> None:
    """Write the log entries and the results of exported rows."""
    LogEntry.objects.bulk_create(build_log_entry(job.user_id, row, CHANGE, message) for row in rows)
    exported = job.rows.filter(object_id__in=[str(row.pk) for row in rows])
    exported.update(outcome=BulkJobRow.Outcome.DONE)


async def _iterate_async(parts: Iterator[str]) -> AsyncIterator[str]:
    """Return the parts for ASGI, where Django would collect a synchronous iterator in memory."""
    read = sync_to_async(lambda: next(parts, None))
    while (part := await read()) is not None:
        yield part


EXPORT = OryAction[Identity](
    name="export",
    permission="export",
    action_label=gettext_lazy("Export selected identities"),
    success_message=ngettext_lazy(
        "%(count)d identity was exported.", "%(count)d identities were exported.", "count"
    ),
    run=lambda row: (),
    respond=respond_with_export,
    confirmation_template="job/export.html",
)
