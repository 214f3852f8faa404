"""The admin lists of consents: of an identity, and of any subject."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from django_ory.adapter import OryAdapter
from django_ory.clients import get_client
from django_ory.mirror.identities import sync_identities
from django_ory.models import Identity
from django_ory.testing.fake.http import FakeResponse, build_link_header, json_response
from tests.support.admin_pages import get_messages
from tests.support.resources import add_identities, fail_hydra_sessions, list_calls, make_identity

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from django_ory.testing import FakeOry
    from django_ory.testing.fake.http import FakeRequest

pytestmark = pytest.mark.django_db

LIST = reverse("admin:django_ory_consents")
ROUTE = "GET /admin/oauth2/auth/sessions/consent"
SUBJECT = str(UUID(int=1))


@pytest.fixture
def row(ory: FakeOry) -> Identity:
    add_identities(ory, make_identity(1))
    sync_identities("default")
    return Identity.objects.get()


def get_row_url(row: Identity) -> str:
    return reverse("admin:django_ory_identity_consents", args=[row.pk])


class ScopedAdapter(OryAdapter):
    """Subjects with a prefix."""

    def get_subject(self, identity_id: str) -> str:
        return f"site:{identity_id}"

    def get_identity_id(self, subject: str) -> str:
        return subject.removeprefix("site:")


def add_consent(ory: FakeOry, client_id: str, *, subject: str = SUBJECT, **body: Any) -> None:
    """Let a subject allow a client, by the calls that the site makes."""
    if client_id not in ory.hydra.clients.clients:
        ory.create_oauth2_client(client_id, client_name=f"App <{client_id}>")
    client = get_client()
    challenge = ory.create_login_request(client_id)
    to = client.accept_o_auth2_login_request(login_challenge=challenge, body={"subject": subject})
    challenge = ory.continue_authorization(to.redirect_to).partition("consent_challenge=")[2]
    accepted = {"grant_scope": ["openid", "email"], "session": {"id_token": {"email": "secret@x.test"}}}
    client.accept_o_auth2_consent_request(consent_challenge=challenge, body={**accepted, **body})


class TestList:
    def test_consents_of_an_identity_are_listed(self, admin: Client, row: Identity, ory: FakeOry) -> None:
        add_consent(ory, "shop", remember=True, grant_access_token_audience=["https://api.test"])
        add_consent(ory, "desk", remember=True, remember_for=864000)
        add_consent(ory, "other", subject="other")
        html = admin.get(get_row_url(row)).content.decode()
        for text in ("App &lt;shop&gt;", "desk", "email", "https://api.test", "Always", "10 days"):
            assert text in html
        assert "other" not in html.partition("result_list")[2].partition("</table>")[0]
        assert "secret@x.test" not in html

    def test_subject_without_an_identity_can_be_searched(self, admin: Client, ory: FakeOry) -> None:
        add_consent(ory, "shop", subject="customer 7")
        response = admin.get(LIST)
        assert "Enter a subject" in response.content.decode()
        assert list_calls(ory, ROUTE.partition(" ")[2], method="GET") == []
        assert "shop" in admin.get(LIST, {"subject": " customer 7 "}).content.decode()
        assert "No OAuth2 client has" in admin.get(LIST, {"subject": "x\u202e<b>"}).content.decode()

    def test_pages_lead_to_every_consent(
        self, admin: Client, row: Identity, ory: FakeOry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("django_ory.admin.live.consents.PAGE_SIZE", 2)
        for number in range(5):
            add_consent(ory, f"app-{number}")
        for start in (get_row_url(row), f"{LIST}?subject={SUBJECT}"):
            seen, url = [], start
            while url:
                context = admin.get(url).context
                seen += [item["key"] for item in context["items"]]
                url = context["next_url"] and f"{start.partition('?')[0]}{context['next_url']}"
            assert seen == [f"app-{number}" for number in range(5)]

    def test_permissions_are_checked(
        self, staff_with: Callable[..., Client], row: Identity, ory: FakeOry
    ) -> None:
        add_consent(ory, "shop")
        client = staff_with("view_identity", "view_session", "revoke_consent")
        assert client.get(LIST).status_code == 403
        assert client.get(get_row_url(row)).status_code == 403
        client = staff_with_more(client, "view_consent", without="revoke_consent")
        html = client.get(get_row_url(row)).content.decode()
        assert "shop" in html
        assert "Revoke" not in html
        for action in ("revoke", "revoke_all", "end_logins"):
            data = {"action": action, "key": "shop", "confirm": "1"}
            assert client.post(get_row_url(row), data).status_code == 403
        assert len(ory.hydra.authorization.consents) == 1

    @pytest.mark.parametrize("kind", ["down", "slow", "error", "html", "truncated", "rate_limited"])
    def test_failing_hydra_is_a_message(self, admin: Client, row: Identity, ory: FakeOry, kind: str) -> None:
        with ory.fault("hydra", kind):
            response = admin.get(get_row_url(row))
        assert response.status_code in (200, 503)
        assert 'role="alert"' in response.content.decode()

    def test_strange_consents_are_shown(self, admin: Client, row: Identity, ory: FakeOry) -> None:
        ory.respond(
            ROUTE,
            json=[
                {},
                {"consent_request": None, "grant_scope": None, "remember": True, "remember_for": 10**15},
                {"consent_request": {"challenge": "x", "client": {"client_name": "\u202e" + "n" * 9000}}},
            ],
        )
        response = admin.get(get_row_url(row))
        assert response.status_code == 200
        assert len(response.context["items"]) == 3
        assert len(response.content) < 60_000

    def test_tokens_of_newer_servers_are_followed(self, admin: Client, row: Identity, ory: FakeOry) -> None:
        """Hydra since 25.4: opaque tokens, no total, an id of the consent."""

        def respond(request: FakeRequest) -> FakeResponse:
            token = request.get_query("page_token")
            client = {"client_id": f"app-{token or 'first'}", "client_name": ""}
            consent = {
                "consent_request_id": "abc",
                "consent_request": {"challenge": "x", "client": client, "requested_resources": None},
                "grant_scope": ["openid"],
                "remember": True,
                "remember_for": 3600,
                "session": None,
            }
            pages = {"next": {"page_token": "sealed.token"}} if not token else {}
            return json_response([consent], headers={"Link": build_link_header(request.path, **pages)})

        ory.respond(ROUTE, respond)
        context = admin.get(get_row_url(row)).context
        assert [item["key"] for item in context["items"]] == ["app-first"]
        context = admin.get(f"{get_row_url(row)}{context['next_url']}").context
        assert [item["key"] for item in context["items"]] == ["app-sealed.token"]
        assert context["next_url"] == ""

    def test_project_without_hydra_has_no_tab(self, admin: Client, row: Identity, settings: Any) -> None:
        page = reverse("admin:django_ory_identity_change", args=[row.pk])
        assert get_row_url(row) in admin.get(page).content.decode()
        settings.ORY = {"default": {"KRATOS_ADMIN_URL": "http://kratos.test:4434"}}
        assert get_row_url(row) not in admin.get(page).content.decode()


def staff_with_more(client: Client, permission: str, *, without: str) -> Client:
    """Change the permissions of the signed-in staff user."""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Permission

    user: Any = get_user_model()._default_manager.get(pk=client.session["_auth_user_id"])
    user.user_permissions.add(Permission.objects.get(codename=permission))
    user.user_permissions.remove(Permission.objects.get(codename=without))
    return client


class TestRevoke:
    def test_consents_for_one_client_are_revoked(self, admin: Client, row: Identity, ory: FakeOry) -> None:
        for client_id in ("shop", "shop", "desk"):
            add_consent(ory, client_id)
        data = {"action": "revoke", "key": "shop"}
        assert "Revoke all consents of this user for this client?" in (
            admin.post(get_row_url(row), data).content.decode()
        )
        assert len(ory.hydra.authorization.consents) == 3
        response = admin.post(get_row_url(row), {**data, "confirm": "1"}, follow=True)
        assert get_messages(response) == ["The consents for this client were revoked."]
        left = [each.content["client"]["client_id"] for each in ory.hydra.authorization.consents]
        assert left == ["desk"]
        entry = LogEntry.objects.get()
        assert entry.object_id == str(row.pk)
        assert entry.change_message == "Consents for client shop revoked in Ory."

    def test_all_consents_are_revoked(self, admin: Client, row: Identity, ory: FakeOry) -> None:
        for client_id in ("shop", "desk"):
            add_consent(ory, client_id)
        add_consent(ory, "desk", subject="other")
        admin.post(get_row_url(row), {"action": "revoke_all", "confirm": "1"})
        left = [each.content["subject"] for each in ory.hydra.authorization.consents]
        assert left == ["other"]

    def test_login_sessions_are_ended(self, admin: Client, row: Identity, ory: FakeOry) -> None:
        ory.requests.clear()
        admin.post(get_row_url(row), {"action": "end_logins", "confirm": "1"})
        assert list_calls(ory, method="DELETE") == [
            f"DELETE /admin/oauth2/auth/sessions/login?subject={SUBJECT}"
        ]
        assert LogEntry.objects.get().change_message == "Login sessions of Hydra ended."

    def test_change_by_subject_is_logged_without_the_subject(self, admin: Client, ory: FakeOry) -> None:
        add_consent(ory, "shop", subject="bob@example.com")
        url = f"{LIST}?subject=bob@example.com"
        admin.post(url, {"action": "revoke_all", "confirm": "1"})
        entry = LogEntry.objects.get()
        assert str(entry.object_id).startswith("subject:")
        assert "bob" not in f"{entry.object_id} {entry.object_repr} {entry.change_message}"

    def test_change_by_the_id_of_an_identity_is_logged_there(
        self, admin: Client, row: Identity, ory: FakeOry
    ) -> None:
        admin.post(f"{LIST}?subject={SUBJECT}", {"action": "revoke_all", "confirm": "1"})
        assert LogEntry.objects.get().object_id == str(row.pk)

    def test_change_by_a_subject_of_the_adapter_is_logged_at_its_identity(
        self, admin: Client, row: Identity, ory: FakeOry, settings: Any
    ) -> None:
        settings.ORY = {"default": {**settings.ORY["default"], "ADAPTER": f"{__name__}.ScopedAdapter"}}
        for url in (get_row_url(row), f"{LIST}?subject=site:{SUBJECT}"):
            ory.requests.clear()
            admin.post(url, {"action": "revoke_all", "confirm": "1"})
            [call] = list_calls(ory, method="DELETE")
            assert f"subject=site%3A{SUBJECT}" in call
        assert [entry.object_id for entry in LogEntry.objects.all()] == [str(row.pk)] * 2

    def test_post_without_a_subject_changes_nothing(self, admin: Client, ory: FakeOry) -> None:
        ory.requests.clear()
        for action in ("revoke", "revoke_all", "end_logins"):
            response = admin.post(LIST, {"action": action, "key": "", "confirm": "1"}, follow=True)
            assert "no valid id" in get_messages(response)[0]
        response = admin.post(LIST, {"action": "revoke", "key": "shop", "confirm": "1"}, follow=True)
        assert "no subject" in get_messages(response)[0]
        assert list_calls(ory, method="DELETE") == []

    def test_missing_consents_are_no_error(self, admin: Client, row: Identity, ory: FakeOry) -> None:
        fail_hydra_sessions(ory, 404)
        for action in ("revoke", "revoke_all", "end_logins"):
            data = {"action": action, "key": "shop", "confirm": "1"}
            [message] = get_messages(admin.post(get_row_url(row), data, follow=True))
            assert "were" in message

    def test_timeout_says_unknown_and_ends_cached_tokens(
        self, admin: Client, row: Identity, ory: FakeOry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ended: list[Any] = []
        monkeypatch.setattr(
            "django_ory.mirror.consents.invalidate_tokens", lambda **values: ended.append(values)
        )
        ory.respond("DELETE /admin/oauth2/auth/sessions/consent", fault="slow")
        data = {"action": "revoke", "key": "shop", "confirm": "1"}
        [message] = get_messages(admin.post(get_row_url(row), data, follow=True))
        assert "unknown whether the change was made" in message
        assert ended == [{"alias": "default", "subject": SUBJECT}]
        assert not LogEntry.objects.exists()
