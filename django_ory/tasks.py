"""The tasks for Celery, which finds this module by its name (``autodiscover_tasks``).

Only Celery imports this module. Tasks are acknowledged at their end, so a killed worker loses none.
"""

from __future__ import annotations

from typing import Any

from celery import shared_task

from .client import OryRateLimited, OryServerError, OryTransportError
from .mirror.tasks import TASK_FUNCTIONS, run_task

__all__ = ["CELERY_TASKS"]

#: Seconds until Celery raises ``SoftTimeLimitExceeded`` in a task, and until the process is killed.
SOFT_TIME_LIMIT, HARD_TIME_LIMIT = 3000, 3300
UNLIMITED = frozenset({"import_users"})  # not in parts: all users are checked first


def _build_task(name: str) -> Any:
    def run(task: Any, **arguments: Any) -> None:
        delay = run_task(name, arguments)
        if delay is not None:
            task.apply_async(kwargs=arguments, countdown=delay or None)

    return shared_task(
        run,
        name=f"django_ory.{name}",
        bind=True,
        acks_late=True,
        reject_on_worker_lost=True,
        ignore_result=True,
        autoretry_for=(OryTransportError, OryRateLimited, OryServerError),
        retry_backoff=10,
        retry_backoff_max=600,
        retry_jitter=True,
        max_retries=10,
        soft_time_limit=None if name in UNLIMITED else SOFT_TIME_LIMIT,
        time_limit=None if name in UNLIMITED else HARD_TIME_LIMIT,
    )


#: The tasks by the names in ``TASK_FUNCTIONS``; for Celery each has the prefix ``django_ory.``.
CELERY_TASKS = {name: _build_task(name) for name in TASK_FUNCTIONS}
