"""Web hook deliveries in the Django admin: a read-only list and one action with its own permission."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from django_ory.mirror.webhooks.deliveries import record_notification
from django_ory.mirror.webhooks.notifications import Notification
from django_ory.mirror.webhooks.processing import process_deliveries
from django_ory.models import Identity, WebhookDelivery
from django_ory.testing import FakeOry
from tests.support.fixtures import ChangeOry, change_ory
from tests.support.resources import add_identities, list_calls, make_identity

__all__ = ["change_ory"]

pytestmark = pytest.mark.django_db

LIST = reverse("admin:django_ory_webhookdelivery_changelist")
ACTION = "Process selected deliveries again"
STATUS = WebhookDelivery.Status


@pytest.fixture(autouse=True)
def hooks(change_ory: ChangeOry, ory: FakeOry) -> None:
    """A site with web hooks, and two deliveries, one of them failed."""
    change_ory(WEBHOOK_SECRETS=["s" * 32])
    add_identities(ory, make_identity(1), make_identity(2))
    for number, event in ((1, "login"), (2, "settings")):
        record_notification(Notification(alias="default", event=event, identity_id=UUID(int=number)))
    process_deliveries()
    WebhookDelivery.objects.filter(event="login").update(status=STATUS.FAILED, error="OryServerError 500")
    Identity.objects.all().delete()
    ory.requests.clear()


def run(client: Client, *rows: WebhookDelivery) -> Any:
    data = {"action": "process_again", "_selected_action": [row.pk for row in rows]}
    return client.post(LIST, data, follow=True)


def test_list_is_filtered_by_status_and_searched_by_identity(admin: Client) -> None:
    page = admin.get(LIST).content.decode()
    assert str(UUID(int=1)) in page
    assert str(UUID(int=2)) in page
    assert "OryServerError 500" in page
    page = admin.get(LIST, {"status": "failed"}).content.decode()
    assert str(UUID(int=1)) in page
    assert str(UUID(int=2)) not in page
    page = admin.get(LIST, {"q": str(UUID(int=2))}).content.decode()
    assert str(UUID(int=1)) not in page
    assert str(UUID(int=2)) in page
    assert admin.get(LIST, {"q": "not an id %_"}).status_code == 200


def test_rows_are_read_only(admin: Client) -> None:
    row = WebhookDelivery.objects.get(event="login")
    url = reverse("admin:django_ory_webhookdelivery_change", args=[row.pk])
    page = admin.get(url).content.decode()
    assert "OryServerError 500" in page
    assert 'type="submit" value="Save"' not in page
    assert admin.post(url, {"event": "x"}).status_code == 403
    assert admin.get(reverse("admin:django_ory_webhookdelivery_add")).status_code == 403
    delete = reverse("admin:django_ory_webhookdelivery_delete", args=[row.pk])
    assert admin.post(delete, {"post": "yes"}).status_code == 403
    assert WebhookDelivery.objects.count() == 2


def test_failed_delivery_is_processed_again(admin: Client, ory: FakeOry) -> None:
    row = WebhookDelivery.objects.get(event="login")
    page = run(admin, row).content.decode()
    assert "1 delivery is processed again." in page
    row.refresh_from_db()
    assert (row.status, row.error) == (STATUS.DONE, "")
    assert Identity.objects.get().identity_id == UUID(int=1)
    assert len(list_calls(ory)) == 1
    assert [entry.object_repr for entry in LogEntry.objects.all()] == [f"#{row.pk}"]


def test_worker_processes_it_with_a_command(admin: Client, ory: FakeOry, change_ory: ChangeOry) -> None:
    change_ory(WEBHOOK_PROCESSING="command")
    run(admin, *WebhookDelivery.objects.all())
    assert not ory.requests
    assert set(WebhookDelivery.objects.values_list("status", flat=True)) == {STATUS.PENDING}


def test_kratos_that_is_down_leaves_the_delivery_pending(admin: Client, ory: FakeOry) -> None:
    ory.set_fault("kratos", "down")
    row = WebhookDelivery.objects.get(event="login")
    assert run(admin, row).status_code == 200
    row.refresh_from_db()
    assert (row.status, row.error) == (STATUS.PENDING, "OryConnectionError")


def test_action_needs_its_own_permission(staff_with: Callable[..., Client]) -> None:
    viewer = staff_with("view_webhookdelivery")
    row = WebhookDelivery.objects.get(event="login")
    assert ACTION not in viewer.get(LIST).content.decode()
    run(viewer, row)
    row.refresh_from_db()
    assert row.status == STATUS.FAILED


def test_staff_with_the_permission_may_process(staff_with: Callable[..., Client]) -> None:
    client = staff_with("view_webhookdelivery", "process_webhookdelivery")
    assert ACTION in client.get(LIST).content.decode()
    run(client, *WebhookDelivery.objects.all())
    assert not WebhookDelivery.objects.exclude(status=STATUS.DONE).exists()


def test_pages_need_a_permission_and_are_hidden_without_web_hooks(
    staff_with: Callable[..., Client], admin: Client, change_ory: ChangeOry
) -> None:
    assert staff_with("view_identity").get(LIST).status_code == 403
    index = reverse("admin:index")
    assert LIST in admin.get(index).content.decode()
    change_ory(WEBHOOK_SECRETS=[])
    assert LIST not in admin.get(index).content.decode()
