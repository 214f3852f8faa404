"""The table of tasks, and the queues that run them."""

from __future__ import annotations

import inspect
import logging
from typing import TYPE_CHECKING, Any

import django
import pytest
from django.utils.module_loading import import_string

from django_ory.client import OryConnectionError
from django_ory.mirror import tasks
from django_ory.mirror.tasks import TASK_FUNCTIONS, enqueue_task, run_task
from django_ory.models import Identity, OAuth2Client
from tests.support.fixtures import change_ory
from tests.support.resources import add_clients, add_identities, make_client, make_identity

if TYPE_CHECKING:
    from pytest_django import Settings

    from django_ory.testing import FakeOry
    from tests.support.fixtures import ChangeOry

__all__ = ["change_ory"]

pytestmark = pytest.mark.django_db

needs_django_tasks = pytest.mark.skipif(django.VERSION < (6, 0), reason="Django's tasks came with 6.0")


def select_backend(settings: Settings, name: str) -> None:
    settings.TASKS = {"default": {"BACKEND": f"django.tasks.backends.{name}"}}


@pytest.mark.parametrize("name", sorted(TASK_FUNCTIONS))
def test_every_task_is_a_function(name: str) -> None:
    function = import_string(TASK_FUNCTIONS[name])
    assert inspect.isfunction(function)
    assert inspect.getdoc(function)


def test_sync_tasks_write_the_rows(ory: FakeOry) -> None:
    add_identities(ory, make_identity(1))
    add_clients(ory, make_client("shop"))
    assert run_task("sync_identities", {"alias": "default"}) is None
    assert run_task("sync_clients", {"alias": "default"}) is None
    assert (Identity.objects.count(), OAuth2Client.objects.count()) == (1, 1)


def test_failure_of_ory_is_raised_to_the_queue(ory: FakeOry) -> None:
    ory.set_fault("kratos", "down")
    with pytest.raises(OryConnectionError):
        run_task("sync_identities", {"alias": "default"})


def test_without_a_queue_no_task_is_accepted(ory: FakeOry) -> None:
    assert not enqueue_task("sync_identities", alias="default")
    assert not ory.requests


@needs_django_tasks
def test_immediate_backend_of_django_runs_a_task(
    ory: FakeOry, settings: Settings, change_ory: ChangeOry
) -> None:
    change_ory(TASKS="django")
    select_backend(settings, "immediate.ImmediateBackend")
    add_identities(ory, make_identity(1))
    assert enqueue_task("sync_identities", alias="default")
    assert Identity.objects.count() == 1


@needs_django_tasks
def test_dummy_backend_of_django_gets_the_arguments(settings: Settings, change_ory: ChangeOry) -> None:
    from django.tasks import task_backends

    change_ory(TASKS="django")
    select_backend(settings, "dummy.DummyBackend")
    assert enqueue_task("sync_clients", delay=5, alias="default")
    [result] = task_backends["default"].results  # type: ignore[attr-defined]
    assert result.args == ["sync_clients", {"alias": "default"}]
    assert result.task.run_after is not None
    assert not OAuth2Client.objects.exists()


@needs_django_tasks
def test_delay_is_left_to_the_schedule_if_the_backend_cannot_defer(
    settings: Settings, change_ory: ChangeOry
) -> None:
    change_ory(TASKS="django")
    select_backend(settings, "immediate.ImmediateBackend")
    assert not enqueue_task("sync_identities", delay=5, alias="default")


@needs_django_tasks
def test_unfinished_task_is_enqueued_again(
    settings: Settings, change_ory: ChangeOry, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_ory(TASKS="django")
    select_backend(settings, "immediate.ImmediateBackend")
    delays = iter([0.0, 0.0, None])
    calls: list[Any] = []

    def run(name: str, arguments: Any) -> float | None:
        calls.append((name, arguments))
        return next(delays)

    monkeypatch.setattr("django_ory.django_tasks.run_task", run)
    enqueue_task("sync_identities", alias="default")
    assert calls == [("sync_identities", {"alias": "default"})] * 3


def test_failed_queue_is_logged_without_its_url(
    change_ory: ChangeOry, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> bool:
        raise ConnectionError("redis://:s3cret@broker:6379 refused the connection")

    change_ory(TASKS="celery")
    monkeypatch.setitem(tasks.QUEUES, "celery", refuse)
    with caplog.at_level(logging.WARNING):
        assert not enqueue_task("sync_identities", alias="default")
    assert (
        "Task sync_identities was not enqueued: the queue 'celery' failed (ConnectionError)." in caplog.text
    )
    assert "s3cret" not in caplog.text
