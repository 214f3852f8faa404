"""The page of the addresses of an identity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.urls import reverse

from django_ory.adapter import OryAdapter
from django_ory.exceptions import EditConflict
from django_ory.mirror.addresses import set_address_verified
from django_ory.models import Identity
from tests.support.resources import list_calls

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

VERIFIED = [("ann@example.com", True, "completed")]
NOT_VERIFIED = [("ann@example.com", False, "pending")]


@pytest.fixture
def row(ory: FakeOry) -> Identity:
    stored = ory.kratos.identities.add({"schema_id": "person", "traits": {"email": "ann@example.com"}})
    return Identity.objects.create(identity_id=UUID(stored["id"]), label="ann@example.com")


@pytest.fixture
def operator(staff_with: Callable[..., Client]) -> Client:
    return staff_with("view_identity", "verify_address", "view_personal_data")


def get_url(row: Identity) -> str:
    return reverse("admin:django_ory_identity_addresses", args=[row.pk])


def list_addresses(ory: FakeOry, row: Identity) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ory.kratos.identities.get(str(row.identity_id))["verifiable_addresses"]
    return found


def describe(addresses: list[dict[str, Any]]) -> list[tuple[str, bool, str]]:
    return [(each["value"], each["verified"], each["status"]) for each in addresses]


def post(client: Client, row: Identity, address: str, state: str) -> Any:
    return client.post(get_url(row), {"address": address, "state": state}, follow=True)


def test_addresses_are_verified_and_unverified(operator: Client, row: Identity, ory: FakeOry) -> None:
    address = list_addresses(ory, row)[0]["id"]
    html = operator.get(get_url(row)).content.decode()
    assert "Mark as verified" in html
    assert "not verified" in html
    for _ in range(2):  # a second POST is harmless
        response = post(operator, row, address, "verified")
        assert "marked as verified" in response.content.decode()
        assert describe(list_addresses(ory, row)) == VERIFIED
    row.refresh_from_db()
    assert row.data["verifiable_addresses"][0]["verified"] is True
    post(operator, row, address, "unverified")
    assert describe(list_addresses(ory, row)) == NOT_VERIFIED
    texts = [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]
    assert texts[0] == "Address marked as verified in Ory."
    assert texts[-1] == "Address marked as not verified in Ory."
    assert not any("ann@" in text for text in texts)


def test_address_of_a_user_with_more_rights_is_only_for_superusers_at_the_identity_of_another_user(
    operator: Client,
    admin: Client,
    staff: Any,
    row: Identity,
    ory: FakeOry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Unlinked, the identity would be linked to the owner of its verified address."""

    class Adapter(OryAdapter):
        def find_user(self, identity: Any) -> Any:
            verified = [each.value for each in identity.verifiable_addresses if each.verified]
            return staff if verified == ["ann@example.com"] else None

    monkeypatch.setattr("django_ory.admin.takeover.get_adapter", Adapter)
    model = get_user_model()
    row.user = model.objects.create(**{model.USERNAME_FIELD: "plain@example.com"})
    row.save()
    address = list_addresses(ory, row)[0]["id"]
    assert "Only superusers" in operator.get(get_url(row)).content.decode()
    assert post(operator, row, address, "verified").status_code == 403
    assert describe(list_addresses(ory, row)) == NOT_VERIFIED
    post(admin, row, address, "verified")
    assert describe(list_addresses(ory, row)) == VERIFIED


def test_viewer_may_not_change_the_state(
    staff_with: Callable[..., Client], row: Identity, ory: FakeOry
) -> None:
    client = staff_with("view_identity", "view_personal_data")
    assert "Mark as" not in client.get(get_url(row)).content.decode()
    assert post(client, row, list_addresses(ory, row)[0]["id"], "verified").status_code == 403
    assert not list_calls(ory, method="PATCH")


def test_page_needs_the_permission_for_personal_data(
    staff_with: Callable[..., Client], row: Identity
) -> None:
    assert staff_with("view_identity", "verify_address").get(get_url(row)).status_code == 403


def test_address_of_a_future_staff_user_is_only_for_superusers(
    operator: Client, row: Identity, ory: FakeOry, staff: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django_ory.adapter.OryAdapter.find_user", lambda *_: staff)
    assert "Only superusers" in operator.get(get_url(row)).content.decode()
    assert post(operator, row, list_addresses(ory, row)[0]["id"], "verified").status_code == 403
    assert describe(list_addresses(ory, row)) == NOT_VERIFIED


@pytest.mark.parametrize("address", ["", "unknown", str(UUID(int=7))])
def test_address_that_no_longer_exists_changes_nothing(
    operator: Client, row: Identity, ory: FakeOry, address: str
) -> None:
    response = post(operator, row, address, "verified")
    assert "nothing was changed" in response.content.decode()
    assert not list_calls(ory, method="PATCH")
    assert not LogEntry.objects.exists()


def test_ignored_change_is_a_conflict(row: Identity, ory: FakeOry) -> None:
    stored = ory.kratos.identities.get(str(row.identity_id))
    ory.respond("PATCH /admin/identities/{id}", json={**stored})
    with pytest.raises(EditConflict):
        set_address_verified("default", row.identity_id, list_addresses(ory, row)[0]["id"], is_verified=True)
