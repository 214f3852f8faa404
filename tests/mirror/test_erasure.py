"""Erasing identities and pruning rows: no personal data is left in any table."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from django_ory.mirror.erasure import erase_identity
from django_ory.mirror.identities import delete_identity, sync_identities
from django_ory.models import Identity, Invitation, OAuth2Client, WebhookDelivery
from tests.support.resources import add_identities, make_identity

if TYPE_CHECKING:
    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

TABLES = ("django_ory_identity", "django_ory_invitation", "django_ory_webhookdelivery", "django_admin_log")


def read_tables() -> str:
    with connection.cursor() as cursor:
        rows = []
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table}")
            rows += cursor.fetchall()
    return str(rows)


def write_entry(row: Identity, name: str, message: str) -> LogEntry:
    user = get_user_model().objects.first() or get_user_model().objects.create()
    return LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(Identity),
        object_id=str(row.pk),
        object_repr=name,
        action_flag=CHANGE,
        change_message=message,
    )


def invite(email: str, **values: Any) -> Invitation:
    expires_at = timezone.now() + timedelta(days=1)
    count = Invitation.objects.count()
    return Invitation.objects.create(email=email, token_hash=f"hash{count}", expires_at=expires_at, **values)


class TestErasure:
    def test_deleted_identity_leaves_no_personal_data(self, ory: FakeOry) -> None:
        add_identities(ory, make_identity(1, metadata_public={"nick": "Zorro"}), make_identity(2))
        sync_identities("default")
        row = Identity.objects.get(identity_id=UUID(int=1))
        entries = [
            write_entry(row, "person1@example.com", "Changed."),
            write_entry(row, row.log_name, "Set the name to Zoë (Zorro)."),
        ]
        opened = invite("Person1@Example.com")
        used = invite("other@example.com", used_by="person1@example.com", signup_digest="x")
        WebhookDelivery.objects.create(event="settings", identity_id=UUID(int=1))
        delete_identity("default", UUID(int=1))
        text = read_tables()
        for value in ("person1@example.com", "Person1@Example.com", "Zorro"):
            assert value not in text
        for entry in entries:
            entry.refresh_from_db()
        assert [(entry.object_repr, entry.change_message) for entry in entries] == [
            (str(UUID(int=1)), "Changed."),
            (str(UUID(int=1)), ""),
        ]
        opened.refresh_from_db()
        used.refresh_from_db()
        # Without an address, an open invitation would be valid for everyone.
        assert (opened.email, opened.status) == ("", Invitation.Status.REVOKED)
        assert (used.email, used.used_by, used.status) == ("", "", Invitation.Status.USED)
        assert "person2@example.com" in text

    def test_data_of_others_stays(self, ory: FakeOry) -> None:
        add_identities(ory, make_identity(1), make_identity(2))
        sync_identities("default")
        entry = write_entry(Identity.objects.get(identity_id=UUID(int=2)), "person1@example.com", "About 1.")
        other_project = invite("person1@example.com", alias="acme")
        other_person = invite("person2@example.com")
        WebhookDelivery.objects.create(event="settings", identity_id=UUID(int=2))
        assert erase_identity("default", UUID(int=1))
        for each in (entry, other_project, other_person):
            each.refresh_from_db()
        assert entry.object_repr == "person1@example.com"
        assert other_project.email == "person1@example.com"
        assert other_person.status == Invitation.Status.OPEN
        assert WebhookDelivery.objects.count() == 1

    def test_address_that_the_identity_has_not_verified_revokes_no_invitation(self, ory: FakeOry) -> None:
        identity = make_identity(1)
        identity["traits"]["name"]["first"] = "guest@example.com"
        unverified = {**identity["verifiable_addresses"][0], "value": "other@example.com", "verified": False}
        identity["verifiable_addresses"].append(unverified)
        add_identities(ory, identity)
        sync_identities("default")
        invitations = [invite("guest@example.com"), invite("other@example.com")]
        assert erase_identity("default", UUID(int=1))
        for each in invitations:
            each.refresh_from_db()
            assert (each.status, each.email != "") == (Invitation.Status.OPEN, True)

    def test_identity_without_a_row_only_loses_its_deliveries(self) -> None:
        WebhookDelivery.objects.create(event="settings", identity_id=UUID(int=1))
        assert not erase_identity("default", UUID(int=1))
        assert not WebhookDelivery.objects.exists()

    def test_row_without_values_changes_no_invitation(self) -> None:
        Identity.objects.create(identity_id=UUID(int=1))
        invitation = invite("")
        assert erase_identity("default", UUID(int=1))
        invitation.refresh_from_db()
        assert invitation.status == Invitation.Status.OPEN


def prune(*arguments: str) -> str:
    out = StringIO()
    call_command("ory_prune", *arguments, stdout=out, no_color=True)
    return out.getvalue()


class TestPruning:
    @pytest.fixture(autouse=True)
    def rows(self, db: None) -> None:
        now = timezone.now()
        user = get_user_model().objects.create()
        for number, days in enumerate((31, 29, 31), start=1):
            Identity.objects.create(
                identity_id=UUID(int=number),
                label=f"person{number}@example.com",
                missing_since=now - timedelta(days=days),
                user=user if number == 3 else None,
            )
        Identity.objects.create(identity_id=UUID(int=4))
        OAuth2Client.objects.create(client_id="old", missing_since=now - timedelta(days=31))
        OAuth2Client.objects.create(client_id="new", missing_since=now)

    def get_numbers(self) -> list[int]:
        return sorted(row.identity_id.int for row in Identity.objects.all())

    def test_rows_that_are_missing_for_long_are_deleted_without_linked_ones(self) -> None:
        write_entry(Identity.objects.get(identity_id=UUID(int=1)), "person1@example.com", "x")
        assert prune("--missing-for", "30d") == (
            "default: 1 identities and 1 clients deleted, 1 kept because they are linked to a user.\n"
        )
        assert self.get_numbers() == [2, 3, 4]
        assert [row.client_id for row in OAuth2Client.objects.all()] == ["new"]
        assert LogEntry.objects.get().object_repr == str(UUID(int=1))

    def test_linked_rows_are_deleted_on_request_and_users_stay(self) -> None:
        prune("--missing-for", "30d", "--include-linked")
        assert self.get_numbers() == [2, 4]
        assert get_user_model().objects.count() == 1

    def test_dry_run_deletes_nothing(self) -> None:
        assert prune("--missing-for", "4w", "--dry-run").startswith(
            "default (dry run): 2 identities and 1 clients deleted"
        )
        assert self.get_numbers() == [1, 2, 3, 4]

    def test_other_projects_are_kept(self, settings: Any) -> None:
        settings.ORY = {"default": settings.ORY["default"], "acme": settings.ORY["default"]}
        assert "0 identities" in prune("--missing-for", "1h", "--alias", "acme")
        assert len(prune("--missing-for", "30d", "--all").splitlines()) == 2
        assert self.get_numbers() == [2, 3, 4]

    @pytest.mark.parametrize("text", ["30", "d", "-1d", "1y", "1.5d", ""])
    def test_invalid_time_is_rejected(self, text: str) -> None:
        with pytest.raises(CommandError, match="number with a unit"):
            prune(f"--missing-for={text}")

    def test_unknown_alias_is_rejected(self) -> None:
        with pytest.raises(CommandError):
            prune("--missing-for", "1d", "--alias", "typo")
