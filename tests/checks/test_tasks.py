"""E041 and W041: the queue of ``TASKS`` exists, and does not run in the request."""

from __future__ import annotations

from typing import Any

import django
import pytest

from django_ory.checks import tasks
from django_ory.checks.tasks import immediate_backend, missing_queue
from django_ory.conf import get_settings
from tests.support.kratos import ory_settings


def select(settings: Any, queue: str) -> Any:
    settings.ORY = ory_settings(TASKS=queue)
    return get_settings("default")


@pytest.mark.parametrize("is_installed", [True, False])
def test_celery_must_be_installed(settings: Any, monkeypatch: pytest.MonkeyPatch, is_installed: bool) -> None:
    monkeypatch.setattr(tasks, "find_spec", lambda name: object() if is_installed else None)
    found = list(missing_queue(select(settings, "celery")))
    assert [finding.message for finding in found] == [
        'settings.ORY["default"]["TASKS"] needs Celery: pip install "django-ory[celery]".'
    ] * (not is_installed)
    assert not list(missing_queue(select(settings, "none")))


@pytest.mark.parametrize("version", [(5, 2), (6, 0)])
def test_tasks_of_django_need_django_6(
    settings: Any, monkeypatch: pytest.MonkeyPatch, version: tuple[int, int]
) -> None:
    monkeypatch.setattr(django, "VERSION", version)
    assert len(list(missing_queue(select(settings, "django")))) == (version < (6, 0))


@pytest.mark.parametrize(
    ("backends", "count"),
    [(None, 1), ({}, 1), ({"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}, 0)],
)
def test_backend_without_a_worker_is_a_warning(
    settings: Any, monkeypatch: pytest.MonkeyPatch, backends: Any, count: int
) -> None:
    monkeypatch.setattr(django, "VERSION", (6, 0))
    settings.TASKS = backends
    assert len(list(immediate_backend(select(settings, "django")))) == count
    assert not list(immediate_backend(select(settings, "none")))
