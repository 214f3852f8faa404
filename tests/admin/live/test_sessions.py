"""The admin lists of Kratos' sessions: of all identities, and of one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from django_ory.mirror.identities import sync_identities
from django_ory.models import Identity
from tests.support.admin_pages import get_messages
from tests.support.resources import add_identities, fail, list_calls, make_identity

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

LIST = reverse("admin:django_ory_sessions")
ROUTE = "GET /admin/sessions"


@pytest.fixture
def row(ory: FakeOry) -> Identity:
    add_identities(ory, make_identity(1), make_identity(2))
    sync_identities("default")
    return Identity.objects.get(identity_id=UUID(int=1))


def get_row_url(row: Identity) -> str:
    return reverse("admin:django_ory_identity_sessions", args=[row.pk])


class TestList:
    def test_sessions_of_all_identities_are_listed(self, admin: Client, row: Identity, ory: FakeOry) -> None:
        session = ory.create_session(str(UUID(int=1)), aal="aal2")
        ory.create_session(str(UUID(int=2)))
        response = admin.get(LIST)
        html = response.content.decode()
        assert "person1@example.com" in html
        assert "person2@example.com" in html
        assert reverse("admin:django_ory_identity_change", args=[row.pk]) in html
        assert "AAL2" in html
        assert "127.0.0.1" in admin.get(get_row_url(row)).content.decode()
        assert session.token not in html
        assert session.cookie not in html
        assert "no-store" in response.headers["Cache-Control"]

    def test_filter_selects_ended_sessions(self, admin: Client, row: Identity, ory: FakeOry) -> None:
        ory.create_session(str(UUID(int=1)))
        ory.revoke_session(ory.create_session(str(UUID(int=2))))
        html = admin.get(LIST, {"active": "false"}).content.decode()
        assert "person2@example.com" in html
        assert "person1@example.com" not in html

    def test_unknown_filter_value_asks_ory_nothing(self, admin: Client, row: Identity, ory: FakeOry) -> None:
        ory.requests.clear()
        response = admin.get(LIST, {"active": "maybe"})
        assert response.status_code == 200
        assert "errornote" in response.content.decode()
        assert list_calls(ory, "/admin/sessions") == []

    def test_pages_are_followed_by_tokens(
        self, admin: Client, row: Identity, ory: FakeOry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("django_ory.admin.live.sessions.PAGE_SIZE", 2)
        made = [ory.create_session(str(UUID(int=1))).id for _ in range(5)]
        seen, url = [], f"{LIST}?active=true"
        while url:
            context = admin.get(url).context
            seen += [item["key"] for item in context["items"]]
            url = context["next_url"] and f"{LIST}{context['next_url']}"
            assert "active=true" in (url or "active=true")
        assert seen == made[::-1]

    def test_names_need_the_permission(
        self, staff_with: Callable[..., Client], row: Identity, ory: FakeOry
    ) -> None:
        ory.create_session(str(UUID(int=1)))
        html = staff_with("view_session", "view_identity").get(LIST).content.decode()
        assert "person1@example.com" not in html
        assert "127.0.0.1" not in html
        assert str(UUID(int=1)) in html
        assert 'value="revoke"' not in html

    def test_staff_without_the_permission_get_403(
        self, staff_with: Callable[..., Client], row: Identity, ory: FakeOry
    ) -> None:
        client = staff_with("view_identity", "revoke_session")
        assert client.get(LIST).status_code == 403
        assert client.get(get_row_url(row)).status_code == 403
        assert client.post(LIST, {"action": "revoke", "key": "x", "confirm": "1"}).status_code == 403

    def test_anonymous_visitor_is_sent_to_the_sign_in(self, client: Client) -> None:
        assert client.get(LIST).status_code == 302


class TestBadDays:
    @pytest.mark.parametrize(
        ("kind", "status"),
        [
            ("down", 503),
            ("slow", 503),
            ("error", 503),
            ("html", 503),
            ("truncated", 200),
            ("rate_limited", 503),
        ],
    )
    @pytest.mark.parametrize("of_one", [False, True])
    def test_failing_kratos_is_a_message(
        self, admin: Client, row: Identity, ory: FakeOry, kind: str, status: int, of_one: bool
    ) -> None:
        with ory.fault("kratos", kind):
            response = admin.get(get_row_url(row) if of_one else LIST)
        assert response.status_code == status
        assert 'role="alert"' in response.content.decode()

    @pytest.mark.parametrize("token", ["x" * 3000, "a\x00b", "../..", "é", "1", "2:sig", ":"])
    @pytest.mark.parametrize("of_one", [False, True])
    def test_tampered_page_token_is_not_sent(
        self, admin: Client, row: Identity, ory: FakeOry, token: str, of_one: bool
    ) -> None:
        ory.requests.clear()
        response = admin.get(get_row_url(row) if of_one else LIST, {"page_token": token})
        assert response.status_code == 200
        assert "Start at the first page" in response.content.decode()
        assert response.context["first_url"] == "?"
        assert list_calls(ory, "/sessions") == []

    def test_outdated_page_token_is_a_message(
        self, admin: Client, row: Identity, ory: FakeOry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("django_ory.admin.live.sessions.PAGE_SIZE", 1)
        for _ in range(2):
            ory.create_session(str(UUID(int=1)))
        url = admin.get(LIST).context["next_url"]
        fail(ory, ROUTE, 400, "The page token is invalid, do not craft your own page tokens")
        assert "Start at the first page" in admin.get(f"{LIST}{url}").content.decode()

    @pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Auckland"])
    def test_unreadable_and_strange_sessions_are_shown(
        self, admin: Client, row: Identity, ory: FakeOry, settings: Any, zone: str
    ) -> None:
        settings.TIME_ZONE = zone
        ory.respond(
            ROUTE,
            json=[
                {"id": str(UUID(int=9)), "active": [], "devices": {"a": 1}},
                {
                    "id": "no uuid",
                    "active": True,
                    "identity": {"id": "x", "traits": {}, "schema_id": "x", "schema_url": ""},
                    "expires_at": "0001-01-01T00:00:00Z",
                    "authenticated_at": "9999-12-31T23:59:59.999Z",
                    "authenticator_assurance_level": "\u202e<b>" + "x" * 10_000,
                    "devices": [{"user_agent": "<script>alert(1)</script>", "location": "\u202eplace"}],
                },
            ],
        )
        response = admin.get(LIST)
        html = response.content.decode()
        assert response.status_code == 200
        assert "could not be read" in html
        assert "<script>alert" not in html
        assert len(html) < 60_000

    def test_more_sessions_than_asked_for_are_cut(self, admin: Client, row: Identity, ory: FakeOry) -> None:
        ory.respond(ROUTE, json=[{"id": str(UUID(int=number))} for number in range(1, 1200)])
        response = admin.get(LIST)
        assert len(response.context["items"]) == 500
        assert "The rest is not shown" in response.content.decode()

    def test_empty_list_says_so(self, admin: Client, row: Identity) -> None:
        assert "There are no sessions." in admin.get(LIST).content.decode()
        assert "This identity has no sessions." in admin.get(get_row_url(row)).content.decode()


class TestRevoke:
    def test_first_post_asks_and_the_second_revokes(
        self, admin: Client, row: Identity, ory: FakeOry, staff: Any
    ) -> None:
        session = ory.create_session(str(UUID(int=1)))
        data = {"action": "revoke", "key": session.id}
        html = admin.post(LIST, data).content.decode()
        assert "Revoke this session?" in html
        assert [session.is_active] == [True]
        response = admin.post(f"{LIST}?active=true", {**data, "confirm": "1"}, follow=True)
        assert response.redirect_chain == [(f"{LIST}?active=true", 302)]
        assert get_messages(response) == ["The session was revoked."]
        assert [session.is_active] == [False]
        entry = LogEntry.objects.get()
        assert (entry.object_id, entry.user_id) == (str(row.pk), staff.pk)
        assert entry.change_message == f"Session {session.id} revoked in Ory."
        assert "person1" not in json.dumps([entry.object_repr, entry.change_message])

    def test_revoked_session_is_refused_with_the_cache_on(
        self, admin: Client, row: Identity, ory: FakeOry, client: Client, settings: Any
    ) -> None:
        settings.ORY = {"default": {**settings.ORY["default"], "SESSION_CACHE_SECONDS": 300}}
        session = ory.login(client, str(UUID(int=1)))
        page = reverse("ory:account")
        assert client.get(page).status_code == 200
        calls = len(list_calls(ory, "/sessions/whoami"))
        client.get(page)
        admin.post(get_row_url(row), {"action": "revoke", "key": session.id, "confirm": "1"})
        assert client.get(page).status_code == 302
        assert len(list_calls(ory, "/sessions/whoami")) > calls

    def test_unknown_session_is_a_warning(self, admin: Client, row: Identity) -> None:
        data = {"action": "revoke", "key": str(UUID(int=5)), "confirm": "1"}
        response = admin.post(LIST, data, follow=True)
        assert get_messages(response) == ["Ory has no such object any more, so nothing was changed."]
        assert not LogEntry.objects.exists()

    def test_repeated_revocation_is_no_error(self, admin: Client, row: Identity, ory: FakeOry) -> None:
        session = ory.create_session(str(UUID(int=1)))
        data = {"action": "revoke", "key": session.id, "confirm": "1"}
        for _ in range(2):
            assert get_messages(admin.post(LIST, data, follow=True)) == ["The session was revoked."]

    def test_timeout_after_the_change_says_unknown(self, admin: Client, row: Identity, ory: FakeOry) -> None:
        session = ory.create_session(str(UUID(int=1)))
        ory.respond("DELETE /admin/sessions/{id}", fault="slow")
        data = {"action": "revoke", "key": session.id, "confirm": "1"}
        [message] = get_messages(admin.post(LIST, data, follow=True))
        assert "unknown whether the change was made" in message

    @pytest.mark.parametrize("key", ["", "x" * 3000, "\x00"])
    def test_invalid_key_changes_nothing(self, admin: Client, row: Identity, ory: FakeOry, key: str) -> None:
        ory.requests.clear()
        response = admin.post(LIST, {"action": "revoke", "key": key, "confirm": "1"}, follow=True)
        assert "no valid id" in get_messages(response)[0]
        assert list_calls(ory, method="DELETE") == []

    def test_unknown_action_is_404(self, admin: Client, row: Identity) -> None:
        assert admin.post(LIST, {"action": "burn", "key": "x"}).status_code == 404

    def test_post_without_the_csrf_token_is_forbidden(self, admin_with_csrf: Client, row: Identity) -> None:
        response = admin_with_csrf.post(LIST, {"action": "revoke", "key": "x", "confirm": "1"})
        assert response.status_code == 403

    def test_viewer_may_not_revoke(
        self, staff_with: Callable[..., Client], row: Identity, ory: FakeOry
    ) -> None:
        session = ory.create_session(str(UUID(int=1)))
        client = staff_with("view_session", "view_identity")
        for action in ("revoke", "extend"):
            data = {"action": action, "key": session.id, "confirm": "1"}
            assert client.post(get_row_url(row), data).status_code == 403
        assert session.is_active


class TestExtend:
    def test_session_is_extended_at_once(self, admin: Client, row: Identity, ory: FakeOry) -> None:
        session = ory.create_session(str(UUID(int=1)))
        before = session.expires_at
        admin.post(LIST, {"action": "extend", "key": session.id})
        assert session.expires_at > before
        assert LogEntry.objects.get().change_message == f"Session {session.id} extended in Ory."

    def test_ended_session_stays_inactive(self, admin: Client, row: Identity, ory: FakeOry) -> None:
        session = ory.create_session(str(UUID(int=1)))
        ory.revoke_session(session)
        response = admin.post(LIST, {"action": "extend", "key": session.id}, follow=True)
        assert get_messages(response) == ["The session has ended, so it stays inactive."]


class TestLinks:
    def test_list_and_app_index_link_to_the_page(self, admin: Client, row: Identity) -> None:
        for name, arguments in (("django_ory_identity_changelist", []), ("app_list", ["django_ory"])):
            assert f'href="{LIST}"' in admin.get(reverse(f"admin:{name}", args=arguments)).content.decode()

    def test_staff_without_the_permission_see_no_link(
        self, staff_with: Callable[..., Client], row: Identity
    ) -> None:
        client = staff_with("view_identity")
        for name, arguments in (("django_ory_identity_changelist", []), ("app_list", ["django_ory"])):
            assert LIST not in client.get(reverse(f"admin:{name}", args=arguments)).content.decode()

    def test_project_without_kratos_has_no_link(self, admin: Client, settings: Any) -> None:
        settings.ORY = {"default": {"HYDRA_ADMIN_URL": "http://hydra.test:4445"}}
        assert LIST not in admin.get(reverse("admin:app_list", args=["django_ory"])).content.decode()
        response = admin.get(LIST)
        assert response.status_code == 200
        assert "not set in settings.ORY" in response.content.decode()

    def test_second_project_is_a_filter(self, admin: Client, settings: Any, ory: FakeOry) -> None:
        settings.ORY = dict.fromkeys(("default", "acme"), settings.ORY["default"])
        html = admin.get(LIST).content.decode()
        assert "?alias=acme" in html
        assert admin.get(LIST, {"alias": "acme"}).status_code == 200

    def test_unknown_project_is_404(self, admin: Client, row: Identity, ory: FakeOry) -> None:
        session = ory.create_session(str(UUID(int=1)))
        url, data = f"{LIST}?alias=acme", {"action": "revoke", "key": session.id, "confirm": "1"}
        assert admin.get(url).status_code == 404
        assert admin.post(url, data).status_code == 404
        assert session.is_active
