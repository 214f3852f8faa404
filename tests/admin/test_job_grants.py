"""Jobs of users in the Django admin: a read-only list and one action with its own permission."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from django_ory.models import JobGrant
from django_ory.testing import FakeOry
from tests.support.fixtures import ChangeOry, change_ory

__all__ = ["change_ory"]

pytestmark = pytest.mark.django_db

LIST = reverse("admin:django_ory_jobgrant_changelist")


@pytest.fixture(autouse=True)
def rows(change_ory: ChangeOry, ory: FakeOry) -> list[JobGrant]:
    """A site with a job that acts for two users, revoked by one of them."""
    change_ory(JOB_TOKEN_KEYS=["/etc/site/job-token.pem"])
    values = {"client_id": "exporter", "job": "export", "title": "Nightly <export>", "scope": ["photos"]}
    return [
        JobGrant.objects.create(subject="ann", **values),
        JobGrant.objects.create(subject="ben", revoked_at=timezone.now(), **values),
    ]


def revoke(client: Client, rows: list[JobGrant]) -> Any:
    data = {"action": "revoke", "_selected_action": [row.pk for row in rows]}
    return client.post(LIST, data, follow=True)


def test_list_shows_jobs_and_filters_revoked_ones(admin: Client) -> None:
    page = admin.get(LIST).content.decode()
    assert page.count(">Nightly &lt;export&gt;</a>") == 2
    page = admin.get(LIST, {"revoked": "no"}).content.decode()
    assert ("ann" in page, ">ben<" in page) == (True, False)
    assert ">ann<" not in admin.get(LIST, {"revoked": "yes"}).content.decode()
    assert admin.get(LIST, {"revoked": "maybe", "q": "exporter"}).status_code == 200


def test_action_revokes_and_is_logged(admin: Client, rows: list[JobGrant]) -> None:
    assert "1 job was revoked." in revoke(admin, rows).content.decode()
    assert not JobGrant.objects.filter(revoked_at=None).exists()
    assert [entry.change_message for entry in LogEntry.objects.all()] == ["Revoked."]


def test_rows_are_read_only(admin: Client, rows: list[JobGrant]) -> None:
    page = reverse("admin:django_ory_jobgrant_change", args=[rows[0].pk])
    assert admin.get(page).status_code == 200
    assert admin.post(page, {"subject": "eve"}).status_code == 403
    assert admin.post(reverse("admin:django_ory_jobgrant_delete", args=[rows[0].pk])).status_code == 403
    assert JobGrant.objects.filter(subject="ann").exists()


def test_action_needs_its_own_permission(staff_with: Callable[..., Client], rows: list[JobGrant]) -> None:
    revoke(staff_with("view_jobgrant"), rows)
    assert JobGrant.objects.get(subject="ann").revoked_at is None


def test_staff_with_the_permission_may_revoke(
    staff_with: Callable[..., Client], rows: list[JobGrant]
) -> None:
    revoke(staff_with("view_jobgrant", "revoke_job"), rows)
    assert JobGrant.objects.get(subject="ann").revoked_at is not None


def test_site_without_keys_does_not_list_jobs(admin: Client, change_ory: ChangeOry) -> None:
    assert LIST in admin.get(reverse("admin:index")).content.decode()
    change_ory(JOB_TOKEN_KEYS=[])
    assert LIST not in admin.get(reverse("admin:index")).content.decode()
