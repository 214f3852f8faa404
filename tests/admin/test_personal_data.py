"""Staff without the permission to see personal data see ids of identities on every page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.contrib.admin import site
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.urls import reverse

from django_ory.admin import IdentityAdmin
from django_ory.admin.personal_data import get_user_name
from django_ory.mirror.identities import sync_identities
from django_ory.models import Identity
from tests.support.admin_pages import get_url
from tests.support.resources import add_identities, fail, make_identity

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client, RequestFactory

    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

LIST = reverse("admin:django_ory_identity_changelist")
SECRETS = ("person1", "person2", "zoë", "hidden-user")


@pytest.fixture
def rows(ory: FakeOry, monkeypatch: pytest.MonkeyPatch) -> list[Identity]:
    add_identities(ory, make_identity(1), make_identity(2))
    sync_identities("default")
    model = get_user_model()
    monkeypatch.setattr(model, "__str__", lambda _user: "hidden-user")
    user = model.objects.create(**{model.USERNAME_FIELD: "plain@example.com"})
    Identity.objects.filter(identity_id=UUID(int=1)).update(user=user)
    return list(Identity.objects.order_by("identity_id"))


@pytest.fixture
def helpdesk(staff_with: Callable[..., Client]) -> Client:
    """Staff with every permission for identities, except the one to see personal data."""
    permissions = {name for name, _title in Identity._meta.permissions} - {"view_personal_data"}
    return staff_with("view_identity", "delete_identity", "change_identity", *permissions)


def find_secrets(response: Any) -> list[str]:
    html = response.content.decode().lower()
    return [secret for secret in SECRETS if secret in html]


def test_no_page_of_a_row_has_personal_data(helpdesk: Client, admin: Client, rows: list[Identity]) -> None:
    pages = [
        "change",
        "history",
        "delete",
        *(page.name for page in IdentityAdmin.row_pages if not page.parent),
    ]
    seen = {name: helpdesk.get(get_url(rows[0], name)) for name in pages}
    assert {name: find_secrets(response) for name, response in seen.items()} == {name: [] for name in pages}
    assert str(UUID(int=1)) in seen["change"].content.decode()
    assert seen["change"].status_code == seen["history"].status_code == seen["delete"].status_code == 200
    assert "person1" in find_secrets(admin.get(get_url(rows[0])))  # the values exist


def test_list_has_ids_only(helpdesk: Client, admin: Client, rows: list[Identity]) -> None:
    response = helpdesk.get(LIST)
    assert find_secrets(response) == []
    assert str(UUID(int=1)) in response.content.decode()
    assert f"#{rows[0].user_id}" in response.content.decode()
    assert find_secrets(admin.get(LIST)) == ["person1", "person2", "hidden-user"]


def test_search_does_not_confirm_a_name(helpdesk: Client, rows: list[Identity]) -> None:
    def search(words: str) -> list[Any]:
        return list(helpdesk.get(LIST, {"q": words}).context["cl"].result_list)

    assert search("person1") == search("Zoë") == []
    assert search(str(UUID(int=1))) == [rows[0]]


@pytest.mark.parametrize("query", ["label__startswith=person1", "data__traits__name__first=Zoë", "label=x"])
def test_filter_by_a_name_is_rejected(helpdesk: Client, rows: list[Identity], query: str) -> None:
    assert helpdesk.get(f"{LIST}?{query}").status_code in (302, 400)


def test_order_does_not_show_names(helpdesk: Client, rows: list[Identity]) -> None:
    Identity.objects.filter(pk=rows[0].pk).update(label="zz")
    for query in ("", "?o=1", "?o=-1", "?o=3", "?o=-3"):
        found = helpdesk.get(f"{LIST}{query}").context["cl"].result_list
        assert [row.identity_id.int for row in found] == [1, 2]


def test_confirmation_of_a_deletion_has_ids_only(helpdesk: Client, rows: list[Identity]) -> None:
    data = {"action": "delete_selected", "_selected_action": [row.pk for row in rows]}
    response = helpdesk.post(LIST, data, follow=True)
    assert "Are you sure" in response.content.decode()
    assert find_secrets(response) == []


def test_messages_have_ids_only(helpdesk: Client, rows: list[Identity], ory: FakeOry) -> None:
    fail(ory, "PATCH /admin/identities/{id}", 409, "Busy")
    one = helpdesk.post(get_url(rows[0], "do", "deactivate"), follow=True)
    data = {"action": "deactivate", "_selected_action": [row.pk for row in rows]}
    chosen = helpdesk.post(LIST, data, follow=True)
    many = helpdesk.post(f"{chosen.redirect_chain[-1][0]}start/", follow=True)
    for response, text in ((one, "was not changed"), (chosen, "Are you sure"), (many, "Busy")):
        assert find_secrets(response) == []
        assert text in response.content.decode()


def test_reasons_of_kratos_have_no_values_of_the_identity(
    helpdesk: Client, admin: Client, rows: list[Identity], ory: FakeOry
) -> None:
    fail(ory, "PATCH /admin/identities/{id}", 400, "person1@example.com is not valid for Hidden")
    url = get_url(rows[0], "do", "deactivate")
    assert find_secrets(helpdesk.post(url, follow=True)) == []
    assert "person1@example.com is not valid" in admin.post(url, follow=True).content.decode()


def test_history_has_no_values_of_the_identity_in_the_reason_of_a_failed_step(
    admin: Client, rows: list[Identity], ory: FakeOry
) -> None:
    fail(ory, "DELETE /admin/identities/{id}/sessions", 400, "person1@example.com is not valid")
    response = admin.post(get_url(rows[0], "do", "deactivate"), follow=True)
    assert "person1@example.com is not valid" in response.content.decode()
    message = LogEntry.objects.get().change_message
    assert "sessions were not ended" in message
    assert "person1" not in message


def test_autocomplete_of_other_admin_pages_has_ids_only(
    staff_with: Callable[..., Client], rows: list[Identity], rf: RequestFactory
) -> None:
    request = rf.get("/")
    request.user = get_user_model().objects.get(pk=staff_with("view_identity").session["_auth_user_id"])
    admin = IdentityAdmin(Identity, site)
    found, _distinct = admin.get_search_results(request, admin.get_queryset(request), "")
    assert {str(row) for row in found} == {str(UUID(int=1)), str(UUID(int=2))}
    found, _distinct = admin.get_search_results(request, admin.get_queryset(request), "person1")
    assert not found


def test_user_name_is_the_number_if_names_are_hidden(rows: list[Identity]) -> None:
    row = rows[0]
    assert "hidden-user" in get_user_name(row, row.user)
    assert get_user_name(row, None) == "-"
    row.hides_personal_data = True
    assert get_user_name(row, row.user) == f"#{row.user_id}"
