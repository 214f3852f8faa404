"""Deliveries of web hooks with several processes on PostgreSQL, one of them killed in the middle."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from django.db import connections
from django.db.models import Sum

from django_ory.clients import get_client
from django_ory.mirror.webhooks.deliveries import lock_deliveries, record_notification
from django_ory.mirror.webhooks.notifications import Notification
from django_ory.models import Identity, WebhookDelivery

if TYPE_CHECKING:
    from .conftest import Workers

pytestmark = pytest.mark.live

DONE = WebhookDelivery.Status.DONE


def record(identity_id: uuid.UUID) -> None:
    record_notification(Notification(alias="default", event="settings", identity_id=identity_id))


def test_killed_worker_loses_no_delivery_and_two_workers_share_the_work(
    workers: Workers, identities: list[uuid.UUID]
) -> None:
    for identity_id in identities:
        record(identity_id)
    done = WebhookDelivery.objects.filter(status=DONE)
    first, second = (
        workers.start("django", "ory_process_webhooks", "--loop", "--interval=0.1") for _ in range(2)
    )
    workers.wait_for(lambda: done.count() > 50)
    first.kill()
    client = get_client()
    changed = identities[:5]
    for identity_id in changed:
        patch = [{"op": "add", "path": "/traits/name", "value": {"first": "Later"}}]
        client.admin_patch_identity(str(identity_id), body=patch)
        record(identity_id)
    workers.wait_for(lambda: done.count() == WebhookDelivery.objects.count())
    rows = Identity.objects.filter(identity_id__in=identities)
    assert rows.count() == len(identities)
    assert [row.traits["name"]["first"] for row in rows.filter(identity_id__in=changed)] == ["Later"] * 5
    attempts = WebhookDelivery.objects.aggregate(sum=Sum("attempts"))["sum"]
    assert attempts < 1.1 * len(identities)  # twice: the one of the killed worker, and those of slow calls
    second.kill()


@pytest.mark.usefixtures("on_postgres")
def test_of_many_workers_at_the_same_moment_one_gets_the_lock() -> None:
    identity_id = uuid.uuid4()
    for event in ("login", "settings", "recovery"):
        record_notification(Notification(alias="default", event=event, identity_id=identity_id))

    def lock(_: int) -> uuid.UUID | None:
        try:
            return lock_deliveries("default", identity_id)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        locks = [each for each in pool.map(lock, range(16)) if each]
    locked = dict(WebhookDelivery.objects.values_list("event", "lock"))
    assert set(locked.values()) == set(locks)
    assert set(WebhookDelivery.objects.values_list("attempts", flat=True)) == {1}
