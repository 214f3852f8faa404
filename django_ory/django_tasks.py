"""The task for Django's tasks framework (Django 6.0 and later). Only imported with ``TASKS = "django"``."""

from __future__ import annotations

from typing import Any

from django.tasks import task

from .mirror.tasks import enqueue_task, run_task

__all__ = ["run"]


@task
def run(name: str, arguments: dict[str, Any]) -> None:
    """Run a task of ``TASK_FUNCTIONS``, and enqueue an unfinished task again."""
    delay = run_task(name, arguments)
    if delay is not None:
        enqueue_task(name, delay=delay, **arguments)
