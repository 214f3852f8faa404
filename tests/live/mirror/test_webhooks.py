"""Web hooks of a real Kratos: after each flow, the row is equal to the identity a moment later."""

from __future__ import annotations

import json
import secrets
import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import requests
from django.urls import reverse

from django_ory.clients import get_client
from django_ory.mirror.webhooks import deliveries
from django_ory.mirror.webhooks.processing import process_deliveries
from django_ory.models import Identity, WebhookDelivery
from tests.live.selfservice.conftest import Visitor

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django.live_server_helper import LiveServer

    from django_ory.devstack import OryStack

pytestmark = [pytest.mark.live, pytest.mark.django_db(transaction=True)]

SECRET = secrets.token_hex(16)
WAIT_SECONDS = 30


@pytest.fixture
def stack(live_server: LiveServer, settings: Any, ory_stack_factory: Callable[..., OryStack]) -> OryStack:
    """A Kratos with the configuration of ``ory_config`` for a site with web hooks."""
    hooks = {
        "WEBHOOK_SECRETS": [SECRET],
        "WEBHOOK_URL": f"{live_server.url}{reverse('ory:kratos_hook', args=['default'])}",
    }
    settings.ORY = {"default": {**settings.ORY["default"], **hooks}}
    stack = ory_stack_factory(config_overrides={"kratos": {}})
    settings.ORY = {"default": {**stack.ory_setting["default"], **hooks}}
    return stack


def wait_for(is_done: Callable[[], Any]) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while not is_done():
        assert time.monotonic() < until, "timed out"
        time.sleep(0.05)


def wait_for_event(event: str) -> WebhookDelivery:
    """Wait until the deliveries of an event were processed. Return the last one."""
    rows = WebhookDelivery.objects.filter(event=event)
    wait_for(lambda: rows.exists() and not rows.exclude(status=WebhookDelivery.Status.DONE).exists())
    return rows.latest("pk")


def get_row(email: str) -> Identity:
    return Identity.objects.get(label=email)


def is_verified(row: Identity) -> bool:
    return bool(row.data["verifiable_addresses"][0]["verified"])


def test_row_is_right_after_each_flow_and_an_outage(
    stack: OryStack, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "FIRST_DELAY_SECONDS", 0.5)
    ann = Visitor(stack)
    ann.page("registration")
    ann.press("profile", **{"traits.email": ann.email, "traits.name.first": "Ann"})
    ann.press("password", password=ann.password)
    wait_for_event("registration")
    row = get_row(ann.email)
    assert not is_verified(row)
    ann.press("method", code=ann.code())
    wait_for_event("verification")
    row.refresh_from_db()
    assert is_verified(row)
    ann.page("settings")
    ann.press("profile", **{"traits.email": ann.email, "traits.name.first": "Anna"})
    wait_for_event("settings")
    row.refresh_from_db()
    assert row.traits["name"]["first"] == "Anna"
    Identity.objects.all().delete()
    ann.sign_out()
    ann.sign_in()
    wait_for_event("login")
    assert get_row(ann.email).traits["name"]["first"] == "Anna"
    Identity.objects.all().delete()
    ann.browser.session.cookies.clear()
    before = stack.mails[-1].id
    ann.page("recovery")
    ann.press("method", email=ann.email)
    ann.press("method", code=ann.code(after=before))
    wait_for_event("recovery")
    assert get_row(ann.email).state == "active"
    identity = get_client().admin_list_identities(credentials_identifier=ann.email)[0]
    assert set(WebhookDelivery.objects.values_list("identity_id", flat=True)) == {
        get_row(ann.email).identity_id
    }
    assert str(get_row(ann.email).identity_id) == identity.id
    check_outage(stack, ann, settings)
    check_flood(settings.ORY["default"]["WEBHOOK_URL"])


def check_outage(stack: OryStack, ann: Visitor, settings: Any) -> None:
    """Kratos is restarted between a delivery and its processing."""
    ann.browser.session.cookies.clear()
    ann.sign_in()
    wait_for_event("login")
    settings.ORY = {"default": {**settings.ORY["default"], "WEBHOOK_PROCESSING": "command"}}
    ann.page("settings")
    ann.press("profile", **{"traits.email": ann.email, "traits.name.first": "Annie"})
    pending = WebhookDelivery.objects.filter(status=WebhookDelivery.Status.PENDING)
    wait_for(pending.exists)
    stack.kratos.stop()
    assert process_deliveries().retried == 1
    assert pending.get().error == "OryConnectionError"
    stack.kratos.start()
    stack.kratos.wait_ready()
    wait_for(lambda: process_deliveries().done)
    assert get_row(ann.email).traits["name"]["first"] == "Annie"


def check_flood(url: str) -> None:
    """Posts that are not Kratos' are answered at once, and write nothing."""
    before = list(WebhookDelivery.objects.values())
    body = json.dumps({"event": "login", "identity_id": str(uuid4())})
    large = b"x" * (10 * 1024 * 1024)
    for secret, content_type, content, status in (
        ("", "application/json", body, 403),
        ("x" * 32, "application/json", body, 403),
        ("x" * 32, "application/json", large, 403),
        (SECRET, "application/json", large, 413),
        (SECRET, "text/plain", body, 415),
        (SECRET, "application/json", "{", 400),
    ):
        headers = {"Content-Type": content_type, "X-Webhook-Secret": secret}
        for _ in range(3):
            assert requests.post(url, data=content, headers=headers, timeout=5).status_code == status
    assert list(WebhookDelivery.objects.values()) == before
