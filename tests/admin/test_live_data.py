"""Sites without personal data in the mirror: the sync removes it, and the admin asks Kratos."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from django_ory.mirror.identities import refresh_identity, set_identity_state, sync_identities
from django_ory.models import Identity
from tests.support.resources import add_identities, list_calls, make_identity

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

LIST = "admin:django_ory_identity_changelist"
TEXTS = ("person1@example.com", "Zoë", "gold")


@pytest.fixture
def switch_off(settings: Any) -> Callable[[], None]:
    def switch() -> None:
        settings.ORY = {"default": {**settings.ORY["default"], "MIRROR_PERSONAL_DATA": False}}

    return switch


@pytest.fixture
def row(ory: FakeOry, switch_off: Callable[[], None]) -> Identity:
    switch_off()
    password = {"type": "password", "identifiers": ["person1@example.com"]}
    first = make_identity(1, metadata_public={"plan": "gold"}, credentials={"password": password})
    add_identities(ory, first, make_identity(2))
    sync_identities("default")
    ory.requests.clear()
    return Identity.objects.get(identity_id=UUID(int=1))


def read_table() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM django_ory_identity")
        return str(cursor.fetchall())


def test_sync_stores_only_id_state_schema_and_times(row: Identity) -> None:
    assert (row.label, row.traits, row.state, row.schema_id) == ("", {}, "active", "person")
    assert row.created_at is not None
    assert not any(text in read_table() for text in TEXTS)
    times = {"created_at", "state_changed_at", "updated_at"}
    assert row.data.keys() == {"id", "schema_id", "schema_url", "state"} | times


def test_next_sync_removes_stored_data_and_another_restores_it(
    ory: FakeOry, switch_off: Callable[[], None], settings: Any
) -> None:
    before = settings.ORY
    add_identities(ory, make_identity(1, metadata_public={"plan": "gold"}))
    sync_identities("default")
    assert all(text in read_table() for text in TEXTS)
    switch_off()
    assert sync_identities("default").updated == 1
    assert not any(text in read_table() for text in TEXTS)
    assert sync_identities("default").unchanged == 1
    settings.ORY = before
    sync_identities("default")
    assert all(text in read_table() for text in TEXTS)


def test_changes_and_refreshes_store_no_data(row: Identity) -> None:
    set_identity_state("default", row.identity_id, Identity.State.INACTIVE)
    assert refresh_identity("default", row.identity_id).state == "inactive"
    assert not any(text in read_table() for text in TEXTS)


def test_user_is_still_filled_at_sign_in(ory: FakeOry, row: Identity, ory_login: Any, client: Client) -> None:
    ory_login(client, str(row.identity_id))
    client.get(reverse("admin:index"))
    row.refresh_from_db()
    user: Any = row.user
    assert user.email == "person1@example.com"
    assert row.label == ""


def test_search_finds_exact_identifiers_in_kratos(ory: FakeOry, row: Identity, admin: Client) -> None:
    response = admin.get(reverse(LIST), {"q": "person1@example.com"})
    assert [each.pk for each in response.context["cl"].result_list] == [row.pk]
    assert list_calls(ory) == [
        "GET /admin/identities?page_size=11&credentials_identifier=person1%40example.com"
    ]
    assert "whole addresses" in response.content.decode()
    assert admin.get(reverse(LIST), {"q": "person1"}).context["cl"].result_count == 0
    assert admin.get(reverse(LIST), {"q": str(row.identity_id)}).context["cl"].result_count == 1


def test_list_without_a_search_does_not_call_kratos(ory: FakeOry, row: Identity, admin: Client) -> None:
    assert admin.get(reverse(LIST)).context["cl"].result_count == 2
    assert list_calls(ory) == []


def test_search_while_kratos_is_down_says_so(ory: FakeOry, row: Identity, admin: Client) -> None:
    ory.set_fault("kratos", "down")
    response = admin.get(reverse(LIST), {"q": "person1@example.com"})
    assert response.status_code == 200
    assert "Kratos was not searched" in response.content.decode()


def test_staff_without_the_permission_do_not_search_kratos(
    ory: FakeOry, row: Identity, staff_with: Callable[..., Client]
) -> None:
    browser = staff_with("view_identity")
    assert browser.get(reverse(LIST), {"q": "person1@example.com"}).context["cl"].result_count == 0
    page = browser.get(reverse("admin:django_ory_identity_change", args=[row.pk])).content.decode()
    assert not any(text in page for text in TEXTS)
    assert list_calls(ory, "/admin/") == []


def test_page_of_a_row_shows_the_values_of_kratos_and_stores_none(
    ory: FakeOry, row: Identity, admin: Client
) -> None:
    url = reverse("admin:django_ory_identity_change", args=[row.pk])
    page = admin.get(url).content.decode()
    assert all(text in page for text in TEXTS)
    assert not any(text in read_table() for text in TEXTS)
    assert len(list_calls(ory, "/admin/identities")) == 1  # for the form and the other values
    ory.set_fault("kratos", "down")
    response = admin.get(url)
    assert response.status_code == 200
    assert "could not be reached" in response.content.decode()
