"""Continue the bulk actions of the admin that are not finished.

::

    manage.py ory_run_jobs

Run the command every minute if ``TASKS`` is "none", and once an hour with a queue: it continues jobs whose
worker or queue failed. It may run at any time and in parallel. Old jobs are deleted.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from django_ory.admin.jobs.drafts import prune_jobs
from django_ory.admin.jobs.running import UNFINISHED, list_due_jobs, run_job
from django_ory.models import BulkJob


class Command(BaseCommand):
    """See the module."""

    help = "Continue the bulk actions of the admin that are not finished."

    def handle(self, *args: Any, **options: Any) -> None:
        prune_jobs()
        waiting = sum(self._run(job_id) for job_id in list_due_jobs())
        if waiting:
            raise CommandError(f"{waiting} not finished. Run the command again.")

    def _run(self, job_id: int) -> bool:
        """Run a job to its end. Returns whether the job has to wait."""
        while (delay := run_job(job_id)) == 0:
            pass
        job = BulkJob.objects.get(pk=job_id)
        total, unfinished = job.rows.count(), job.rows.filter(outcome__in=UNFINISHED).count()
        state = job.get_state_display() if delay is None else f"waits {delay:.0f} s"
        text = f"{job.log_name}: {state}, {total - unfinished} of {total}."
        self.stdout.write(f"{text} {job.reason}".rstrip())
        return delay is not None
