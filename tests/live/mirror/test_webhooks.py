"""Web hooks of a real Kratos: after each flow, the row is equal to the identity a moment later."""

from __future__ import annotations

import json
import queue
import secrets
import threading
import time
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
import requests
from django.test import Client
from django.urls import reverse

from django_ory.clients import get_client
from django_ory.mirror.webhooks import deliveries, views
from django_ory.mirror.webhooks.processing import process_deliveries
from django_ory.models import Identity, WebhookDelivery
from tests.live.hook_server import hook_server
from tests.live.selfservice.conftest import Visitor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_django.live_server_helper import LiveServer

    from django_ory.devstack import OryStack

pytestmark = [pytest.mark.live, pytest.mark.django_db(transaction=True)]

SECRET = secrets.token_hex(16)
WAIT_SECONDS = 60
DONE, PENDING = WebhookDelivery.Status.DONE, WebhookDelivery.Status.PENDING


class Inbox:
    """Keeps the posts of Kratos, and gives each to the site when the test asks for it."""

    def __init__(self) -> None:
        self.received: queue.Queue[tuple[str, dict[str, str], bytes]] = queue.Queue()
        self.url = ""

    def receive(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Answer as the site does."""
        self.received.put((path, headers, body))
        return 202, b""

    def deliver(self, event: str) -> WebhookDelivery:
        """Wait for the next post, which is about this event, and post it to the site."""
        path, headers, body = self.received.get(timeout=WAIT_SECONDS)
        content = json.loads(body)
        assert content.keys() == {"event", "identity_id"}
        assert content["event"] == event
        assert (headers["Content-Type"], headers["X-Webhook-Secret"]) == ("application/json", SECRET)
        response = Client().post(
            path,
            body,
            content_type=headers["Content-Type"],
            headers={"X-Webhook-Secret": headers["X-Webhook-Secret"]},
        )
        assert response.status_code == 202
        return WebhookDelivery.objects.filter(event=event, identity_id=content["identity_id"]).latest("pk")


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    inbox = Inbox()
    with hook_server(inbox.receive) as inbox.url:
        yield inbox


@pytest.fixture
def stack(inbox: Inbox, settings: Any, ory_stack_factory: Callable[..., OryStack]) -> OryStack:
    """A Kratos with the configuration of ``ory_config`` for a site with web hooks."""
    hooks = {
        "WEBHOOK_SECRETS": [SECRET],
        "WEBHOOK_URL": f"{inbox.url}{reverse('ory:kratos_hook', args=['default'])}",
    }
    settings.ORY = {"default": {**settings.ORY["default"], **hooks}}
    stack = ory_stack_factory(config_overrides={"kratos": {}})
    settings.ORY = {"default": {**stack.ory_setting["default"], **hooks}}
    return stack


def get_row(email: str) -> Identity:
    return Identity.objects.get(label=email)


def get_name(email: str) -> Any:
    return get_row(email).traits["name"]["first"]


def is_verified(email: str) -> bool:
    return bool(get_row(email).data["verifiable_addresses"][0]["verified"])


def test_row_is_right_after_each_flow_and_an_outage(
    stack: OryStack, inbox: Inbox, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "FIRST_DELAY_SECONDS", 0.5)
    ann = Visitor(stack)
    ann.page("registration")
    ann.press("profile", **{"traits.email": ann.email, "traits.name.first": "Ann"})
    ann.press("password", password=ann.password)
    assert inbox.deliver("registration").status == DONE
    assert not is_verified(ann.email)
    ann.press("method", code=ann.code())
    assert inbox.deliver("verification").status == DONE
    assert is_verified(ann.email)
    ann.page("settings")
    ann.press("profile", **{"traits.email": ann.email, "traits.name.first": "Anna"})
    assert inbox.deliver("settings").status == DONE
    assert get_name(ann.email) == "Anna"
    Identity.objects.all().delete()
    ann.sign_out()
    ann.sign_in()
    assert inbox.deliver("login").status == DONE
    assert get_name(ann.email) == "Anna"
    Identity.objects.all().delete()
    ann.browser.session.cookies.clear()
    before = stack.mails[-1].id
    ann.page("recovery")
    ann.press("method", email=ann.email)
    ann.press("method", code=ann.code(after=before))
    delivery = inbox.deliver("recovery")
    identity = get_client().admin_list_identities(credentials_identifier=ann.email)[0]
    assert delivery.identity_id == get_row(ann.email).identity_id == UUID(identity.id)
    ann.browser.session.cookies.clear()
    ann.sign_in()
    inbox.deliver("login")
    check_outage(stack, inbox, ann, settings)
    assert inbox.received.empty()


def check_outage(stack: OryStack, inbox: Inbox, ann: Visitor, settings: Any) -> None:
    """Kratos is restarted between a delivery and its processing."""
    settings.ORY = {"default": {**settings.ORY["default"], "WEBHOOK_PROCESSING": "command"}}
    ann.page("settings")
    ann.press("profile", **{"traits.email": ann.email, "traits.name.first": "Annie"})
    delivery = inbox.deliver("settings")
    assert (delivery.status, delivery.posts) == (PENDING, 2)
    stack.kratos.stop()
    assert process_deliveries().retried == 1
    delivery.refresh_from_db()
    assert (delivery.status, delivery.error) == (PENDING, "OryConnectionError")
    stack.kratos.start()
    stack.kratos.wait_ready()
    until = time.monotonic() + WAIT_SECONDS
    while not process_deliveries().done:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert get_name(ann.email) == "Annie"


@pytest.fixture
def hook(live_server: LiveServer, settings: Any) -> str:
    """The URL of the endpoint on a real server."""
    settings.ORY = {"default": {**settings.ORY["default"], "WEBHOOK_SECRETS": [SECRET]}}
    return f"{live_server.url}{reverse('ory:kratos_hook', args=['default'])}"


def test_response_arrives_before_the_processing(hook: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The processing waits for the test, which has the response first."""
    has_response, is_processed = threading.Event(), threading.Event()

    def process(**_: Any) -> None:
        assert has_response.wait(WAIT_SECONDS)
        is_processed.set()

    monkeypatch.setattr(views, "process_deliveries", process)
    response = requests.post(
        hook,
        json={"event": "login", "identity_id": str(uuid4())},
        headers={"X-Webhook-Secret": SECRET},
        timeout=WAIT_SECONDS / 2,
    )
    assert (response.status_code, response.content) == (202, b"")
    assert not is_processed.is_set()
    assert WebhookDelivery.objects.get().status == PENDING
    has_response.set()
    assert is_processed.wait(WAIT_SECONDS)


def test_flood_of_other_posts_writes_nothing(hook: str) -> None:
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
            response = requests.post(hook, data=content, headers=headers, timeout=WAIT_SECONDS)
            assert response.status_code == status
    assert not WebhookDelivery.objects.exists()
