"""Work outside of a request: a table of functions, and the queue that ``TASKS`` selects.

A queue may run a task twice, late or not at all. Therefore each function may be repeated at any time, and a
schedule runs the functions as well.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.module_loading import import_string

from django_ory.conf import aliases, get_settings

from .clients import sync_clients
from .identities import sync_identities

__all__ = ["enqueue_task", "run_task"]

logger = logging.getLogger("django_ory.tasks")

SYNC_SECONDS = 300.0  # of one task; the rest of a sync is another task

#: The functions by name, as dotted paths because some are in higher layers. A function gets its arguments by
#: keyword, as JSON values, and returns None, or the seconds after which the call must be repeated.
TASK_FUNCTIONS = {
    "sync_identities": "django_ory.mirror.tasks.run_identity_sync",
    "sync_clients": "django_ory.mirror.tasks.run_client_sync",
    "process_webhooks": "django_ory.mirror.webhooks.processing.run_processing",
    "import_users": "django_ory.mirror.imports.background.run_user_import",
    "run_job": "django_ory.admin.jobs.running.run_job",
    "run_jobs": "django_ory.admin.jobs.running.run_jobs",
}


def run_task(name: str, arguments: Mapping[str, Any]) -> float | None:
    """Run a task in this process.

    Args:
        name: A key of ``TASK_FUNCTIONS``.
        arguments: The arguments of the function, as JSON values.

    Returns:
        The seconds after which the task must run again with the same arguments; None at its end.

    Raises:
        KeyError: There is no such task.
        OryError: Ory failed. The task can be repeated.
    """
    delay: float | None = import_string(TASK_FUNCTIONS[name])(**arguments)
    return delay


def enqueue_task(name: str, *, delay: float = 0.0, **arguments: Any) -> bool:
    """Give a task to the queue of the setting ``TASKS``. To be called outside of database transactions.

    Args:
        name: A key of ``TASK_FUNCTIONS``.
        delay: Seconds before which the task does not run.
        arguments: The arguments of the function, as JSON values. The setting is read from the project
            ``alias``, if that is an argument, else from the first project.

    Returns:
        Whether the queue accepted the task. False with ``TASKS = "none"``, or if the queue failed, which is
        logged: then a schedule or a command must run the task.
    """
    queue = get_settings(arguments.get("alias") or aliases()[0]).tasks
    enqueue = QUEUES.get(queue)
    if enqueue is None:
        return False
    try:
        return enqueue(name, delay, arguments)
    except Exception as error:  # noqa: BLE001 (the project chooses the queue, so its errors are unknown)
        # Only the class: the text could contain the URL of a broker with its password.
        logger.warning(
            "Task %s was not enqueued: the queue %r failed (%s). It runs when the schedule or the command of "
            "this task runs.",
            *(name, queue, type(error).__name__),
        )
        return False


def has_queue() -> bool:
    """Return whether the first project has a queue."""
    return get_settings(aliases()[0]).tasks in QUEUES


def run_identity_sync(alias: str) -> float | None:
    """Sync a part of the identities of a project. Raises OryError; the rows until then are written."""
    return None if sync_identities(alias, stop_after=SYNC_SECONDS).complete else 0.0


def run_client_sync(alias: str) -> float | None:
    """Sync a part of the OAuth2 clients of a project. Raises OryError; the rows until then are written."""
    return None if sync_clients(alias, stop_after=SYNC_SECONDS).complete else 0.0


def _enqueue_celery(name: str, delay: float, arguments: Mapping[str, Any]) -> bool:
    task = import_string("django_ory.tasks.CELERY_TASKS")[name]
    # Without retries: a web request must not wait for a broker that is down.
    task.apply_async(kwargs=dict(arguments), countdown=delay or None, retry=False)
    return True


def _enqueue_django(name: str, delay: float, arguments: Mapping[str, Any]) -> bool:
    task = import_string("django_ory.django_tasks.run")
    if delay:
        if not task.get_backend().supports_defer:
            return False
        task = task.using(run_after=timezone.now() + timedelta(seconds=delay))
    task.enqueue(name, dict(arguments))
    return True


QUEUES: dict[str, Callable[[str, float, Mapping[str, Any]], bool]] = {
    "celery": _enqueue_celery,
    "django": _enqueue_django,
}
