"""Deliveries: processed once for all posts of an identity, retried, locked, replayed and pruned."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.utils import timezone

from django_ory.adapter import OryAdapter
from django_ory.mirror.tasks import run_task
from django_ory.mirror.webhooks import deliveries
from django_ory.mirror.webhooks.deliveries import (
    LOCK_TIME,
    MAX_DELAY_SECONDS,
    MAX_PROCESSING_ATTEMPTS,
    build_delay,
    finish_deliveries,
    list_due_identities,
    lock_deliveries,
    prune_deliveries,
    record_notification,
    replay_deliveries,
    retry_deliveries,
)
from django_ory.mirror.webhooks.notifications import Notification
from django_ory.mirror.webhooks.processing import ProcessingReport, process_deliveries
from django_ory.models import Identity, WebhookDelivery
from tests.support.resources import add_identities, call_during, fail, list_calls, make_identity

from .conftest import SECRET

if TYPE_CHECKING:
    from pytest_django import Settings

    from django_ory.testing import FakeOry
    from tests.support.fixtures import ChangeOry

pytestmark = pytest.mark.django_db

STATUS = WebhookDelivery.Status
ANN = UUID(int=1)


class FailingAdapter(OryAdapter):
    """An adapter with a fault."""

    def get_identity_label(self, identity: Any) -> str:
        raise ValueError(f"no name in {identity.traits}")


@pytest.fixture
def slow_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """No retry is due before the test lets the time pass."""
    monkeypatch.setattr(deliveries, "FIRST_DELAY_SECONDS", 600.0)


def record(number: int = 1, event: str = "settings", alias: str = "default") -> None:
    record_notification(Notification(alias=alias, event=event, identity_id=UUID(int=number)))


def let_pass(time: timedelta) -> None:
    """Move all deliveries into the past."""
    for row in WebhookDelivery.objects.all():
        row.next_attempt_at -= time
        row.received_at -= time
        row.save()


def get_statuses() -> list[str]:
    return list(WebhookDelivery.objects.order_by("pk").values_list("status", flat=True))


def test_deliveries_of_one_identity_cost_one_call(ory: FakeOry) -> None:
    add_identities(ory, make_identity(1), make_identity(2))
    for event in ("login", "settings", "login", "recovery", "verification"):
        record(1, event)
    record(2)
    assert process_deliveries() == ProcessingReport(done=2)
    assert len(list_calls(ory, "/admin/identities")) == 2
    assert set(get_statuses()) == {STATUS.DONE}
    assert WebhookDelivery.objects.count() == 5


def test_post_during_the_call_is_processed_again(ory: FakeOry) -> None:
    """The first response may be older than the change that Kratos has just reported."""
    add_identities(ory, make_identity(1))
    record()

    def change() -> None:
        add_identities(ory, make_identity(1, state="inactive"))
        record()

    call_during(ory, "GET /admin/identities/{id}", change)
    assert process_deliveries() == ProcessingReport(done=2)
    assert Identity.objects.get().state == "inactive"
    assert get_statuses() == [STATUS.DONE]


def test_delivery_is_locked_by_one_worker(ory: FakeOry) -> None:
    add_identities(ory, make_identity(1))
    record()
    reports: list[ProcessingReport] = []
    call_during(ory, "GET /admin/identities/{id}", lambda: reports.append(process_deliveries()))
    assert process_deliveries() == ProcessingReport(done=1)
    assert reports == [ProcessingReport()]
    assert len(list_calls(ory, "/admin/identities")) == 1


def test_worker_that_lost_the_race_gets_no_lock() -> None:
    record()
    assert lock_deliveries("default", ANN) is not None
    assert lock_deliveries("default", ANN) is None
    assert lock_deliveries("acme", ANN) is None


def test_delivery_of_a_killed_worker_is_processed_after_the_lock_ends(ory: FakeOry) -> None:
    add_identities(ory, make_identity(1))
    record()
    lost = lock_deliveries("default", ANN)
    assert process_deliveries() == ProcessingReport()
    let_pass(LOCK_TIME)
    assert process_deliveries() == ProcessingReport(done=1)
    assert lost is not None
    record()
    finish_deliveries(lost, "default", ANN)  # a worker that was only slow
    assert not retry_deliveries(lost, "default", ANN, error="late")
    assert get_statuses() == [STATUS.DONE, STATUS.PENDING]


def test_post_after_the_outage_also_completes_deliveries_that_wait(ory: FakeOry, slow_retries: None) -> None:
    add_identities(ory, make_identity(1))
    record(event="login")
    ory.set_fault("kratos", "down")
    assert process_deliveries() == ProcessingReport(retried=1)
    assert list_due_identities() == []
    ory.set_fault("kratos", None)
    record(event="settings")
    assert process_deliveries() == ProcessingReport(done=1)
    assert get_statuses() == [STATUS.DONE, STATUS.DONE]


@pytest.mark.parametrize("fault", ["down", "limited"])
def test_outage_stops_the_processing_of_its_project_and_delays_few_deliveries(
    ory: FakeOry, settings: Settings, slow_retries: None, fault: str
) -> None:
    other = {**settings.ORY["default"], "KRATOS_ADMIN_URL": "http://acme.test:4434"}
    settings.ORY = {"default": settings.ORY["default"], "acme": other}
    for number in range(1, 8):
        record(number)
    record(1, alias="acme")
    if fault == "down":
        ory.respond("GET http://kratos.test:4434/admin/identities/{id}", fault="down")
    else:
        fail(ory, "GET http://kratos.test:4434/admin/identities/{id}", 429, "too many requests")
    assert process_deliveries() == ProcessingReport(retried=3, done=1, complete=False)
    assert run_task("process_webhooks", {"alias": "default"}) == 5.0
    assert len(list_due_identities()) == 1
    ory.respond("GET http://kratos.test:4434/admin/identities/{id}", ory.answer)
    assert process_deliveries() == ProcessingReport(done=1)
    let_pass(timedelta(seconds=1000))
    assert process_deliveries() == ProcessingReport(done=6)


@pytest.mark.parametrize(
    ("status", "error"), [(500, "OryServerError 500"), (403, "OryForbidden 403"), (429, "OryRateLimited 429")]
)
def test_error_of_kratos_is_recorded_without_its_text(ory: FakeOry, status: int, error: str) -> None:
    record()
    fail(ory, "GET /admin/identities/{id}", status, "person1@example.com is unknown")
    assert process_deliveries() == ProcessingReport(retried=1)
    assert WebhookDelivery.objects.get().error == error


def test_fault_of_the_adapter_stops_no_other_delivery(
    ory: FakeOry, change_ory: ChangeOry, caplog: pytest.LogCaptureFixture
) -> None:
    change_ory(WEBHOOK_SECRETS=[SECRET], ADAPTER=f"{__name__}.FailingAdapter")
    add_identities(ory, make_identity(1))
    record(1)
    record(2)  # Kratos does not have this one
    assert process_deliveries() == ProcessingReport(done=1, retried=1)
    assert WebhookDelivery.objects.get(identity_id=ANN).error == "ValueError"
    assert "person1" not in caplog.text


def test_project_that_was_removed_fails_without_harm(ory: FakeOry) -> None:
    record(alias="former")
    assert process_deliveries() == ProcessingReport(retried=1)
    assert WebhookDelivery.objects.get().error == "OryConfigurationError"


def test_deleted_identity_is_marked_missing(ory: FakeOry) -> None:
    add_identities(ory, make_identity(1))
    record()
    process_deliveries()
    ory.kratos.identities.identities.clear()
    record()
    record(2)  # neither an identity nor a row
    assert process_deliveries() == ProcessingReport(done=2)
    assert Identity.objects.get().missing_since is not None


def test_delivery_fails_after_the_last_attempt_and_can_be_replayed(ory: FakeOry) -> None:
    record()
    ory.set_fault("kratos", "down")
    for attempt in range(1, MAX_PROCESSING_ATTEMPTS):
        assert process_deliveries() == ProcessingReport(retried=1), attempt
        let_pass(timedelta(days=1))
    assert process_deliveries() == ProcessingReport(failed=1)
    let_pass(timedelta(days=1))
    assert process_deliveries() == ProcessingReport()
    [row] = WebhookDelivery.objects.all()
    assert (row.status, row.attempts, row.error) == (
        STATUS.FAILED,
        MAX_PROCESSING_ATTEMPTS,
        "OryConnectionError",
    )
    ory.set_fault("kratos", None)
    add_identities(ory, make_identity(1))
    assert replay_deliveries(WebhookDelivery.objects.filter(status=STATUS.FAILED)) == 1
    assert process_deliveries() == ProcessingReport(done=1)
    row.refresh_from_db()
    assert (row.status, row.attempts, row.error, row.lock) == (STATUS.DONE, 1, "", None)


def test_delay_doubles_up_to_an_hour_with_jitter() -> None:
    delays = [build_delay(attempt).total_seconds() for attempt in range(1, MAX_PROCESSING_ATTEMPTS)]
    for attempt, delay in enumerate(delays, 1):
        expected = min(2.0**attempt, MAX_DELAY_SECONDS)
        assert 0.8 * expected <= delay <= 1.2 * expected
    assert len({build_delay(20) for _ in range(20)}) > 1
    assert 60 * 60 * 15 < sum(delays) < 60 * 60 * 25


def test_processing_ends_in_time_and_when_told(ory: FakeOry) -> None:
    add_identities(ory, *(make_identity(number) for number in range(1, 4)))
    for number in range(1, 4):
        record(number)
    assert process_deliveries(stop_after=0.0) == ProcessingReport(complete=False)
    answers = iter([False, True])
    assert process_deliveries(should_stop=lambda: next(answers)) == ProcessingReport(done=1, complete=False)
    assert process_deliveries(aliases=["acme"]) == ProcessingReport()
    assert process_deliveries(aliases=["default"]) == ProcessingReport(done=2)


def test_more_deliveries_than_one_batch_are_processed(ory: FakeOry, monkeypatch: pytest.MonkeyPatch) -> None:
    original = list_due_identities
    monkeypatch.setattr(
        "django_ory.mirror.webhooks.processing.list_due_identities",
        lambda **options: original(**options, limit=2),
    )
    add_identities(ory, *(make_identity(number) for number in range(1, 6)))
    for number in range(1, 6):
        record(number)
    assert process_deliveries() == ProcessingReport(done=5)
    assert Identity.objects.count() == 5


def test_minutes_apart_are_two_records(ory: FakeOry) -> None:
    add_identities(ory, make_identity(1))
    record()
    process_deliveries()
    let_pass(deliveries.MERGE_TIME)
    record()
    assert get_statuses() == [STATUS.DONE, STATUS.PENDING]
    let_pass(deliveries.MERGE_TIME)  # one that still waits is the same one
    record()
    assert list(WebhookDelivery.objects.order_by("pk").values_list("posts", flat=True)) == [1, 2]


def test_old_records_are_pruned_but_pending_ones(ory: FakeOry) -> None:
    add_identities(ory, make_identity(1), make_identity(2), make_identity(3))
    for number in (1, 2, 3):
        record(number)
    process_deliveries()
    record(4, alias="acme")
    let_pass(timedelta(days=31))
    WebhookDelivery.objects.filter(identity_id=UUID(int=2)).update(status=STATUS.FAILED)
    WebhookDelivery.objects.filter(identity_id=UUID(int=3)).update(received_at=timezone.now())
    assert prune_deliveries(older_than=timedelta(days=30), aliases=["acme"]) == 0
    assert prune_deliveries(older_than=timedelta(days=30)) == 2
    assert {row.identity_id.int for row in WebhookDelivery.objects.all()} == {3, 4}


def test_task_runs_again_only_for_its_own_retries(ory: FakeOry, slow_retries: None) -> None:
    add_identities(ory, make_identity(1))
    assert run_task("process_webhooks", {"alias": "default"}) is None
    record()
    ory.set_fault("kratos", "down")
    delay = run_task("process_webhooks", {"alias": "default"})
    assert delay is not None
    assert 300 < delay <= 720
    assert run_task("process_webhooks", {"alias": "default"}) is None
    ory.set_fault("kratos", None)
    let_pass(timedelta(seconds=delay + 1))
    assert run_task("process_webhooks", {"alias": "default"}) is None
    assert get_statuses() == [STATUS.DONE]
