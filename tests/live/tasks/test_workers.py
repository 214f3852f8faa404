"""Workers that are killed: no row is lost, and no row is changed or logged twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import django
import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.db.models import Count
from django.test import Client
from django.urls import reverse

from django_ory.clients import get_client
from django_ory.mirror.identities import sync_identities
from django_ory.mirror.tasks import enqueue_task
from django_ory.models import BulkJob, BulkJobRow, Identity
from tests.admin.conftest import BACKEND, create_staff

from .conftest import kill_children

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable

    from .conftest import Workers

pytestmark = pytest.mark.live

LIST = reverse("admin:django_ory_identity_changelist")


def select_queue(settings: Any, workers: Workers, name: str) -> None:
    """Use a queue in this process and in the workers."""
    settings.ORY = {"default": {**settings.ORY["default"], "TASKS": name}}
    workers.environment["SITE_ORY"] = json.dumps(settings.ORY)


def start_job(identities: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch) -> BulkJob:
    """Deactivate all identities in the admin. They are too many for the request."""
    monkeypatch.setattr("django_ory.admin.jobs.pages.MAX_REQUEST_ROWS", 100)
    browser = Client()
    browser.force_login(create_staff("admin", is_superuser=True), backend=BACKEND)
    rows = list(Identity.objects.filter(identity_id__in=identities).values_list("pk", flat=True))
    chosen = browser.post(LIST, {"action": "deactivate", "_selected_action": rows})
    browser.post(f"{chosen['Location']}start/")
    return BulkJob.objects.get()


def has_done(job: BulkJob, count: int) -> Callable[[], bool]:
    return lambda: job.rows.filter(outcome=BulkJobRow.Outcome.DONE).count() >= count


def is_finished(job: BulkJob) -> bool:
    return BulkJob.objects.filter(pk=job.pk, state=BulkJob.State.DONE).exists()


def check_results(job: BulkJob, identities: list[uuid.UUID]) -> None:
    """Each identity is inactive in Kratos, and was logged once."""
    assert list(job.rows.values_list("outcome").annotate(Count("pk")).order_by()) == [("done", 300)]
    entries = LogEntry.objects.values_list("object_repr").annotate(count=Count("pk")).order_by()
    assert dict(entries) == {str(key): 1 for key in identities}
    client = get_client()
    listed = client.iterate(client.admin_list_identities, page_size=500)
    states = {str(identity.id): identity.state for identity in listed}
    assert {states[str(key)] for key in identities} == {"inactive"}


def test_killed_celery_workers_lose_and_repeat_nothing(
    workers: Workers,
    identities: list[uuid.UUID],
    broker: str,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SITE_BROKER", broker)
    from tests.live.tasks.celery_app import app

    select_queue(settings, workers, "celery")
    assert app.conf.broker_url == broker
    mine = Identity.objects.filter(identity_id__in=identities)
    assert enqueue_task("sync_identities", alias="default")
    first = workers.start_celery()
    workers.wait_for(mine.exists)
    first.kill()
    second = workers.start_celery()
    workers.wait_for(lambda: mine.count() == 300)

    job = start_job(identities, monkeypatch)
    assert not job.rows.exclude(outcome=BulkJobRow.Outcome.PENDING).exists()
    workers.wait_for(has_done(job, 30))
    assert kill_children(second) > 0  # the main process starts new ones
    workers.wait_for(has_done(job, 120))
    second.kill()
    workers.start_celery()
    workers.wait_for(lambda: is_finished(job))
    check_results(job, identities)


@pytest.mark.skipif(django.VERSION < (6, 0), reason="Django has tasks since 6.0")
def test_killed_worker_of_djangos_tasks_is_replaced_by_the_command(
    workers: Workers, identities: list[uuid.UUID], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync_identities("default")
    select_queue(settings, workers, "django")
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "django_tasks_db"]
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    call_command("migrate", verbosity=0)
    job = start_job(identities, monkeypatch)
    worker = workers.start("django", "db_worker", "--interval=0.1", "--verbosity=2")
    workers.wait_for(has_done(job, 100))
    worker.kill()
    BulkJob.objects.filter(pk=job.pk).update(locked_until=None)  # as a minute later
    call_command("ory_run_jobs")
    check_results(job, identities)
