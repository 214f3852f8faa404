"""``ory:kratos_hook``: recorded before the response, processed after it, and closed to other clients."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

import django
import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from django_ory.authentication.session_cache import SessionCache
from django_ory.mirror.webhooks import views
from django_ory.mirror.webhooks.notifications import build_hook_template
from django_ory.mirror.webhooks.processing import ProcessingReport, process_deliveries
from django_ory.models import Identity, WebhookDelivery
from tests.support.resources import add_identities, list_calls, make_identity

from .conftest import FORMER_SECRET, HOOK, SECRET, build_post

if TYPE_CHECKING:
    from django_ory.testing import FakeOry
    from tests.support.fixtures import ChangeOry

pytestmark = pytest.mark.django_db

STATUS = WebhookDelivery.Status


def test_post_writes_the_row_and_a_record_without_traits(post: Any, ory: FakeOry) -> None:
    add_identities(ory, make_identity(1))
    response = post(build_post(event="registration", traits={"email": "person1@example.com"}))
    assert (response.status_code, response.content) == (202, b"")
    assert Identity.objects.get().label == "person1@example.com"
    delivery = WebhookDelivery.objects.get()
    assert (delivery.alias, delivery.event, delivery.identity_id) == ("default", "registration", UUID(int=1))
    assert (delivery.status, delivery.attempts, delivery.error) == (STATUS.DONE, 1, "")
    assert delivery.processed_at is not None
    assert "example.com" not in str(WebhookDelivery.objects.values().get())
    assert "example.com" not in repr(delivery)


def test_values_of_the_body_are_never_used(post: Any, ory: FakeOry) -> None:
    """The row is the answer of Kratos, so a forged, an old or a repeated post is harmless."""
    add_identities(ory, make_identity(1, state="inactive"))
    forged = build_post(state="active", traits={"email": "eve@example.com"}, identity={"state": "active"})
    for _ in range(3):
        assert post(forged).status_code == 202
    row = Identity.objects.get()
    assert (row.state, row.label) == ("inactive", "person1@example.com")


def test_posts_within_a_minute_are_one_record(post: Any, ory: FakeOry) -> None:
    add_identities(ory, make_identity(1))
    for event in ("login", "settings", "login", "login"):
        assert post(build_post(event=event)).status_code == 202
    counts = dict(WebhookDelivery.objects.values_list("event", "posts"))
    assert counts == {"login": 3, "settings": 1}


def test_post_is_recorded_before_the_response_and_processed_after_it(
    post: Any, ory: FakeOry, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_identities(ory, make_identity(1))
    seen: list[tuple[str, int]] = []
    original = views.KratosHookView.post

    def watch(view: Any, request: Any, alias: str) -> Any:
        response = original(view, request, alias)
        seen.append((WebhookDelivery.objects.get().status, len(list_calls(ory, "/admin/identities"))))
        return response

    monkeypatch.setattr(views.KratosHookView, "post", watch)
    assert post(build_post()).status_code == 202
    assert seen == [(STATUS.PENDING, 0)]
    assert Identity.objects.exists()


def test_no_call_of_kratos_is_made_in_a_transaction(
    ory: FakeOry, inside: list[bool], post: Any, transactional_db: None
) -> None:
    add_identities(ory, make_identity(1))
    assert post(build_post()).status_code == 202
    assert inside == [False]


def test_cached_sessions_are_dropped_before_the_row_is_written(
    post: Any, ory: FakeOry, change_ory: ChangeOry, monkeypatch: pytest.MonkeyPatch
) -> None:
    dropped: list[str] = []

    def drop(_: SessionCache, identity_id: UUID | str, **_options: float) -> bool:
        dropped.append(str(identity_id))
        return True

    monkeypatch.setattr(SessionCache, "invalidate_identity", drop)
    change_ory(WEBHOOK_SECRETS=[SECRET], SESSION_CACHE_SECONDS=60, WEBHOOK_PROCESSING="command")
    assert post(build_post()).status_code == 202
    assert dropped == [str(UUID(int=1))]
    assert not ory.requests


def test_command_mode_only_records(post: Any, ory: FakeOry, change_ory: ChangeOry) -> None:
    change_ory(WEBHOOK_SECRETS=[SECRET], WEBHOOK_PROCESSING="command")
    add_identities(ory, make_identity(1))
    assert post(build_post()).status_code == 202
    assert not Identity.objects.exists()
    assert process_deliveries() == ProcessingReport(done=1)
    assert Identity.objects.exists()


def test_post_leaves_the_deliveries_of_a_project_with_a_command(
    post: Any, ory: FakeOry, settings: Any
) -> None:
    acme = {**settings.ORY["default"], "WEBHOOK_PROCESSING": "command"}
    settings.ORY = {"default": settings.ORY["default"], "acme": acme}
    add_identities(ory, make_identity(1), make_identity(2))
    assert post(build_post(), url=reverse("ory:kratos_hook", args=["acme"])).status_code == 202
    assert post(build_post(2)).status_code == 202
    assert [row.alias for row in Identity.objects.all()] == ["default"]
    assert WebhookDelivery.objects.get(alias="acme").status == STATUS.PENDING


@pytest.mark.skipif(django.VERSION < (6, 0), reason="Django's tasks came with 6.0")
def test_queue_processes_posts_instead_of_the_process_that_received_them(
    post: Any, ory: FakeOry, change_ory: ChangeOry, settings: Any
) -> None:
    change_ory(TASKS="django")
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}
    add_identities(ory, make_identity(1))
    assert post(build_post()).status_code == 202
    assert not ory.requests
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
    assert post(build_post()).status_code == 202
    assert WebhookDelivery.objects.get().status == STATUS.DONE


def test_kratos_that_is_down_keeps_the_delivery(post: Any, ory: FakeOry) -> None:
    ory.set_fault("kratos", "down")
    assert post(build_post()).status_code == 202
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.attempts) == (STATUS.PENDING, 1)
    assert delivery.error == "OryConnectionError"
    assert delivery.next_attempt_at > delivery.received_at


def test_database_that_fails_is_a_503_so_that_kratos_repeats_the_post(
    post: Any, ory: FakeOry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise OperationalError("FATAL: password of person1@example.com")

    monkeypatch.setattr(views, "record_notification", fail)
    response = post(build_post())
    assert response.status_code == 503
    assert "FATAL" not in response.content.decode()


def test_error_after_the_response_is_logged_without_its_text(
    post: Any, ory: FakeOry, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**_: Any) -> None:
        raise OperationalError("disk of person1@example.com is full")

    monkeypatch.setattr(views, "process_deliveries", fail)
    assert post(build_post()).status_code == 202
    assert "Web hooks not processed: OperationalError. They stay recorded." in caplog.text


# Posts that are not Kratos'.


@pytest.mark.parametrize("secret", ["", "x", SECRET[:-1], f"{SECRET}x", SECRET.upper(), "ü"])
def test_wrong_secrets_write_nothing(post: Any, ory: FakeOry, secret: str) -> None:
    for _ in range(20):
        response = post(build_post(), secret=secret)
        assert response.status_code == 403
    assert response.json()["error"]["id"] == "webhook_rejected"
    assert "secret" not in response.content.decode().lower()
    assert not WebhookDelivery.objects.exists()
    assert not ory.requests


def test_every_secret_of_the_list_is_accepted(post: Any, ory: FakeOry) -> None:
    add_identities(ory, make_identity(1))
    assert [post(build_post(), secret=each).status_code for each in (SECRET, FORMER_SECRET)] == [202, 202]


@pytest.mark.parametrize(
    ("document", "status"),
    [
        (" ", 400),
        ("{", 400),
        ("[" * 30_000, 400),
        (b"\xff\xfe", 400),
        ('{"event": "\\ud800", "identity_id": "x"}', 400),
        ("null", 422),
        ("[]", 422),
        ("{}", 422),
        (build_post(event=""), 422),
        (build_post(event="Login"), 422),
        (build_post(event="x" * 33), 422),
        (build_post(event="login\n"), 422),
        (build_post(number=0), 422),
        ({"event": "login"}, 422),
        ({"event": "login", "identity_id": None}, 422),
        ({"event": "login", "identity_id": 5}, 422),
        ({"event": "login", "identity_id": "../../clients"}, 422),
        ({"event": ["login"], "identity_id": str(UUID(int=1))}, 422),
        (build_post(padding="x" * 70_000), 413),
        (b"x" * (10 * 1024 * 1024), 413),
    ],
)
def test_invalid_posts_are_rejected_and_write_nothing(
    post: Any, ory: FakeOry, document: Any, status: int
) -> None:
    response = post(document)
    assert response.status_code == status
    assert response.json()["error"]["id"] == "webhook_rejected"
    assert not WebhookDelivery.objects.exists()
    assert not ory.requests


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_other_content_types_are_rejected(post: Any, content_type: str) -> None:
    assert post(build_post(), content_type=content_type).status_code == 415


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options"])
def test_other_methods_are_rejected(client: Client, method: str) -> None:
    assert getattr(client, method)(HOOK, headers={"X-Webhook-Secret": SECRET}).status_code == 405


def test_post_needs_no_csrf_token_and_no_user(ory: FakeOry) -> None:
    strict = Client(enforce_csrf_checks=True)
    body = json.dumps(build_post())
    response = strict.post(
        HOOK, body, content_type="application/json; charset=utf-8", headers={"X-Webhook-Secret": SECRET}
    )
    assert response.status_code == 202
    assert not [call for call in list_calls(ory) if "whoami" in call]


def test_endpoint_is_off_without_secrets(post: Any, change_ory: ChangeOry) -> None:
    change_ory(WEBHOOK_SECRETS=[])
    assert post(build_post()).status_code == 404
    assert post(build_post(), url=reverse("ory:kratos_hook", args=["nowhere"])).status_code == 404


def test_projects_are_apart(post: Any, ory: FakeOry, settings: Any) -> None:
    acme = {**settings.ORY["default"], "WEBHOOK_SECRETS": ["a" * 32]}
    settings.ORY = {"default": settings.ORY["default"], "acme": acme}
    add_identities(ory, make_identity(1))
    url = reverse("ory:kratos_hook", args=["acme"])
    assert post(build_post(), url=url).status_code == 403
    assert post(build_post(), url=url, secret="a" * 32).status_code == 202
    assert Identity.objects.get().alias == "acme"


@pytest.mark.parametrize(
    ("address", "networks", "is_allowed"),
    [
        ("10.1.2.3", ["10.0.0.0/8"], True),
        ("::ffff:10.1.2.3", ["10.0.0.0/8"], True),
        ("10.1.2.3", ["192.168.0.1", "10.1.2.3"], True),
        ("fd00::5", ["fd00::/8"], True),
        ("11.1.2.3", ["10.0.0.0/8"], False),
        ("10.1.2.3", ["fd00::/8"], False),
        ("", ["10.0.0.0/8"], False),
        ("unix:", ["10.0.0.0/8"], False),
        ("10.1.2.3", ["10.0.0.0/33", "kratos"], False),
    ],
)
def test_only_addresses_of_kratos_networks_may_post(
    post: Any, ory: FakeOry, change_ory: ChangeOry, address: str, networks: list[str], is_allowed: bool
) -> None:
    change_ory(WEBHOOK_SECRETS=[SECRET], KRATOS_NETWORKS=networks)
    response = post(build_post(), REMOTE_ADDR=address, HTTP_X_FORWARDED_FOR="10.1.2.3")
    assert response.status_code == (202 if is_allowed else 403)
    assert WebhookDelivery.objects.exists() is is_allowed


def test_template_of_a_hook_has_the_id_and_the_event_only() -> None:
    template = build_hook_template("login")
    assert template == 'function(ctx) { event: "login", identity_id: ctx.identity.id }'
