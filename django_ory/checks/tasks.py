"""Rules about ``TASKS``: the queue exists, and does not run in the request."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import django
from django.conf import settings

from django_ory.conf import OrySettings

from .rules import Finding, project_rule, setting_finding

IMMEDIATE = "django.tasks.backends.immediate.ImmediateBackend"
BACKEND_REMEDY = (
    'TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}  # pip install django-tasks-db'
)


@project_rule("E041", "`TASKS` selects a queue that is not installed.")
def missing_queue(project: OrySettings) -> Iterator[Finding]:
    if project.tasks == "celery" and find_spec("celery") is None:
        yield setting_finding(
            project, "TASKS", 'needs Celery: pip install "django-ory[celery]".', '"none"  # or install it'
        )
    if project.tasks == "django" and django.VERSION < (6, 0):
        yield setting_finding(
            project, "TASKS", "needs Django 6.0 or later, which has the tasks framework.", '"none"'
        )


@project_rule("W041", "`TASKS` selects Django's tasks, whose backend runs them inside of the request.")
def immediate_backend(project: OrySettings) -> Iterator[Finding]:
    backends: dict[str, Any] = getattr(settings, "TASKS", None) or {}
    backend = backends.get("default", {}).get("BACKEND", IMMEDIATE)
    if project.tasks == "django" and django.VERSION >= (6, 0) and backend == IMMEDIATE:
        yield Finding(f"settings.TASKS: {IMMEDIATE} runs each task inside of the request.", BACKEND_REMEDY)
