"""Symptoms of mails, web hooks and syncs."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from django_ory.client import OryRateLimited, OryTimeout, RouteNotFound
from django_ory.clients import get_client
from django_ory.mirror.errors import error_text
from django_ory.mirror.pacing import Pacer
from django_ory.models import WebhookDelivery
from django_ory.testing.factories import format_time
from tests.management.test_ory_check import ADMIN, Servers, check, servers
from tests.selfservice import shapes
from tests.support.resources import add_identities, make_identity

from .page import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client
    from pytest_django import Settings

    from django_ory.testing import FakeOry
    from tests.support.fixtures import ChangeOry

__all__ = ["servers"]

SECRET = "s" * 32


def post(client: Client, name: str, **headers: str) -> None:
    """Post as Kratos does, with another secret."""
    url = reverse(f"ory:{name}", args=["default"])
    response = client.post(url, "{}", content_type="application/json", headers=headers)
    assert response.status_code == 403


@pytest.mark.django_db
def test_mail_with_another_secret_is_logged(
    client: Client, change_ory: ChangeOry, caplog: pytest.LogCaptureFixture
) -> None:
    change_ory(COURIER_SECRETS=[SECRET])
    post(client, "courier", X_Courier_Secret="other")
    expect("courier-secret", caplog.text)


def test_abandoned_mail_is_found_by_ory_check(servers: Servers, settings: Settings) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "COURIER_SECRETS": [SECRET]}}
    message = {
        "id": str(UUID(int=1)),
        "status": "abandoned",
        "template_type": "recovery_code_valid",
        "created_at": format_time(datetime.now(UTC)),
    }
    servers.mock.get(f"{ADMIN}/admin/courier/messages", json=[message])
    expect("courier-abandoned", check()["mails"]["detail"])


def test_wrong_code_is_explained(show: Callable[..., str], ory: FakeOry) -> None:
    flow = shapes.recovery_sent(messages=[shapes.error(4060006)])
    ory.respond("GET /self-service/recovery/flows", json=flow)
    expect("code-wrong", show("/auth/recovery/", data={"flow": shapes.FLOW}))


@pytest.mark.django_db
def test_web_hook_with_another_secret_is_logged(
    client: Client, change_ory: ChangeOry, caplog: pytest.LogCaptureFixture
) -> None:
    change_ory(WEBHOOK_SECRETS=[SECRET])
    post(client, "kratos_hook", X_Webhook_Secret="other")
    expect("webhook-secret", caplog.text)


@pytest.mark.django_db
def test_web_hook_of_another_address_is_logged(
    client: Client, change_ory: ChangeOry, caplog: pytest.LogCaptureFixture
) -> None:
    change_ory(WEBHOOK_SECRETS=[SECRET], KRATOS_NETWORKS=["10.0.0.0/8"])
    post(client, "kratos_hook", X_Webhook_Secret=SECRET)
    expect("network", caplog.text)


@pytest.mark.django_db
def test_failed_web_hook_is_found_by_ory_check(servers: Servers, settings: Settings) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "WEBHOOK_SECRETS": [SECRET]}}
    WebhookDelivery.objects.create(
        alias="default",
        event="settings",
        identity_id=UUID(int=1),
        status=WebhookDelivery.Status.FAILED,
        received_at=datetime.now(UTC),
    )
    expect("webhooks-waiting", check()["web hooks"]["detail"])


@pytest.mark.django_db
def test_sync_without_kratos_names_the_setting(ory: FakeOry) -> None:
    stderr = StringIO()
    with ory.fault("kratos", "down"), pytest.raises(CommandError):
        call_command("ory_sync_identities", stdout=StringIO(), stderr=stderr, no_color=True)
    expect("sync-failed", stderr.getvalue())


def test_rate_limit_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    Pacer("default").back_off(OryRateLimited(status=429, headers={"retry-after": "2"}))
    expect("rate-limit", caplog.text)


@pytest.mark.django_db
def test_identity_that_cannot_be_read_is_named_by_the_sync(ory: FakeOry) -> None:
    traits = "[" * 120_000 + "]" * 120_000
    body = f'[{{"id": "{UUID(int=1)}", "traits": {traits}}}]'
    ory.respond("GET /admin/identities", body=body, headers={"Content-Type": "application/json"})
    stderr = StringIO()
    call_command("ory_sync_identities", stdout=StringIO(), stderr=stderr, no_color=True)
    expect("unreadable", stderr.getvalue())


@pytest.mark.django_db
def test_row_that_cannot_be_written_is_logged(
    ory: FakeOry, change_ory: ChangeOry, caplog: pytest.LogCaptureFixture
) -> None:
    change_ory(ADAPTER="tests.mirror.test_sync.FailsForTwo")
    add_identities(ory, make_identity(2))
    with pytest.raises(CommandError):
        call_command("ory_sync_identities", stdout=StringIO(), stderr=StringIO())
    expect("row-failed", caplog.text)


def test_client_that_hydra_cannot_address_is_explained(ory: FakeOry) -> None:
    headers = {"Content-Type": "text/plain"}
    ory.respond("GET /admin/clients/{id}", status=404, body="404 page not found\n", headers=headers)
    with pytest.raises(RouteNotFound) as raised:
        get_client().admin_get_o_auth2_client("app/1")
    expect("client-id", error_text(raised.value))


def test_change_without_a_response_is_explained(ory: FakeOry) -> None:
    with ory.fault("kratos", "slow"), pytest.raises(OryTimeout) as raised:
        get_client().admin_delete_identity(str(UUID(int=1)))
    expect("edit-lost", error_text(raised.value))
