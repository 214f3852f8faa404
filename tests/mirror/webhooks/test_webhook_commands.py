"""``ory_process_webhooks`` and ``ory_replay_webhooks``: counts on stdout, an exit code for schedules."""

from __future__ import annotations

import signal
import threading
from datetime import timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import InterfaceError
from django.utils import timezone

from django_ory.mirror.webhooks import processing
from django_ory.mirror.webhooks.deliveries import record_notification
from django_ory.mirror.webhooks.notifications import Notification
from django_ory.mirror.webhooks.processing import ProcessingReport, run_worker
from django_ory.models import Identity, WebhookDelivery
from tests.support.resources import add_identities, call_during, list_calls, make_identity

if TYPE_CHECKING:
    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

STATUS = WebhookDelivery.Status


def record(number: int, event: str = "settings") -> None:
    record_notification(Notification(alias="default", event=event, identity_id=UUID(int=number)))


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, no_color=True)
    return out.getvalue()


def test_due_deliveries_are_processed_and_counted(ory: FakeOry) -> None:
    add_identities(ory, make_identity(1), make_identity(2))
    record(1)
    record(2)
    expected = "Identities: 2 processed, 0 to be tried again, 0 failed.\n"
    assert run("ory_process_webhooks", "--alias", "default") == expected
    assert Identity.objects.count() == 2


def test_failure_is_the_exit_code(ory: FakeOry) -> None:
    record(1)
    ory.set_fault("kratos", "down")
    with pytest.raises(CommandError, match="Not all deliveries were processed"):
        run("ory_process_webhooks")


@pytest.mark.parametrize("command", ["ory_process_webhooks", "ory_replay_webhooks"])
def test_unknown_project_is_an_error(command: str) -> None:
    with pytest.raises(CommandError, match=r'settings\.ORY has no "acme"'):
        run(command, "--alias", "acme")


def test_loop_ends_after_the_current_identity_on_sigterm(ory: FakeOry) -> None:
    add_identities(ory, make_identity(1), make_identity(2))
    record(1)
    record(2)
    before = signal.getsignal(signal.SIGTERM)
    call_during(ory, "GET /admin/identities/{id}", lambda: signal.raise_signal(signal.SIGTERM))
    out = run("ory_process_webhooks", "--loop")
    assert out.endswith("Stopped. Identities: 1 processed, 0 to be tried again, 0 failed.\n")
    assert signal.getsignal(signal.SIGTERM) is before
    assert sorted(WebhookDelivery.objects.values_list("status", flat=True)) == [STATUS.DONE, STATUS.PENDING]


def test_worker_continues_after_a_failure_of_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    results: list[Exception | ProcessingReport] = [InterfaceError("closed"), ProcessingReport(done=2)]

    def process(**_: Any) -> ProcessingReport:
        result = results.pop(0)
        if not results:
            stop.set()
        if isinstance(result, Exception):
            raise result
        return result

    monkeypatch.setattr(processing, "process_deliveries", process)
    assert run_worker(interval=0.01, stop=stop) == ProcessingReport(done=2)


@pytest.mark.parametrize("arguments", [[], ["--loop"]])
def test_old_records_are_deleted(ory: FakeOry, arguments: list[str]) -> None:
    add_identities(ory, make_identity(1), make_identity(2))
    record(1)
    run("ory_process_webhooks")
    WebhookDelivery.objects.update(received_at=timezone.now() - timedelta(days=31))
    assert WebhookDelivery.objects.exists()
    record(2)
    if arguments:
        call_during(ory, "GET /admin/identities/{id}", lambda: signal.raise_signal(signal.SIGTERM))
    run("ory_process_webhooks", *arguments)
    assert [row.identity_id.int for row in WebhookDelivery.objects.all()] == [2]


def test_failed_deliveries_are_replayed_by_default(ory: FakeOry) -> None:
    add_identities(ory, make_identity(1), make_identity(2))
    record(1)
    record(2)
    WebhookDelivery.objects.filter(identity_id=UUID(int=1)).update(status=STATUS.FAILED)
    WebhookDelivery.objects.filter(identity_id=UUID(int=2)).update(status=STATUS.DONE)
    assert run("ory_replay_webhooks", "--dry-run") == "Deliveries to process again: 1 (dry run).\n"
    assert not ory.requests
    assert run("ory_replay_webhooks").startswith("Deliveries to process again: 1.\n")
    assert len(list_calls(ory, str(UUID(int=1)))) == 1
    assert len(list_calls(ory)) == 1


@pytest.mark.parametrize(
    ("arguments", "numbers"),
    [
        (["--status", "all"], {1, 2, 3}),
        (["--status", "done"], {1, 2, 3}),
        (["--status", "done", "--event", "login"], {2}),
        (["--status", "all", "--identity", str(UUID(int=3))], {3}),
        (["--status", "all", "--since", "2026-01-01"], {1, 2, 3}),
        (["--status", "all", "--since", "2026-01-01T00:00:00+01:00"], {1, 2, 3}),
        (["--status", "all", "--since", "2999-01-01"], set()),
        (["--status", "pending"], set()),
    ],
)
@pytest.mark.parametrize("use_tz", [True, False])
def test_deliveries_are_chosen_by_options(
    ory: FakeOry, settings: Any, arguments: list[str], numbers: set[int], use_tz: bool
) -> None:
    settings.USE_TZ = use_tz
    add_identities(ory, *(make_identity(number) for number in range(1, 4)))
    for number, event in ((1, "settings"), (2, "login"), (3, "settings")):
        record(number, event)
    run("ory_process_webhooks")
    ory.requests.clear()
    run("ory_replay_webhooks", *arguments)
    assert {number for number in range(1, 4) if list_calls(ory, str(UUID(int=number)))} == numbers


@pytest.mark.parametrize(
    ("option", "text"), [("--since", "is not a time"), ("--identity", "is not the id of an identity")]
)
@pytest.mark.parametrize("value", ["yesterday", "2026-13-45", "{9f425a8d-7efc-4768-8f23-7647a74fdf13}"])
def test_invalid_options_are_errors(option: str, text: str, value: str) -> None:
    with pytest.raises(CommandError, match=text):
        run("ory_replay_webhooks", option, value)


def test_replay_reports_a_failure(ory: FakeOry) -> None:
    record(1)
    WebhookDelivery.objects.update(status=STATUS.FAILED, received_at=timezone.now() - timedelta(days=2))
    ory.set_fault("kratos", "down")
    with pytest.raises(CommandError, match="Not all deliveries were processed"):
        run("ory_replay_webhooks")
    assert WebhookDelivery.objects.get().status == STATUS.PENDING
