"""The button of the list that looks up an identifier in Kratos."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from django_ory.models import Identity
from tests.support.admin_pages import get_messages
from tests.support.resources import list_calls

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

LIST = reverse("admin:django_ory_identity_changelist")
LOOKUP = reverse("admin:django_ory_identity_lookup")


@pytest.fixture
def ann(ory: FakeOry) -> str:
    """The id of an identity without a row."""
    body = {"schema_id": "person", "traits": {"email": "ann@example.com"}}
    return str(ory.kratos.identities.add(body)["id"])


def test_search_offers_the_lookup_and_calls_nothing(admin: Client, ann: str, ory: FakeOry) -> None:
    html = admin.get(LIST, {"q": "ann@example.com"}).content.decode()
    assert "Look up in Ory" in html
    assert '<input type="hidden" name="q" value="ann@example.com">' in html
    assert "Look up in Ory" not in admin.get(LIST).content.decode()
    assert not list_calls(ory)


@pytest.mark.parametrize("identifier", ["ann@example.com", " ANN@example.com ", "id"])
def test_found_identity_gets_a_row_and_is_shown(admin: Client, ann: str, identifier: str) -> None:
    response = admin.post(LOOKUP, {"q": ann if identifier == "id" else identifier}, follow=True)
    row = Identity.objects.get()
    assert (str(row.identity_id), row.label) == (ann, "ann@example.com")
    assert response.redirect_chain == [(reverse("admin:django_ory_identity_change", args=[row.pk]), 302)]
    assert get_messages(response) == ["The identity was found in Ory."]


@pytest.mark.parametrize("identifier", ["ann@", "bob@example.com", "", "\x00", "x" * 5000])
def test_unknown_identifier_returns_to_the_search(admin: Client, ann: str, identifier: str) -> None:
    response = admin.post(LOOKUP, {"q": identifier}, follow=True)
    assert response.redirect_chain[-1][0].startswith(f"{LIST}?q=")
    assert "Ory has no identity with exactly this identifier or id." in get_messages(response)
    assert not Identity.objects.exists()


def test_failing_kratos_is_a_message(admin: Client, ann: str, ory: FakeOry) -> None:
    ory.set_fault("kratos", "down")
    response = admin.post(LOOKUP, {"q": "ann@example.com"}, follow=True)
    assert get_messages(response) == ["The lookup failed (project default): Ory could not be reached."]


def test_server_that_ignores_the_search_is_reported(admin: Client, ory: FakeOry) -> None:
    for number in range(12):
        ory.kratos.identities.add({"schema_id": "person", "traits": {"email": f"p{number}@example.com"}})
    everyone = [dict(each) for each in ory.kratos.identities.identities.values()]
    ory.respond("GET /admin/identities", json=everyone)
    response = admin.post(LOOKUP, {"q": "ann@example.com"}, follow=True)
    assert "cannot search by identifier" in get_messages(response)[0]
    assert not Identity.objects.exists()


def test_get_and_missing_permissions_change_nothing(
    admin: Client, staff_with: Callable[..., Client], ann: str, ory: FakeOry
) -> None:
    assert admin.get(LOOKUP, {"q": "ann@example.com"}).status_code == 405
    client = staff_with("view_identity", "sync_identity")  # a result would confirm the address
    assert "Look up in Ory" not in client.get(LIST, {"q": "ann"}).content.decode()
    assert client.post(LOOKUP, {"q": "ann@example.com"}).status_code == 403
    assert not list_calls(ory)
