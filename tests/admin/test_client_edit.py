"""The form that changes an OAuth2 client: current values of Hydra, only changed fields, Hydra first."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any
from unittest.mock import ANY

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.urls import reverse

from django_ory.admin.clients.client_fields import ClientFields
from django_ory.mirror.clients import sync_clients
from django_ory.models import OAuth2Client
from tests.support.admin_pages import without_html
from tests.support.resources import (
    SECRET,
    add_clients,
    add_identities,
    fail,
    fail_hydra_sessions,
    list_calls,
    make_client,
    make_identity,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

LIST = reverse("admin:django_ory_oauth2client_changelist")
NAMES = (
    "client_name",
    "owner",
    "redirect_uris",
    "post_logout_redirect_uris",
    "grant_types",
    "response_types",
    "scope",
    "audience",
    "token_endpoint_auth_method",
    "jwks_uri",
)


def make_shop(**values: Any) -> dict[str, Any]:
    """A client that breaks none of our rules."""
    return make_client(values.pop("client_id", "a"), **{"response_types": ["code"], **values})


@pytest.fixture
def stored(ory: FakeOry) -> Callable[..., str]:
    """Puts a client into Hydra and the mirror. Returns the address of its page."""

    def store(**values: Any) -> str:
        add_clients(ory, make_shop(**values))
        sync_clients("default")
        ory.requests.clear()
        return reverse("admin:django_ory_oauth2client_change", args=[OAuth2Client.objects.get().pk])

    return store


def get_form_values(client: Client, url: str, *, with_html: bool = False) -> dict[str, Any]:
    """The request data of an unchanged form. ``with_html``: for values that the page might not show."""
    with nullcontext() if with_html else without_html():
        response: Any = client.get(url)
    form = response.context_data["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value not in (False, None, "")}


def get_sent(ory: FakeOry) -> dict[str, Any]:
    [steps] = [request.json for request in ory.requests if request.method == "PATCH"]
    assert {step["op"] for step in steps} == {"replace"}
    return {step["path"][1:]: step["value"] for step in steps}


def get_errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    found: dict[str, list[str]] = response.context_data["adminform"].form.errors
    return found


class TestForm:
    def test_form_shows_the_current_values_of_hydra(
        self, admin: Client, stored: Callable[..., str], ory: FakeOry
    ) -> None:
        url = stored()
        add_clients(
            ory,
            make_shop(client_name="Renamed", redirect_uris=["https://a.example/1", "https://a.example/2"]),
        )
        response = admin.get(url)
        html = response.content.decode()
        assert 'value="Renamed"' in html
        assert "https://a.example/1\nhttps://a.example/2</textarea>" in html
        assert OAuth2Client.objects.get().name == "Renamed"
        assert 'name="client_id"' not in html
        assert 'value="Refresh from Ory"' not in html  # Enter would press it
        assert html.index('name="_save"') < html.index('name="_continue"')

    def test_unavailable_hydra_shows_a_warning_and_rejects_the_change(
        self, admin: Client, stored: Callable[..., str], ory: FakeOry
    ) -> None:
        url = stored()
        ory.set_fault("hydra", "down")
        response = admin.get(url)
        assert "may be out of date" in response.content.decode()
        assert "Ory could not be reached" in response.content.decode()
        data = get_form_values(admin, url)
        assert "could not be reached" in str(get_errors(admin.post(url, {**data, "client_name": "New"})))
        assert OAuth2Client.objects.get().name == "Shop a"

    def test_missing_client_is_read_only(
        self, admin: Client, stored: Callable[..., str], ory: FakeOry
    ) -> None:
        url = stored()
        data = get_form_values(admin, url)
        ory.hydra.clients.clients.clear()
        assert get_errors(admin.post(url, {**data, "client_name": "New"}))
        assert 'name="_save"' not in admin.get(url).content.decode()
        assert admin.post(url, data).status_code == 403


class TestSave:
    @pytest.mark.parametrize(
        ("name", "typed", "value"),
        [
            ("client_name", "Bookshop", "Bookshop"),
            ("owner", "eva", "eva"),
            (
                "redirect_uris",
                "https://a.example/1\r\nhttps://a.example/2",
                ["https://a.example/1", "https://a.example/2"],
            ),
            ("post_logout_redirect_uris", "https://shop.example/bye", ["https://shop.example/bye"]),
            (
                "grant_types",
                ["authorization_code", "client_credentials"],
                ["authorization_code", "client_credentials"],
            ),
            ("scope", "openid email", "openid email"),
            ("audience", "https://api.example", ["https://api.example"]),
            ("token_endpoint_auth_method", "client_secret_post", "client_secret_post"),
            ("skip_consent", "on", True),
        ],
    )
    def test_only_the_changed_field_is_sent(
        self,
        admin: Client,
        stored: Callable[..., str],
        ory: FakeOry,
        staff: Any,
        name: str,
        typed: Any,
        value: Any,
    ) -> None:
        url = stored()
        data = get_form_values(admin, url)
        ory.requests.clear()
        response = admin.post(url, {**data, name: typed})
        assert response.status_code == 302
        assert response["Location"] == LIST
        assert get_sent(ory) == {name: value}
        assert list_calls(ory, "/admin/clients") == ["GET /admin/clients/a", "PATCH /admin/clients/a"]
        row = OAuth2Client.objects.get()
        assert row.data[name] == value
        entry = LogEntry.objects.get()
        assert (entry.action_flag, entry.user, entry.object_repr) == (CHANGE, staff, row.log_name)
        assert entry.get_change_message() == f"Changed {ClientFields.base_fields[name].label}."

    @pytest.mark.parametrize(
        ("name", "before", "after"),
        [
            ("owner", "eva", ""),
            ("audience", ["https://api.example"], []),
            ("post_logout_redirect_uris", ["https://shop.example/bye"], []),
            ("skip_consent", True, False),
        ],
    )
    def test_emptied_field_is_sent(
        self, admin: Client, stored: Callable[..., str], name: str, before: Any, after: Any, ory: FakeOry
    ) -> None:
        url = stored(**{name: before})
        data = get_form_values(admin, url)
        del data[name]
        assert admin.post(url, data).status_code == 302
        assert get_sent(ory) == {name: after}

    def test_unchanged_form_calls_nothing(
        self, admin: Client, stored: Callable[..., str], ory: FakeOry
    ) -> None:
        url = stored(audience=["b", "a"], owner="eva", jwks_uri="https://a.example/jwks")
        data = get_form_values(admin, url)
        ory.requests.clear()
        assert admin.post(url, data).status_code == 302
        assert not list_calls(ory, "/admin/clients")

    def test_save_and_continue_shows_the_new_value(self, admin: Client, stored: Callable[..., str]) -> None:
        url = stored()
        data = {**get_form_values(admin, url), "client_name": "New", "_continue": "1"}
        assert 'value="New"' in admin.post(url, data, follow=True).content.decode()

    @pytest.mark.parametrize(
        ("reason", "field"),
        [("redirect_uris contains an invalid URI", "redirect_uris"), ("Not today", "__all__")],
    )
    def test_rejected_change_keeps_the_row_and_the_input(
        self, admin: Client, stored: Callable[..., str], ory: FakeOry, reason: str, field: str
    ) -> None:
        url = stored()
        fail(ory, "PATCH /admin/clients/{id}", 400, reason)
        response = admin.post(url, {**get_form_values(admin, url), "client_name": "New"})
        assert get_errors(response) == {field: [reason]}
        assert 'value="New"' in response.content.decode()
        assert OAuth2Client.objects.get().name == ory.hydra.clients.clients["a"]["client_name"] == "Shop a"
        assert not LogEntry.objects.exists()

    @pytest.mark.parametrize("mirrored", [False, True])
    def test_concurrent_change_is_a_conflict(
        self, admin: Client, stored: Callable[..., str], ory: FakeOry, mirrored: bool
    ) -> None:
        url = stored()
        data = get_form_values(admin, url)
        add_clients(ory, make_shop(scope="openid email"))
        if mirrored:
            sync_clients("default")
        response = admin.post(url, {**data, "client_name": "New"})
        assert "It was changed in Ory" in str(get_errors(response))
        assert ory.hydra.clients.clients["a"]["client_name"] == "Shop a"
        assert admin.post(url, {**get_form_values(admin, url), "client_name": "New"}).status_code == 302
        changed = {"client_name": "New", "scope": "openid email", "updated_at": ANY}
        assert ory.hydra.clients.clients["a"] == make_shop(**changed)


class TestUnusualClients:
    """Clients of other tools keep values that the form would reject."""

    def test_id_that_hydra_cannot_address_is_an_error(
        self, admin: Client, stored: Callable[..., str], ory: FakeOry
    ) -> None:
        url = stored()
        text = {"Content-Type": "text/plain"}
        ory.respond("GET /admin/clients/{id}", status=404, body="404 page not found\n", headers=text)
        page = admin.get(url)
        [message] = [str(message) for message in page.context["messages"]]
        assert "Ory cannot address this id" in message
        assert "out of date" not in message
        response = admin.post(url, {**get_form_values(admin, url), "client_name": "New"})
        assert "Ory cannot address this id" in str(get_errors(response))
        row = OAuth2Client.objects.get()
        assert (row.name, row.missing_since) == ("Shop a", None)

    @pytest.mark.parametrize("client_id", [".", ".."])
    def test_id_that_no_url_can_have_is_an_error(
        self, admin: Client, stored: Callable[..., str], ory: FakeOry, client_id: str
    ) -> None:
        url = stored(client_id=client_id)
        [message] = [str(message) for message in admin.get(url).context["messages"]]
        assert "Ory cannot address this id" in message
        assert "client_id" not in message
        ory.hydra.clients.clients.clear()
        sync_clients("default")  # cannot look the client up, so the list alone decides
        assert OAuth2Client.objects.get().missing_since is not None

    def test_values_outside_the_choices_are_kept(
        self, admin: Client, stored: Callable[..., str], ory: FakeOry
    ) -> None:
        url = stored(
            grant_types=["authorization_code", "urn:example:magic"],
            response_types=["code", "none"],
            token_endpoint_auth_method="tls_client_auth",
        )
        assert (
            admin.post(url, {**get_form_values(admin, url, with_html=True), "client_name": "New"}).status_code
            == 302
        )
        assert get_sent(ory) == {"client_name": "New"}

    def test_constraint_that_was_violated_before_is_ignored(
        self, admin: Client, stored: Callable[..., str]
    ) -> None:
        url = stored(grant_types=["authorization_code", "refresh_token"], response_types=[])
        data = get_form_values(admin, url, with_html=True)
        assert list(get_errors(admin.post(url, {**data, "redirect_uris": ""}))) == ["redirect_uris"]
        assert admin.post(url, {**data, "client_name": "New"}).status_code == 302

    @pytest.mark.parametrize(
        "values",
        [
            {"client_name": ""},
            {"client_name": "N" * 600, "owner": "o" * 600},
            {"owner": " eva "},
            {"grant_types": []},
            {"grant_types": None, "response_types": None},
            {"jwks_uri": "http://backend:8080/jwks.json", "jwks": None},
            {"jwks_uri": "ftp://backend/keys", "jwks": None},
            {"audience": ["orders api", "orders api", " a"]},
            {"redirect_uris": ["localhost:8001/callback", "not a URI", "javascript:alert(1)"]},
            {"post_logout_redirect_uris": ["https://[broken"]},
            {"scope": "openid,offline  email"},
        ],
    )
    def test_untouched_values_are_neither_validated_nor_changed(
        self, admin: Client, stored: Callable[..., str], values: dict[str, Any], ory: FakeOry
    ) -> None:
        url = stored(**values)
        touched = {"scope": "openid photos"} if "client_name" in values else {"client_name": "New"}
        ory.respond(
            "PATCH /admin/clients/a", json=make_shop(**{**values, **touched})
        )  # for invalid values, too
        assert admin.post(url, {**get_form_values(admin, url, with_html=True), **touched}).status_code == 302
        assert get_sent(ory) == touched

    def test_only_new_redirect_uris_are_validated(
        self, admin: Client, stored: Callable[..., str], ory: FakeOry
    ) -> None:
        url = stored(redirect_uris=["localhost:8001/old"])
        data = {
            **get_form_values(admin, url, with_html=True),
            "redirect_uris": "localhost:8001/old\nlocalhost:8001/new",
        }
        assert get_errors(admin.post(url, data)) == {
            "redirect_uris": ["“localhost:8001/new” has no scheme. Did you mean http://localhost:8001/new?"]
        }
        data["redirect_uris"] = "localhost:8001/old\nhttp://localhost:8001/new"
        assert admin.post(url, data).status_code == 302
        assert get_sent(ory) == {"redirect_uris": ["localhost:8001/old", "http://localhost:8001/new"]}

    def test_jwks_of_the_client_satisfies_private_key_jwt(
        self, admin: Client, stored: Callable[..., str], ory: FakeOry
    ) -> None:
        url = stored(jwks={"keys": [{"kty": "RSA", "n": "n", "e": "AQAB"}]})
        data = {
            **get_form_values(admin, url, with_html=True),
            "token_endpoint_auth_method": "private_key_jwt",
        }
        assert admin.post(url, data).status_code == 302
        assert get_sent(ory) == {"token_endpoint_auth_method": "private_key_jwt"}

    def test_unparsable_uris_are_compared_as_text(self, admin: Client, stored: Callable[..., str]) -> None:
        url = stored(redirect_uris=["https://[broken"], post_logout_redirect_uris=["https://[broken"])
        data = {
            **get_form_values(admin, url, with_html=True),
            "redirect_uris": "https://[other",
            "owner": "eva",
        }
        assert list(get_errors(admin.post(url, data))) == ["redirect_uris"]
        mended = {"redirect_uris": "https://a.example/", "post_logout_redirect_uris": "https://b.example/"}
        assert list(get_errors(admin.post(url, {**data, **mended}))) == ["post_logout_redirect_uris"]

    def test_client_without_values_has_a_page(self, admin: Client, ory: FakeOry) -> None:
        add_clients(ory, {"client_id": "a"})
        sync_clients("default")
        url = reverse("admin:django_ory_oauth2client_change", args=[OAuth2Client.objects.get().pk])
        assert admin.get(url).status_code == 200


class TestSecret:
    def prepare(self, method: str, stored: Callable[..., str], admin: Client) -> tuple[str, dict[str, Any]]:
        url = stored(token_endpoint_auth_method=method, jwks_uri="https://a.example/jwks")
        return url, get_form_values(admin, url)

    @pytest.mark.parametrize("before", ["none", "private_key_jwt"])
    def test_change_to_a_secret_method_creates_a_secret(
        self, admin: Client, stored: Callable[..., str], before: str, ory: FakeOry
    ) -> None:
        url, data = self.prepare(before, stored, admin)
        response = admin.post(url, {**data, "token_endpoint_auth_method": "client_secret_basic"})
        secret = get_sent(ory)["client_secret"]
        assert len(secret) > 40
        assert response.content.decode().count(secret) == 1
        assert "OAuth2 client changed" in response.content.decode()
        assert "no-store" in response.headers["Cache-Control"]
        places = [str(OAuth2Client.objects.get().data), str(list(LogEntry.objects.values()))]
        assert not [place for place in places if secret in place]

    @pytest.mark.parametrize("after", ["none", "client_secret_post", "private_key_jwt"])
    def test_other_method_change_neither_creates_nor_shows_a_secret(
        self, admin: Client, stored: Callable[..., str], ory: FakeOry, after: str
    ) -> None:
        url, data = self.prepare("client_secret_basic", stored, admin)
        ory.hydra.clients.clients["a"]["client_secret"] = SECRET
        response = admin.post(url, {**data, "token_endpoint_auth_method": after}, follow=True)
        assert "client_secret" not in get_sent(ory)
        assert SECRET not in response.content.decode()
        assert SECRET not in admin.get(url).content.decode()


class TestPermissions:
    def test_change_needs_the_change_permission(
        self, staff_with: Callable[..., Client], stored: Callable[..., str], ory: FakeOry
    ) -> None:
        url = stored()
        client = staff_with("view_oauth2client", "add_oauth2client", "trust_oauth2client")
        assert client.post(url, {"client_name": "New"}).status_code == 403
        assert not list_calls(ory, "/admin/clients")

    def test_skip_consent_is_ignored_without_the_trust_permission(
        self, staff_with: Callable[..., Client], stored: Callable[..., str], ory: FakeOry
    ) -> None:
        url = stored()
        client = staff_with("change_oauth2client")
        data = {**get_form_values(client, url), "client_name": "New", "skip_consent": "on"}
        assert client.post(url, data).status_code == 302
        assert get_sent(ory) == {"client_name": "New"}

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("redirect_uris", "https://evil.example/"),
            ("post_logout_redirect_uris", "https://shop.example/evil"),
            ("grant_types", ["authorization_code", "implicit"]),
            ("response_types", ["code", "token"]),
            ("token_endpoint_auth_method", "none"),
            ("jwks_uri", "https://evil.example/jwks"),
            ("metadata", '{"django_ory": {"verified": true}}'),
            ("skip_consent", "on"),
        ],
    )
    def test_trust_fields_are_read_only_without_the_trust_permission(
        self,
        staff_with: Callable[..., Client],
        stored: Callable[..., str],
        name: str,
        value: Any,
        ory: FakeOry,
    ) -> None:
        url = stored()
        client = staff_with("change_oauth2client", "add_oauth2client")
        page = client.get(url)
        assert f'name="{name}"' not in page.content.decode()
        assert "Read-only fields can be changed with the permission" in page.content.decode()
        assert "None" not in page.content.decode()
        data = {**get_form_values(client, url), "client_name": "New", name: value}
        assert client.post(url, data).status_code == 302
        assert get_sent(ory) == {"client_name": "New"}

    @pytest.mark.parametrize("permissions", [("change_oauth2client", "trust_oauth2client")])
    def test_trust_permission_shows_all_fields(
        self, staff_with: Callable[..., Client], stored: Callable[..., str], permissions: tuple[str, ...]
    ) -> None:
        url = stored()
        html = staff_with(*permissions).get(url).content.decode()
        assert all(f'name="{name}"' in html for name in (*NAMES, "skip_consent"))
        assert "Read-only fields can be changed" not in html

    def test_trusted_client_is_read_only_without_the_trust_permission(
        self, staff_with: Callable[..., Client], stored: Callable[..., str], ory: FakeOry
    ) -> None:
        url = stored(skip_consent=True)
        client = staff_with("change_oauth2client")
        html = client.get(url).content.decode()
        assert 'name="_save"' not in html
        assert client.post(url, {"redirect_uris": "https://evil.example/"}).status_code == 403
        assert not list_calls(ory, "/admin/clients")

    @pytest.mark.parametrize(("status", "is_told"), [(204, False), (500, True)])
    def test_removing_skip_consent_revokes_the_consents(
        self, admin: Client, stored: Callable[..., str], ory: FakeOry, status: int, is_told: bool
    ) -> None:
        add_identities(ory, make_identity(1))
        if status != 204:
            fail_hydra_sessions(ory, status)
        url = stored(skip_consent=True)
        data = get_form_values(admin, url)
        del data["skip_consent"]
        html = admin.post(url, data, follow=True).content.decode()
        assert len(list_calls(ory, "/oauth2/auth/sessions/")) == 1
        assert ("Not all consents for this client were revoked. Hydra is busy" in html) is is_told
        assert OAuth2Client.objects.get().data["skip_consent"] is False

    def test_client_trusted_in_the_meantime_is_a_conflict(
        self, staff_with: Callable[..., Client], stored: Callable[..., str], ory: FakeOry
    ) -> None:
        url = stored()
        client = staff_with("change_oauth2client")
        data = get_form_values(client, url)
        add_clients(ory, make_shop(skip_consent=True))
        assert get_errors(client.post(url, {**data, "client_name": "New"}))
        assert ory.hydra.clients.clients["a"]["client_name"] == "Shop a"
        assert client.post(url, data).status_code == 403

    def test_client_of_an_unknown_project_is_read_only(
        self, admin: Client, stored: Callable[..., str], settings: Any
    ) -> None:
        url = stored()
        OAuth2Client.objects.update(alias="old")
        assert 'name="_save"' not in admin.get(url).content.decode()
