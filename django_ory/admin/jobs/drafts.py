"""New bulk jobs: the chosen rows are stored once, so that exactly the confirmed rows are changed."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db import router, transaction
from django.utils import timezone
from django.utils.translation import get_language

from django_ory.models import BulkJob, BulkJobRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.admin import ModelAdmin
    from django.db.models import QuerySet
    from django.http import HttpRequest

MAX_JOB_ROWS = 50_000
KEEP_DAYS = 30
CHUNK_SIZE = 1000


class TooManyRows(Exception):
    """The selection has more than ``MAX_JOB_ROWS`` rows."""


def create_job(admin: ModelAdmin[Any], request: HttpRequest, action: str, queryset: QuerySet[Any]) -> BulkJob:
    """Store a job that the user has to confirm, with the rows of a selection.

    Raises TooManyRows; nothing is stored then.
    """
    prune_jobs()
    chosen = admin.model._default_manager.filter(pk__in=queryset.order_by().values("pk"))
    rows = chosen.order_by("pk").iterator(chunk_size=CHUNK_SIZE)
    return _store(admin, request, action, ((str(row.pk), row.log_name) for row in rows))


def repeat_job(admin: ModelAdmin[Any], request: HttpRequest, job: BulkJob) -> BulkJob:
    """Store a job with the rows of another one that have not succeeded."""
    rows = job.rows.exclude(outcome=BulkJobRow.Outcome.DONE).values_list("object_id", "name")
    return _store(admin, request, job.action, rows.iterator(chunk_size=CHUNK_SIZE))


def _store(
    admin: ModelAdmin[Any], request: HttpRequest, action: str, rows: Iterable[tuple[str, str]]
) -> BulkJob:
    with transaction.atomic(using=router.db_for_write(BulkJob)):
        job = BulkJob.objects.create(
            site=admin.admin_site.name,
            model=admin.opts.label_lower,
            action=action,
            user_id=request.user.pk,
            language=get_language() or "",
        )
        remaining = iter(rows)
        for number in range(0, MAX_JOB_ROWS, CHUNK_SIZE):
            chunk = islice(remaining, min(CHUNK_SIZE, MAX_JOB_ROWS - number))
            made = [BulkJobRow(job=job, object_id=key, name=name[:200]) for key, name in chunk]
            BulkJobRow.objects.bulk_create(made)
        if next(remaining, None) is not None:
            raise TooManyRows
    return job


def prune_jobs() -> int:
    """Delete jobs after ``KEEP_DAYS``, and jobs that were not confirmed after a day. Returns their number."""
    now = timezone.now()
    old = BulkJob.objects.filter(created_at__lt=now - timedelta(days=KEEP_DAYS))
    drafts = BulkJob.objects.filter(state=BulkJob.State.DRAFT, created_at__lt=now - timedelta(days=1))
    count = 0
    for jobs in (old, drafts):
        _deleted, counts = jobs.delete()
        count += counts.get(BulkJob._meta.label, 0)
    return count
