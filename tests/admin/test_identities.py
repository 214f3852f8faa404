"""The admin pages of identities: changes go to Ory first, and errors of Ory are messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.contrib.admin import action, site
from django.contrib.admin.models import DELETION, LogEntry
from django.urls import reverse

from django_ory.admin import IdentityAdmin
from django_ory.client import OryServerError
from django_ory.mirror.identities import sync_identities
from django_ory.models import Identity
from tests.support.admin_pages import get_messages, get_url
from tests.support.resources import add_identities, fail, fail_hydra_sessions, list_calls, make_identity

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client, RequestFactory

    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

LIST = reverse("admin:django_ory_identity_changelist")
SYNC = reverse("admin:django_ory_identity_sync")


@pytest.fixture
def identities(ory: FakeOry) -> list[Identity]:
    add_identities(ory, *(make_identity(number) for number in range(1, 4)))
    sync_identities("default")
    ory.requests.clear()
    return list(Identity.objects.order_by("label"))


class TestList:
    def test_list_does_not_call_ory(self, admin: Client, identities: list[Identity], ory: FakeOry) -> None:
        html = admin.get(LIST).content.decode()
        assert "person1@example.com" in html
        assert "Sync now" in html
        assert "Add identity" in html
        assert not list_calls(ory, "/admin/identities")

    @pytest.mark.parametrize("words", ["person2@", "PERSON2", str(UUID(int=2)), "zoë person2"])
    def test_search_finds_labels_ids_and_traits(
        self, admin: Client, identities: list[Identity], words: str
    ) -> None:
        Identity.objects.exclude(identity_id=UUID(int=2)).update(data={"traits": {"name": "Other"}})
        found = admin.get(LIST, {"q": words}).context["cl"].result_list
        assert [row.identity_id.int for row in found] == [2]

    @pytest.mark.parametrize(
        ("query", "numbers"),
        [
            ("state=inactive", [3]),
            ("user__isempty=0", [1]),
            ("user__isempty=1", [2, 3]),
            ("missing_since__isempty=1", [1, 3]),
            ("missing_since__isempty=0", [2]),
            ("schema_id=person", [1, 2, 3]),
        ],
    )
    def test_filter_selects_rows(
        self, admin: Client, identities: list[Identity], staff: Any, query: str, numbers: list[int]
    ) -> None:
        rows = Identity.objects
        rows.filter(identity_id=UUID(int=1)).update(user=staff)
        rows.filter(identity_id=UUID(int=2)).update(missing_since="2026-01-01T00:00:00Z")
        rows.filter(identity_id=UUID(int=3)).update(state="inactive")
        found = admin.get(f"{LIST}?{query}").context["cl"].result_list
        assert [row.identity_id.int for row in found] == numbers

    def test_alias_filter_appears_with_several_projects(self, admin: Client, settings: Any) -> None:
        assert "?alias=" not in admin.get(LIST).content.decode()
        settings.ORY = dict.fromkeys(("default", "acme"), settings.ORY["default"])
        Identity.objects.create(alias="acme", identity_id=UUID(int=1))
        Identity.objects.create(alias="default", identity_id=UUID(int=1))
        assert "?alias=acme" in admin.get(LIST).content.decode()

    def test_index_hides_models_without_a_configured_service(self, admin: Client, settings: Any) -> None:
        settings.ORY = {"default": {"HYDRA_ADMIN_URL": "http://hydra.test:4445"}}
        html = admin.get(reverse("admin:index")).content.decode()
        assert LIST not in html
        assert reverse("admin:django_ory_oauth2client_changelist") in html
        settings.ORY = {"default": {"TYPO": ""}}
        assert admin.get(reverse("admin:index")).status_code == 200


class TestPage:
    def test_page_shows_values_and_available_actions(
        self, admin: Client, identities: list[Identity], staff: Any
    ) -> None:
        Identity.objects.filter(pk=identities[0].pk).update(user=staff)
        html = admin.get(get_url(identities[0])).content.decode()
        for text in (
            "person1@example.com (verified)",
            "Zoë",
            "Deactivate and end sessions",
            "Refresh from Ory",
        ):
            assert text in html
        assert ">Activate</button>" not in html
        # a user model that is not in the admin has no page to link to
        assert (f"/{staff.pk}/change/" if site.is_registered(type(staff)) else str(staff)) in html
        assert 'name="_save"' in html
        assert "field-updated_at" not in html  # Kratos does not move it

    def test_row_without_data_has_a_page(self, admin: Client) -> None:
        row = Identity.objects.create(identity_id=UUID(int=1), state="inactive")
        html = admin.get(get_url(row)).content.decode()
        assert ">Activate</button>" in html
        assert str(UUID(int=1)) in html

    def test_edit_and_add_without_permission_are_forbidden(
        self, staff_with: Callable[..., Client], identities: list[Identity]
    ) -> None:
        client = staff_with("view_identity", "view_personal_data", "change_identity_state")
        assert client.post(get_url(identities[0]), {"label": "x"}).status_code == 403
        assert client.get(reverse("admin:django_ory_identity_add")).status_code == 403
        assert 'name="_save"' not in client.get(get_url(identities[0])).content.decode()

    def test_history_of_a_deleted_identity_has_no_personal_data(
        self, admin: Client, identities: list[Identity]
    ) -> None:
        admin.post(get_url(identities[0], "delete"), {"post": "yes"})
        entry = LogEntry.objects.get()
        assert (entry.action_flag, entry.object_repr) == (DELETION, str(UUID(int=1)))


class TestAction:
    def test_deactivate_and_activate_change_kratos_and_are_logged(
        self, admin: Client, identities: list[Identity], ory: FakeOry, staff: Any
    ) -> None:
        response = admin.post(get_url(identities[0], "do", "deactivate"), follow=True)
        assert get_messages(response) == ["1 identity was deactivated."]
        identities[0].refresh_from_db()
        assert (
            identities[0].state == ory.kratos.identities.identities[str(UUID(int=1))]["state"] == "inactive"
        )
        entry = LogEntry.objects.get()
        assert (entry.user, entry.object_id) == (staff, str(identities[0].pk))
        assert entry.get_change_message() == "Deactivated in Ory, sessions ended."
        assert "Deactivated in Ory" in admin.get(get_url(identities[0], "history")).content.decode()
        response = admin.post(get_url(identities[0], "do", "activate"), follow=True)
        assert get_messages(response) == ["1 identity was activated."]

    def test_rejected_change_is_a_message_and_is_not_logged(
        self, admin: Client, identities: list[Identity], ory: FakeOry
    ) -> None:
        fail(ory, "PATCH /admin/identities/{id}", 400, "<b>Not today</b>")
        response = admin.post(get_url(identities[0], "do", "deactivate"), follow=True)
        (message,) = get_messages(response)
        assert "person1@example.com</a> was not changed: " in message
        assert "&lt;b&gt;Not today" in message
        identities[0].refresh_from_db()
        assert identities[0].state == "active"
        assert not LogEntry.objects.exists()

    def test_failed_follow_up_step_is_a_message_and_is_logged(
        self, admin: Client, identities: list[Identity], ory: FakeOry
    ) -> None:
        fail(ory, "DELETE /admin/identities/{id}/sessions", 500, "Sessions are stuck")
        response = admin.post(get_url(identities[0], "do", "deactivate"), follow=True)
        assert get_messages(response)[0] == "1 identity was deactivated."
        assert "sessions were not ended. Sessions are stuck" in get_messages(response)[1]
        assert "Sessions are stuck" in LogEntry.objects.get().get_change_message()

    def test_own_account_cannot_be_deactivated_or_deleted(
        self, admin: Client, identities: list[Identity], ory: FakeOry, staff: Any
    ) -> None:
        Identity.objects.filter(pk=identities[0].pk).update(user=staff)
        for url in (get_url(identities[0], "do", "deactivate"), get_url(identities[0], "delete")):
            assert (
                "You cannot do this to your own account."
                in get_messages(admin.post(url, {"post": "yes"}, follow=True))[0]
            )
        assert not list_calls(ory, method="PATCH") + list_calls(ory, method="DELETE")

    def test_refresh_updates_the_row(self, admin: Client, identities: list[Identity], ory: FakeOry) -> None:
        add_identities(ory, make_identity(1, traits={"email": "new@example.com"}))
        admin.post(get_url(identities[0], "do", "refresh"), follow=True)
        identities[0].refresh_from_db()
        assert identities[0].label == "new@example.com"
        ory.kratos.identities.identities.clear()
        response = admin.post(get_url(identities[0], "do", "refresh"), follow=True)
        assert "no longer exists in Ory" in get_messages(response)[1]
        assert not LogEntry.objects.exists()

    def test_get_changes_nothing(self, admin: Client, identities: list[Identity], ory: FakeOry) -> None:
        assert admin.get(get_url(identities[0], "do", "deactivate")).status_code == 405
        assert admin.get(SYNC).status_code == 405
        assert not list_calls(ory, "/admin/identities")

    def test_unknown_action_and_missing_row_are_handled(
        self, admin: Client, identities: list[Identity]
    ) -> None:
        assert admin.post(get_url(identities[0], "do", "explode")).status_code == 404
        identities[0].pk = 999
        for url in (get_url(identities[0], "do", "refresh"), get_url(identities[0], "delete")):
            assert "no longer exists" in get_messages(admin.post(url, {"post": "yes"}, follow=True))[0]

    def test_row_of_an_unknown_project_is_a_message(self, admin: Client) -> None:
        row = Identity.objects.create(alias="old", identity_id=UUID(int=1))
        assert 'has no "old"' in get_messages(admin.post(get_url(row, "do", "refresh"), follow=True))[
            0
        ].replace("&quot;", '"')

    def test_post_without_csrf_token_is_forbidden(
        self, identities: list[Identity], admin_with_csrf: Client
    ) -> None:
        assert admin_with_csrf.post(get_url(identities[0], "do", "deactivate")).status_code == 403
        assert admin_with_csrf.post(SYNC).status_code == 403


class TestDelete:
    def test_delete_removes_the_identity_in_kratos_and_the_row(
        self, admin: Client, identities: list[Identity], ory: FakeOry
    ) -> None:
        assert "Are you sure" in admin.get(get_url(identities[0], "delete")).content.decode()
        assert not list_calls(ory, "/admin/identities")
        response = admin.post(get_url(identities[0], "delete"), {"post": "yes"}, follow=True)
        assert response.redirect_chain[-1][0] == LIST
        assert get_messages(response) == ["1 identity was deleted."]
        assert str(UUID(int=1)) not in ory.kratos.identities.identities
        assert not Identity.objects.filter(pk=identities[0].pk).exists()

    def test_failed_delete_keeps_the_row(
        self, admin: Client, identities: list[Identity], ory: FakeOry
    ) -> None:
        ory.respond("DELETE /admin/identities/{id}", fault="down")
        response = admin.post(get_url(identities[0], "delete"), {"post": "yes"}, follow=True)
        assert response.redirect_chain[-1][0] == get_url(identities[0])
        assert Identity.objects.filter(pk=identities[0].pk).exists()
        assert not LogEntry.objects.exists()

    def test_failed_follow_up_step_of_a_delete_has_no_link(self, admin: Client, ory: FakeOry) -> None:
        fail_hydra_sessions(ory, 500)
        add_identities(ory, make_identity(1))
        sync_identities("default")
        row = Identity.objects.get()
        messages = get_messages(admin.post(get_url(row, "delete"), {"post": "yes"}, follow=True))
        assert messages[0] == "1 identity was deleted."
        assert "Hydra is busy" in messages[1]
        assert "<a" not in messages[1]


class TestRelated:
    """Rows of the project's own models that point to an identity."""

    @pytest.fixture
    def relations(self, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
        def set_to(*, lacking: set[str], protected: list[str]) -> None:
            found = (["Badge: 1"], {"badges": 1}, lacking, protected)
            monkeypatch.setattr(IdentityAdmin, "get_deleted_objects", lambda *_: found)

        return set_to

    def post(self, client: Client, identities: list[Identity], *, selected: bool) -> Any:
        if not selected:
            return client.post(get_url(identities[0], "delete"), {"post": "yes"}, follow=True)
        data = {"action": "delete_selected", "_selected_action": [identities[0].pk]}
        return client.post(LIST, data, follow=True)

    @pytest.mark.parametrize("selected", [False, True])
    def test_related_rows_without_permission_prevent_the_delete(
        self,
        admin: Client,
        identities: list[Identity],
        ory: FakeOry,
        relations: Callable[..., None],
        selected: bool,
    ) -> None:
        relations(lacking={"badge"}, protected=[])
        assert self.post(admin, identities, selected=selected).status_code == 403
        assert not list_calls(ory, "/admin/identities")
        assert Identity.objects.count() == 3

    @pytest.mark.parametrize("selected", [False, True])
    @pytest.mark.parametrize("lacking", [set(), {"badge"}])
    def test_protected_rows_prevent_the_delete(
        self,
        admin: Client,
        identities: list[Identity],
        ory: FakeOry,
        relations: Callable[..., None],
        selected: bool,
        lacking: set[str],
    ) -> None:
        relations(lacking=lacking, protected=["Bill: 7"])
        html = self.post(admin, identities, selected=selected).content.decode()
        assert "Cannot delete" in html
        assert "Bill: 7" in html or lacking
        assert not list_calls(ory, "/admin/identities")
        assert Identity.objects.count() == 3


class TestSubclass:
    def test_actions_of_a_subclass_are_added(self) -> None:
        @action(description="Export")
        def export(*_: Any) -> None:
            """Nothing."""

        def names(given: Any) -> list[str]:
            subclass = type("Mine", (IdentityAdmin,), {"actions": given})
            return [getattr(each, "__name__", each) for each in subclass(Identity, site).actions or []]

        ours = ["activate", "deactivate", "end_sessions", "refresh", "export", "delete_selected"]
        assert names([export]) == names(["delete_selected", export]) == ["export", *ours]
        assert names(None) == []

    def test_delete_hooks_of_django_delete_in_ory_first(
        self, identities: list[Identity], ory: FakeOry, rf: RequestFactory
    ) -> None:
        IdentityAdmin(Identity, site).delete_queryset(rf.post("/"), Identity.objects.order_by("label")[:2])
        assert list(ory.kratos.identities.identities) == [str(UUID(int=3))]
        assert [row.identity_id.int for row in Identity.objects.all()] == [3]
        fail(ory, "DELETE /admin/identities/{id}", 500, "No")
        with pytest.raises(OryServerError):
            IdentityAdmin(Identity, site).delete_model(rf.post("/"), identities[2])
        assert Identity.objects.exists()


class TestSync:
    def test_sync_reports_counts(self, admin: Client, ory: FakeOry) -> None:
        add_identities(ory, make_identity(1))
        messages = get_messages(admin.post(SYNC, follow=True))
        assert messages == ["default: 1 seen, 1 created, 0 updated, 0 unchanged, 0 marked missing."]

    def test_sync_keeps_the_filters(self, admin: Client, ory: FakeOry) -> None:
        response = admin.post(f"{SYNC}?_changelist_filters=q%3Dzo", follow=True)
        assert response.redirect_chain[-1][0] == f"{LIST}?q=zo"

    def test_time_limit_names_the_command(
        self, admin: Client, ory: FakeOry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("django_ory.admin.mirrored.ACTION_SECONDS", 0)
        add_identities(ory, make_identity(1))
        (messages,) = get_messages(admin.post(SYNC, follow=True))
        assert "manage.py ory_sync_identities --alias default" in messages

    def test_unavailable_ory_is_a_message(self, admin: Client, ory: FakeOry) -> None:
        ory.set_fault("kratos", "down")
        (messages,) = get_messages(admin.post(SYNC, follow=True))
        assert "No row was marked as missing." in messages


class TestPermissions:
    def test_view_permission_allows_no_action(
        self, staff_with: Callable[..., Client], identities: list[Identity], ory: FakeOry
    ) -> None:
        client = staff_with("view_identity")
        html = client.get(LIST).content.decode()
        assert "Sync now" not in html
        assert 'name="action"' not in html
        assert "Deactivate" not in client.get(get_url(identities[0])).content.decode()
        for url in (SYNC, get_url(identities[0], "do", "deactivate"), get_url(identities[0], "delete")):
            assert client.post(url, {"post": "yes"}).status_code == 403
        client.post(LIST, {"action": "deactivate", "_selected_action": [identities[0].pk]})
        assert not list_calls(ory, "/admin/identities")

    def test_each_action_needs_its_permission(
        self, staff_with: Callable[..., Client], identities: list[Identity], ory: FakeOry
    ) -> None:
        client = staff_with("view_identity", "change_identity_state")
        html = client.get(get_url(identities[0])).content.decode()
        assert "Deactivate" in html
        assert "Refresh from Ory" not in html
        assert client.post(get_url(identities[0], "do", "refresh")).status_code == 403
        assert client.post(get_url(identities[0], "do", "deactivate")).status_code == 302

    def test_list_needs_the_view_permission(
        self, staff_with: Callable[..., Client], identities: list[Identity]
    ) -> None:
        assert staff_with().get(LIST).status_code == 403
