"""The admin pages of OAuth2 clients: Hydra is called last, and the secret is in one response only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.contrib.admin.models import ADDITION, DELETION, LogEntry
from django.contrib.sessions.models import Session
from django.urls import reverse

from django_ory.mirror.clients import sync_clients
from django_ory.models import OAuth2Client
from tests.support.resources import add_clients, fail, list_calls, make_client

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

LIST = reverse("admin:django_ory_oauth2client_changelist")
ADD = reverse("admin:django_ory_oauth2client_add")
SYNC = reverse("admin:django_ory_oauth2client_sync")


def get_form_data(**values: Any) -> dict[str, Any]:
    return {
        "alias": "default",
        "client_id": str(uuid4()),
        "client_name": "Shop",
        "redirect_uris": "https://shop.example/callback\r\n",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": "openid offline_access",
        "token_endpoint_auth_method": "client_secret_basic",
        **values,
    }


def get_sent(ory: FakeOry) -> dict[str, Any]:
    [body] = [request.json for request in ory.requests if request.method == "POST"]
    sent: dict[str, Any] = body
    return sent


def get_secret(ory: FakeOry) -> str:
    """The client secret that Hydra returned last."""
    return list(ory.hydra.clients.secrets.values())[-1]


def get_errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    found: dict[str, list[str]] = response.context["adminform"].form.errors
    return found


class TestAdd:
    def test_form_has_the_common_fields(self, admin: Client) -> None:
        html = admin.get(ADD).content.decode()
        for name in (
            "client_name",
            "redirect_uris",
            "grant_types",
            "post_logout_redirect_uris",
            "skip_consent",
        ):
            assert f'name="{name}"' in html
        assert '<input type="hidden" name="alias" value="default"' in html
        assert 'name="_addanother"' not in html

    def test_several_projects_are_a_choice(self, admin: Client, settings: Any) -> None:
        settings.ORY = dict.fromkeys(("default", "acme"), settings.ORY["default"])
        assert '<option value="acme"' in admin.get(ADD).content.decode()

    def test_new_client_shows_its_secret_once(self, admin: Client, ory: FakeOry) -> None:
        response = admin.post(
            ADD, get_form_data(audience="https://api.example\nhttps://api.example", skip_consent="on")
        )
        assert response.status_code == 200
        assert response.content.decode().count(get_secret(ory)) == 1
        assert "no-store" in response.headers["Cache-Control"]
        row = OAuth2Client.objects.get()
        assert row.name == "Shop"
        assert get_sent(ory) == {
            "client_id": row.client_id,
            "client_name": "Shop",
            "redirect_uris": ["https://shop.example/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "scope": "openid offline_access",
            "audience": ["https://api.example"],
            "token_endpoint_auth_method": "client_secret_basic",
            "skip_consent": True,
            "client_secret": get_secret(ory),
        }
        entry = LogEntry.objects.get()
        assert (entry.action_flag, entry.object_repr) == (ADDITION, f"Shop ({row.client_id})")

    def test_secret_is_not_stored_or_logged(
        self, admin: Client, ory: FakeOry, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level("DEBUG"):
            response = admin.post(ADD, get_form_data())
        row = OAuth2Client.objects.get()
        places = [
            str(response.cookies),
            str(list(LogEntry.objects.values())),
            str([session.get_decoded() for session in Session.objects.all()]),
            str(row.data),
            caplog.text,
            admin.get(LIST).content.decode(),
            admin.get(reverse("admin:django_ory_oauth2client_change", args=[row.pk])).content.decode(),
        ]
        for secret in (get_secret(ory), "ory_at_"):  # the second one begins a registration access token
            assert not [place for place in places if secret in place]

    def test_public_client_has_no_secret(self, admin: Client, ory: FakeOry) -> None:
        response = admin.post(ADD, get_form_data(token_endpoint_auth_method="none"))
        assert "has no secret" in response.content.decode()

    def test_second_submission_creates_no_second_client(self, admin: Client, ory: FakeOry) -> None:
        data = get_form_data()
        admin.post(ADD, data)
        fail(ory, "POST /admin/clients", 409, "Unable to insert or update resource because it exists already")
        assert "already submitted" in str(get_errors(admin.post(ADD, data)))
        assert OAuth2Client.objects.count() == 1

    @pytest.mark.parametrize(
        ("reason", "field"),
        [
            ("redirect_uris contains an invalid URI", "redirect_uris"),
            ("post_logout_redirect_uris is bad", "post_logout_redirect_uris"),
            ("The server is in a bad mood", "__all__"),
        ],
    )
    def test_rejected_client_shows_the_reason_and_keeps_the_input(
        self, admin: Client, ory: FakeOry, reason: str, field: str
    ) -> None:
        fail(ory, "POST /admin/clients", 400, reason)
        response = admin.post(ADD, get_form_data(client_name="My shop"))
        assert get_errors(response) == {field: [reason]}
        assert 'value="My shop"' in response.content.decode()
        assert not OAuth2Client.objects.exists()
        assert not LogEntry.objects.exists()

    def test_unavailable_hydra_is_a_form_error(self, admin: Client, ory: FakeOry) -> None:
        ory.set_fault("hydra", "down")
        assert "could not be reached" in str(get_errors(admin.post(ADD, get_form_data())))

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"redirect_uris": " "}, "redirect_uris"),
            ({"response_types": []}, "response_types"),
            ({"response_types": ["code", "id_token"]}, "response_types"),
            ({"scope": "openid"}, "scope"),
            (
                {"grant_types": ["client_credentials"], "token_endpoint_auth_method": "none"},
                "token_endpoint_auth_method",
            ),
            ({"token_endpoint_auth_method": "private_key_jwt"}, "jwks_uri"),
            ({"post_logout_redirect_uris": "https://other.example/"}, "post_logout_redirect_uris"),
            ({"post_logout_redirect_uris": "https://[broken"}, "post_logout_redirect_uris"),
            ({"redirect_uris": "no-scheme.example/callback"}, "redirect_uris"),
            ({"redirect_uris": "javascript:alert(1)"}, "redirect_uris"),
            ({"grant_types": []}, "grant_types"),
            ({"client_name": ""}, "client_name"),
            ({"client_id": "a/b c"}, "client_id"),
            ({"alias": "other"}, "alias"),
        ],
    )
    def test_invalid_values_are_not_sent(
        self, admin: Client, ory: FakeOry, values: dict[str, Any], field: str
    ) -> None:
        assert list(get_errors(admin.post(ADD, get_form_data(**values)))) == [field]
        assert not list_calls(ory, "/admin/clients")

    @pytest.mark.parametrize(
        "values",
        [
            {"grant_types": ["client_credentials"], "redirect_uris": "", "response_types": []},
            {"grant_types": ["authorization_code", "implicit"], "response_types": ["code id_token"]},
            {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://shop.example/jwks.json"},
            {
                "redirect_uris": "com.example.app:/callback",
                "post_logout_redirect_uris": "com.example.app:/bye",
            },
            {"post_logout_redirect_uris": "https://shop.example/bye"},
        ],
    )
    def test_valid_values_are_sent(self, admin: Client, ory: FakeOry, values: dict[str, Any]) -> None:
        data = get_form_data(**values)
        if "authorization_code" not in data["grant_types"] or len(data["grant_types"]) == 2:
            data["grant_types"] = [grant for grant in data["grant_types"] if grant != "refresh_token"]
        html = admin.post(ADD, data).content.decode()
        uses_keys = data["token_endpoint_auth_method"] == "private_key_jwt"
        assert (get_secret(ory) in html) is not uses_keys

    def test_form_without_a_hydra_is_invalid(self, admin: Client, settings: Any) -> None:
        settings.ORY = {"default": {"KRATOS_ADMIN_URL": "http://kratos.test:4434"}}
        assert list(get_errors(admin.post(ADD, get_form_data()))) == ["alias"]


class TestPermissions:
    def test_skip_consent_is_read_only_without_the_trust_permission(
        self, staff_with: Callable[..., Client], ory: FakeOry
    ) -> None:
        client = staff_with("view_oauth2client", "add_oauth2client")
        html = client.get(ADD).content.decode()
        assert 'name="skip_consent"' not in html
        assert "Read-only fields can be changed with the permission" in html
        client.post(ADD, get_form_data(skip_consent="on"))
        assert "skip_consent" not in get_sent(ory)

    def test_add_needs_the_add_permission(self, staff_with: Callable[..., Client], ory: FakeOry) -> None:
        client = staff_with("view_oauth2client")
        assert client.get(ADD).status_code == 403
        assert client.post(ADD, get_form_data()).status_code == 403
        assert not list_calls(ory, "/admin/clients")


class TestPages:
    @pytest.fixture
    def row(self, ory: FakeOry) -> OAuth2Client:
        add_clients(
            ory, make_client("a", client_name="Bookshop", skip_consent=True), make_client("b", client_name="")
        )
        sync_clients("default")
        ory.requests.clear()
        return OAuth2Client.objects.get(client_id="a")

    def test_list_searches_names_and_redirect_uris(
        self, admin: Client, row: OAuth2Client, ory: FakeOry
    ) -> None:
        html = admin.get(LIST).content.decode()
        assert "Bookshop" in html
        assert reverse("admin:django_ory_oauth2client_add") in html
        found = admin.get(LIST, {"q": "shop.example bookshop"}).context["cl"].result_list
        assert [client.client_id for client in found] == ["a"]
        assert not list_calls(ory, "/admin/clients")

    def test_page_is_read_only_without_the_change_permission(
        self, staff_with: Callable[..., Client], row: OAuth2Client, ory: FakeOry
    ) -> None:
        client = staff_with("view_oauth2client", "sync_oauth2client")
        html = client.get(reverse("admin:django_ory_oauth2client_change", args=[row.pk])).content.decode()
        for text in ("https://shop.example/callback", "client_secret_basic", "authorization_code", "openid"):
            assert text in html
        assert 'name="_save"' not in html
        assert ">Refresh from Ory</button>" in html
        assert not list_calls(ory, "/admin/clients")

    def test_refresh_and_sync_update_the_row(self, admin: Client, row: OAuth2Client, ory: FakeOry) -> None:
        add_clients(ory, make_client("a", client_name="Renamed"))
        url = reverse("admin:django_ory_oauth2client_do", args=[row.pk, "refresh"])
        admin.post(url)
        row.refresh_from_db()
        assert row.name == "Renamed"
        del ory.hydra.clients.clients["a"]
        messages = [str(message) for message in admin.post(url, follow=True).context["messages"]]
        assert "no longer exists in Ory" in messages[-1]
        messages = [str(message) for message in admin.post(SYNC, follow=True).context["messages"]]
        assert messages == ["default: 1 seen, 0 created, 0 updated, 1 unchanged, 0 marked missing."]

    def test_delete_removes_the_client_in_hydra_first(
        self, admin: Client, row: OAuth2Client, ory: FakeOry
    ) -> None:
        url = reverse("admin:django_ory_oauth2client_delete", args=[row.pk])
        fail(ory, "DELETE /admin/clients/{id}", 500, "No")
        admin.post(url, {"post": "yes"})
        assert OAuth2Client.objects.filter(client_id="a").exists()
        ory.respond("DELETE /admin/clients/{id}", ory.answer)
        admin.post(url, {"post": "yes"})
        assert "a" not in ory.hydra.clients.clients
        assert not OAuth2Client.objects.filter(client_id="a").exists()
        assert LogEntry.objects.get().action_flag == DELETION


@pytest.mark.parametrize("query", ["data__client_name__contains=a", "data__regex=(a%2B)%2B$"])
def test_filter_by_the_response_of_ory_is_rejected(admin: Client, ory: FakeOry, query: str) -> None:
    add_clients(ory, make_client("shop"))
    sync_clients("default")
    assert admin.get(f"{LIST}?{query}").status_code == 400
    assert admin.get(f"{LIST}?q=callback").status_code == 200
