"""Invitations in the Django admin: add, revoke, send again; the link is shown once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from django_ory.invitations.invitations import create_invitation, find_by_token, revoke_invitation
from django_ory.models import Invitation

pytestmark = pytest.mark.django_db

LIST = reverse("admin:django_ory_invitation_changelist")
ADD = reverse("admin:django_ory_invitation_add")
EMAIL = "ann@example.org"


@pytest.fixture(autouse=True)
def closed(settings: Any) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "INVITATION_SECRETS": ["x" * 32]}}


def add(client: Client, **data: Any) -> Any:
    return client.post(ADD, {"alias": "default", "email": "", "days": "7", **data})


def run(client: Client, action: str, *rows: Invitation) -> str:
    data = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(LIST, data, follow=True).content.decode()


def read_token(response: Any) -> str:
    found = re.search(r"/invitation/\?token=([\w-]+)</code>", response.content.decode())
    assert found
    return found[1]


def test_added_invitation_shows_its_link_once(admin: Client, staff: Any) -> None:
    response = add(admin, days="30")
    row = Invitation.objects.get()
    assert find_by_token(read_token(response), alias="default") == row
    assert row.created_by == staff
    assert timedelta(days=29) < row.expires_at - timezone.now() <= timedelta(days=30)
    assert mail.outbox == []
    page = admin.get(reverse("admin:django_ory_invitation_change", args=[row.pk])).content.decode()
    assert "/invitation/?" not in page
    assert row.token_hash not in page
    assert str(row.pk) in admin.get(LIST).content.decode()


def test_invitation_with_an_address_is_sent(admin: Client) -> None:
    response = add(admin, email=EMAIL)
    [sent] = mail.outbox
    assert sent.to == [EMAIL]
    assert read_token(response) in str(sent.body)
    assert f"The link was sent to {EMAIL}" in response.content.decode()
    assert EMAIL not in str(LogEntry.objects.values())


@pytest.mark.parametrize(
    "data", [{"days": "0"}, {"days": "366"}, {"days": "x"}, {"email": "x"}, {"alias": "no"}]
)
def test_invalid_values_are_errors_of_the_form(admin: Client, data: dict[str, str]) -> None:
    assert b"errorlist" in add(admin, **data).content
    assert not Invitation.objects.exists()


def test_mail_server_that_is_down_is_reported(
    admin: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(self: Any, **options: Any) -> None:
        raise OSError(EMAIL)

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)
    response = add(admin, email=EMAIL)
    assert read_token(response)
    assert "could not be sent" in response.content.decode()
    assert EMAIL not in caplog.text


def test_revoke_and_send_again_change_open_invitations_only(admin: Client) -> None:
    row, token = create_invitation(email=EMAIL)
    ended, _token = create_invitation(email=EMAIL)
    revoke_invitation(ended)
    without, _token = create_invitation()
    text = run(admin, "send_again", row, ended, without)
    assert "1 invitation was sent." in text
    assert "2 were skipped" in text
    assert find_by_token(token, alias="default") is None
    assert len(mail.outbox) == 1
    text = run(admin, "revoke", row, ended)
    assert "1 invitation was revoked." in text
    row.refresh_from_db()
    assert row.status is Invitation.Status.REVOKED
    assert EMAIL not in str(LogEntry.objects.values())
    assert LogEntry.objects.count() == 2


def test_deletion_is_logged_without_personal_data(admin: Client) -> None:
    row, _token = create_invitation(email=EMAIL)
    admin.post(reverse("admin:django_ory_invitation_delete", args=[row.pk]), {"post": "yes"})
    assert not Invitation.objects.exists()
    assert [entry.object_repr for entry in LogEntry.objects.all()] == [f"#{row.pk}"]


@pytest.mark.parametrize("status", Invitation.Status.values)
def test_list_is_filtered_by_status(admin: Client, status: str) -> None:
    rows = {name: create_invitation(email=f"{name}@example.org")[0] for name in Invitation.Status.values}
    Invitation.objects.filter(pk=rows["used"].pk).update(signup_digest="x")
    Invitation.objects.filter(pk=rows["expired"].pk).update(expires_at=timezone.now())
    revoke_invitation(rows["revoked"])
    content = admin.get(LIST, {"status": status}).content.decode()
    found = {name for name in rows if f"{name}@example.org" in content}
    assert found == {status}
    rows[status].refresh_from_db()
    assert rows[status].status == status


def test_permissions_decide(staff_with: Callable[..., Client]) -> None:
    row, _token = create_invitation(email=EMAIL)
    viewer = staff_with("view_invitation")
    assert viewer.get(LIST).status_code == 200
    assert viewer.get(ADD).status_code == 403
    run(viewer, "revoke", row)
    row.refresh_from_db()
    assert row.status is Invitation.Status.OPEN


def test_pages_are_hidden_while_sign_up_is_open(admin: Client, settings: Any) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "INVITATION_SECRETS": []}}
    assert LIST not in admin.get(reverse("admin:index")).content.decode()
    assert admin.get(ADD).status_code == 403
