"""The pages of a client beside its form: secret, lifespans, revocation, connection; and copies."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.urls import reverse

from django_ory.admin.clients.client_fields import ClientFields
from django_ory.admin.clients.lifespans_page import LifespansForm
from django_ory.mirror.clients import sync_clients
from django_ory.models import OAuth2Client
from django_ory.testing.fake.http import json_response
from tests.support.resources import (
    SECRET,
    add_clients,
    add_identities,
    list_calls,
    make_client,
    make_identity,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

ADD = reverse("admin:django_ory_oauth2client_add")
LIFESPAN = "authorization_code_grant_access_token_lifespan"
PAGES = {
    "secret": "rotate_client_secret",
    "lifespans": "trust_oauth2client",
    "revoke": "revoke_client_tokens",
    "connect": "",
}


@pytest.fixture
def stored(ory: FakeOry) -> Callable[..., Callable[[str], str]]:
    """Puts a client into Hydra and the mirror. Returns a function: the name of a page -> its URL."""

    def store(**values: Any) -> Callable[[str], str]:
        add_clients(ory, make_client("a", **{"response_types": ["code"], **values}))
        sync_clients("default")
        ory.requests.clear()
        pk = OAuth2Client.objects.get().pk
        return lambda name: reverse(f"admin:django_ory_oauth2client_{name}", args=[pk])

    return store


def get_messages(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


class TestAccess:
    @pytest.mark.parametrize("name", PAGES)
    def test_page_and_its_tab_need_their_permission(
        self, staff_with: Callable[..., Client], stored: Callable[..., Any], ory: FakeOry, name: str
    ) -> None:
        url = stored()
        others = [permission for permission in PAGES.values() if permission != PAGES[name]]
        client = staff_with("view_oauth2client", "change_oauth2client", *others)
        is_open = name == "connect"
        assert (f'href="{url(name)}"' in client.get(url("change")).content.decode()) is is_open
        ory.requests.clear()
        assert client.get(url(name)).status_code == (200 if is_open else 403)
        if not is_open:
            assert client.post(url(name), {"mode": "replace"}).status_code == 403
            assert not list_calls(ory)

    @pytest.mark.parametrize("name", PAGES)
    def test_page_is_open_with_its_permission_alone(
        self, staff_with: Callable[..., Client], stored: Callable[..., Any], name: str
    ) -> None:
        url = stored()
        needed = ["view_oauth2client", *filter(None, [PAGES[name]])]
        client = staff_with(*needed, *(["change_oauth2client"] if name == "lifespans" else []))
        assert client.get(url(name)).status_code == 200

    def test_lifespans_need_the_permission_to_change_the_client(
        self, staff_with: Callable[..., Client], stored: Callable[..., Any]
    ) -> None:
        url = stored()
        assert staff_with("view_oauth2client", "trust_oauth2client").get(url("lifespans")).status_code == 403

    @pytest.mark.parametrize("name", ["secret", "lifespans", "connect"])
    def test_unavailable_hydra_is_explained(
        self, admin: Client, stored: Callable[..., Any], ory: FakeOry, name: str
    ) -> None:
        url = stored()
        ory.set_fault("hydra", "down")
        page = admin.get(url(name))
        assert page.status_code == 503
        assert "Ory could not be reached" in page.content.decode()

    @pytest.mark.parametrize("name", ["secret", "lifespans"])
    def test_deleted_client_is_explained(
        self, admin: Client, stored: Callable[..., Any], ory: FakeOry, name: str
    ) -> None:
        url = stored()
        ory.hydra.clients.clients.clear()
        page = admin.get(url(name))
        assert page.status_code == 404
        assert "no longer exists in Ory" in page.content.decode()
        assert OAuth2Client.objects.get().missing_since is not None
        assert admin.post(url(name), {"mode": "replace"}).status_code in (403, 404)

    @pytest.mark.parametrize("name", ["secret", "lifespans"])
    def test_id_that_hydra_cannot_address_is_explained(
        self, admin: Client, stored: Callable[..., Any], ory: FakeOry, name: str
    ) -> None:
        url = stored()
        ory.respond(
            "GET /admin/clients/{id}",
            status=404,
            body="404 page not found\n",
            headers={"Content-Type": "text/plain"},
        )
        page = admin.get(url(name))
        assert page.status_code == 503
        assert "Ory cannot address this id" in page.content.decode()
        for mode in ("keep", "replace"):
            page = admin.post(url("secret"), {"mode": mode}, follow=True)
            assert "Ory cannot address this id" in page.content.decode()
        assert OAuth2Client.objects.get().missing_since is None

    @pytest.mark.parametrize("name", PAGES)
    def test_client_of_an_unknown_project_is_no_server_error(
        self, admin: Client, stored: Callable[..., Any], ory: FakeOry, name: str
    ) -> None:
        url = stored()
        OAuth2Client.objects.update(alias="old")
        assert admin.get(url(name)).status_code in (200, 403, 503)
        assert admin.post(url(name), {"mode": "replace", "tokens": "1"}).status_code in (302, 403, 503)
        assert not list_calls(ory)

    @pytest.mark.parametrize("value", [{}, [], [[]], [{"a": 1}], {"a": {}}, "text", 5, 1.5, True, "\u202e"])
    def test_values_of_other_types_are_shown_and_not_changed(
        self, admin: Client, stored: Callable[..., Any], ory: FakeOry, value: Any
    ) -> None:
        url = stored()
        data = {"client_id": "a", **dict.fromkeys((*ClientFields.base_fields, LIFESPAN), value)}
        OAuth2Client.objects.update(data=data)
        page = admin.get(url("connect"))
        assert page.status_code == 200
        ory.set_fault("hydra", "down")  # the row is shown as it is
        page = admin.get(url("change"))
        assert page.status_code == 200
        form = page.context["adminform"].form
        submitted = {name: form[name].value() for name in form.fields}
        again = {name: value for name, value in submitted.items() if value not in (False, None, "")}
        assert admin.post(url("change"), again).status_code == 302
        row = OAuth2Client.objects.get()
        assert row.data == data
        assert LifespansForm(row).groups
        assert admin.post(url("lifespans"), {LIFESPAN: "90m"}).status_code == 200
        assert not list_calls(ory, method="PATCH") + list_calls(ory, method="PUT")

    def test_get_changes_nothing(self, admin: Client, stored: Callable[..., Any], ory: FakeOry) -> None:
        url = stored()
        for name in PAGES:
            assert admin.get(url(name)).status_code == 200
        assert {request.method for request in ory.requests} == {"GET"}
        assert not LogEntry.objects.exists()


class TestSecretPage:
    def test_replaced_secret_is_shown_once_and_nowhere_else(
        self, admin: Client, stored: Callable[..., Any], ory: FakeOry, caplog: pytest.LogCaptureFixture
    ) -> None:
        url = stored()
        with caplog.at_level("DEBUG"):
            page = admin.post(url("secret"), {"mode": "replace"})
        secret = ory.hydra.clients.secrets["a"]
        assert page.content.decode().count(secret) == 1
        assert "no-store" in page.headers["Cache-Control"]
        places = [
            str(page.cookies),
            str(list(LogEntry.objects.values())),
            str([session.get_decoded() for session in Session.objects.all()]),
            str(OAuth2Client.objects.get().data),
            caplog.text,
            *(admin.get(url(name)).content.decode() for name in ("secret", "change", "history")),
        ]
        assert not [place for place in places if secret in place]
        assert LogEntry.objects.get().change_message == "Replaced the secret."

    def test_server_without_rotation_offers_the_replacement(
        self, admin: Client, stored: Callable[..., Any], ory: FakeOry
    ) -> None:
        url = stored()
        page = admin.post(url("secret"), {"mode": "keep"})
        assert "cannot keep the old secret" in page.content.decode()
        assert re.search(r'value="replace"[^>]*checked', page.content.decode())
        assert not list_calls(ory, method="PATCH")
        assert not LogEntry.objects.exists()
        page = admin.post(url("secret"), {"remove": "1"}, follow=True)
        assert "cannot keep the old secret" in get_messages(page)

    def test_rotation_of_a_newer_server_keeps_the_old_secret(
        self, admin: Client, stored: Callable[..., Any], ory: FakeOry
    ) -> None:
        url = stored()
        route = "/admin/clients/{id}/secrets/rotate"
        ory.respond(f"POST {route}", json=make_client("a", client_secret=SECRET))
        ory.respond(f"DELETE {route}", json=make_client("a"))
        html = admin.post(url("secret"), {"mode": "keep"}).content.decode()
        assert html.count(SECRET) == 1
        assert "The old secret stays valid until you remove it" in html
        page = admin.post(url("secret"), {"remove": "1"}, follow=True)
        assert "The old secrets are invalid now." in get_messages(page)
        entries = LogEntry.objects.order_by("pk").values_list("change_message", flat=True)
        assert list(entries) == ["Replaced the secret.", "Removed the old secrets."]

    def test_lost_response_shows_the_secret_with_a_warning(
        self, admin: Client, stored: Callable[..., Any], ory: FakeOry
    ) -> None:
        url = stored()
        ory.respond("PATCH /admin/clients/{id}", fault="slow")
        html = admin.post(url("secret"), {"mode": "replace"}).content.decode()
        assert "unknown whether this secret is valid" in html
        assert re.search(r'id="ory-client-secret">[\w-]{43}<', html)

    @pytest.mark.parametrize("data", [{}, {"mode": ""}, {"mode": "x"}])
    def test_invalid_choice_is_an_error(
        self, admin: Client, stored: Callable[..., Any], ory: FakeOry, data: dict[str, str]
    ) -> None:
        url = stored()
        assert 'class="errorlist"' in admin.post(url("secret"), data).content.decode()
        assert not list_calls(ory, method="PATCH")

    def test_post_without_csrf_token_is_rejected(
        self, admin_with_csrf: Client, stored: Callable[..., Any], ory: FakeOry
    ) -> None:
        url = stored()
        assert admin_with_csrf.post(url("secret"), {"mode": "replace"}).status_code == 403
        assert not list_calls(ory)

    def test_public_client_has_no_secret_to_replace(self, admin: Client, stored: Callable[..., Any]) -> None:
        url = stored(token_endpoint_auth_method="none")
        assert url("secret") not in admin.get(url("change")).content.decode()
        assert "This client has no secret" in admin.get(url("secret")).content.decode()


class TestLifespansPage:
    def get_data(self, admin: Client, url: str) -> dict[str, Any]:
        form = admin.get(url).context["form"]
        return {name: form[name].value() for name in form.fields}

    def test_lifespan_is_set_and_cleared(
        self, admin: Client, stored: Callable[..., Any], ory: FakeOry
    ) -> None:
        url = stored()("lifespans")
        data = self.get_data(admin, url)
        assert admin.post(url, {**data, LIFESPAN: " 90m "}).status_code == 302
        assert ory.hydra.clients.clients["a"][LIFESPAN] == "1h30m0s"
        data = self.get_data(admin, url)
        assert data[LIFESPAN] == "1h30m0s"
        ory.requests.clear()
        assert admin.post(url, {**data, LIFESPAN: "5400s"}).status_code == 302  # the same duration
        assert not list_calls(ory, method="PUT")
        page = admin.post(url, {**data, LIFESPAN: ""}, follow=True)
        assert "The lifespans were changed" in get_messages(page)
        assert ory.hydra.clients.clients["a"][LIFESPAN] is None
        entries = LogEntry.objects.values_list("change_message", flat=True)
        assert list(entries) == [f"Changed {LIFESPAN}."] * 2

    @pytest.mark.parametrize(
        "typed",
        ["1d", "-1h", "90", "0s", "h", "1h ago", "1e3s", "99999999h", "1h\x00", "\u0661h", "9" * 70 + "h"],
    )
    def test_invalid_duration_is_an_error(
        self, admin: Client, stored: Callable[..., Any], ory: FakeOry, typed: str
    ) -> None:
        url = stored()("lifespans")
        page = admin.post(url, {**self.get_data(admin, url), LIFESPAN: typed})
        assert list(page.context["form"].errors) == [LIFESPAN]
        assert not list_calls(ory, method="PUT")

    def test_lifespans_of_newer_servers_are_shown_and_kept(
        self, admin: Client, stored: Callable[..., Any], ory: FakeOry
    ) -> None:
        newer = {
            "device_authorization_grant_id_token_lifespan": "1h0m0s",
            "magic_grant_lifespan": "soon",
        }
        url = stored(**newer)("lifespans")
        html = admin.get(url).content.decode()
        assert "On a device (device code)" in html
        assert "magic_grant_lifespan" in html
        data = self.get_data(admin, url)
        assert admin.post(url, {**data, LIFESPAN: "1h"}).status_code == 302
        [body] = [request.json for request in ory.requests if request.method == "PUT"]
        assert body == {**newer, LIFESPAN: "1h"}

    def test_changes_of_others_are_shown_and_the_input_is_kept(
        self, admin: Client, stored: Callable[..., Any], ory: FakeOry
    ) -> None:
        url = stored()("lifespans")
        data = self.get_data(admin, url)
        other = "implicit_grant_id_token_lifespan"
        ory.hydra.clients.clients["a"] |= {other: "2h0m0s", LIFESPAN: "3h0m0s"}
        page = admin.post(url, {**data, LIFESPAN: "90m"})
        form = page.context["form"]
        assert {each.name: each.yours for each in form.conflicts} == {other: None, LIFESPAN: "90m"}
        assert "Without a code (implicit): ID token" in page.content.decode()
        assert not list_calls(ory, method="PUT")
        again = {name: form[name].value() for name in form.fields}
        assert (again[LIFESPAN], again[other]) == ("90m", "2h0m0s")
        assert admin.post(url, again).status_code == 302
        now = ory.hydra.clients.clients["a"]
        assert (now[LIFESPAN], now[other]) == ("1h30m0s", "2h0m0s")

    @pytest.mark.parametrize("version", [None, "forged"])
    def test_form_without_its_version_changes_nothing(
        self, admin: Client, stored: Callable[..., Any], ory: FakeOry, version: str | None
    ) -> None:
        url = stored()("lifespans")
        data = {LIFESPAN: "90m"} if version is None else {LIFESPAN: "90m", "version": version}
        assert admin.post(url, data).context["form"].errors
        assert not list_calls(ory, method="PUT")

    def test_refused_and_lost_changes_are_messages(
        self, admin: Client, stored: Callable[..., Any], ory: FakeOry
    ) -> None:
        url = stored()("lifespans")
        data = {**self.get_data(admin, url), LIFESPAN: "90m"}
        ory.respond("PUT /admin/clients/{id}/lifespans", fault="slow")
        assert "unknown whether" in get_messages(admin.post(url, data, follow=True))
        ory.respond("PUT /admin/clients/{id}/lifespans", fault="error")
        assert "internal server error" in get_messages(admin.post(url, data, follow=True)).lower()
        assert not LogEntry.objects.exists()


class TestRevocationPage:
    def test_access_tokens_are_revoked(self, admin: Client, stored: Callable[..., Any], ory: FakeOry) -> None:
        url = stored(access_token_strategy="jwt")("revoke")
        assert "accept them until they expire" in admin.get(url).content.decode()
        page = admin.post(url, {"tokens": "1"}, follow=True)
        assert list_calls(ory) == ["DELETE /admin/oauth2/tokens?client_id=a"]
        assert "were revoked" in get_messages(page)
        assert LogEntry.objects.get().change_message == "Revoked the access tokens."

    def test_consents_of_all_users_are_revoked(
        self, admin: Client, stored: Callable[..., Any], ory: FakeOry
    ) -> None:
        add_identities(ory, make_identity(1), make_identity(2))
        url = stored()("revoke")
        page = admin.post(url, {"consents": "1"}, follow=True)
        assert len(list_calls(ory, "/auth/sessions/consent", method="DELETE")) == 2
        assert "The consents of 2 users" in get_messages(page)

    def test_consents_that_are_left_are_named(
        self,
        admin: Client,
        stored: Callable[..., Any],
        ory: FakeOry,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        add_identities(ory, make_identity(1))
        monkeypatch.setattr("django_ory.admin.clients.revocation_page.MAX_REVOCATION_SECONDS", -1.0)
        page = admin.post(stored()("revoke"), {"consents": "1"}, follow=True)
        assert "ory_revoke_consents a --alias default" in get_messages(page)

    def test_consents_need_a_permission_of_their_own(
        self, staff_with: Callable[..., Client], stored: Callable[..., Any], ory: FakeOry
    ) -> None:
        url = stored()("revoke")
        client = staff_with("view_oauth2client", "revoke_client_tokens")
        assert 'name="consents"' not in client.get(url).content.decode()
        assert client.post(url, {"consents": "1"}).status_code == 403
        assert not list_calls(ory)

    def test_failed_revocation_is_not_logged(
        self, admin: Client, stored: Callable[..., Any], ory: FakeOry
    ) -> None:
        url = stored()("revoke")
        ory.set_fault("hydra", "error")
        assert get_messages(admin.post(url, {"tokens": "1"}, follow=True))
        assert not LogEntry.objects.exists()


class TestConnectionPage:
    def test_endpoints_and_settings_are_shown_without_secrets(
        self, admin: Client, stored: Callable[..., Any], ory: FakeOry
    ) -> None:
        url = stored(client_secret=SECRET, grant_types=["authorization_code", "client_credentials"])
        page = admin.get(url("connect"))
        html = page.content.decode()
        for name in ("/oauth2/auth", "/oauth2/token", "/.well-known/jwks.json"):
            assert f"{ory.hydra.public_url}{name}" in html
        assert SECRET not in html
        snippets = {each.title.split()[0]: each.text for each in page.context["snippets"]}
        assert snippets.keys() == {"Authlib", "mozilla-django-oidc", "django-allauth", "curl"}
        for name, text in snippets.items():
            if name != "curl":
                compile(text, name, "exec")
        assert "OIDC_TOKEN_USE_BASIC_AUTH = True" in snippets["mozilla-django-oidc"]

    def test_values_of_a_hostile_client_stay_values(self, admin: Client, stored: Callable[..., Any]) -> None:
        hostile = "a'\"; rm -rf / $(x) `y` <script>"
        url = stored(
            scope=hostile,
            grant_types=["authorization_code", "client_credentials"],
            redirect_uris=["javascript:alert(1)"],
        )
        page = admin.get(url("connect"))
        assert "<script>" not in page.content.decode().partition("<main")[2]
        snippets = {each.title.split()[0]: each.text for each in page.context["snippets"]}
        assert shlex.split(snippets["curl"])[-1] == f"scope={hostile}"
        compile(snippets["Authlib"], "authlib", "exec")

    def test_login_link_has_random_values_and_a_challenge(
        self, admin: Client, stored: Callable[..., Any], ory: FakeOry
    ) -> None:
        url = stored(scope="openid email offline_access")("connect")
        first, second = (self.read_link(admin.get(url)) for _ in range(2))
        assert first["state"] != second["state"]
        assert all(len(first[name]) >= 43 for name in ("state", "nonce", "code_challenge"))
        assert (
            first.items()
            >= {
                "client_id": "a",
                "redirect_uri": "https://shop.example/callback",
                "scope": "openid email",
                "response_type": "code",
                "code_challenge_method": "S256",
                "prompt": "login",
            }.items()
        )
        chosen = {"redirect_uri": "https://shop.example/callback", "response_type": "code", "scope": "email"}
        third = self.read_link(admin.get(url, chosen))
        assert (third["scope"], "prompt" in third, "nonce" in third) == ("email", False, False)

    def read_link(self, page: Any) -> dict[str, str]:
        parts = urlsplit(page.context["login_url"])
        assert parts.path == "/oauth2/auth"
        return {name: values[0] for name, values in parse_qs(parts.query).items()}

    @pytest.mark.parametrize(
        "chosen",
        [
            {"redirect_uri": "https://evil.example", "response_type": "code"},
            {"redirect_uri": "https://shop.example/callback", "response_type": "magic"},
            {"redirect_uri": "https://shop.example/callback", "response_type": "code", "scope": "admin"},
        ],
    )
    def test_choice_that_the_client_does_not_have_is_an_error(
        self, admin: Client, stored: Callable[..., Any], chosen: dict[str, str]
    ) -> None:
        page = admin.get(stored()("connect"), chosen)
        assert page.context["login_url"] == ""
        assert page.context["form"].errors

    @pytest.mark.parametrize(
        "values",
        [{"grant_types": ["client_credentials"]}, {"redirect_uris": []}, {"grant_types": None, "scope": ""}],
    )
    def test_client_without_sign_in_has_no_link(
        self, admin: Client, stored: Callable[..., Any], values: dict[str, Any]
    ) -> None:
        page = admin.get(stored(**values)("connect"))
        assert (page.status_code, page.context["login_url"]) == (200, "")

    def test_unusable_endpoint_is_not_linked(
        self, admin: Client, stored: Callable[..., Any], ory: FakeOry
    ) -> None:
        url = stored()("connect")
        ory.respond(
            "GET /.well-known/openid-configuration", json={"authorization_endpoint": "javascript:alert(1)"}
        )
        page = admin.get(url)
        assert (page.status_code, page.context["login_url"]) == (200, "")


class TestCopy:
    def get_form(self, client: Client, url: Callable[[str], str]) -> tuple[str, dict[str, Any]]:
        found = re.search(r'href="([^"]*\?duplicate=\d+)"', client.get(url("change")).content.decode())
        assert found is not None
        form = client.get(found[1]).context["adminform"].form
        values = {name: form[name].value() for name in form.fields}
        return found[1], {name: value for name, value in values.items() if value not in (False, None, "")}

    def test_copy_has_the_values_with_a_new_id_and_secret(
        self, admin: Client, stored: Callable[..., Any], ory: FakeOry
    ) -> None:
        unusual = {
            "grant_types": ["authorization_code", "urn:example:magic"],
            "redirect_uris": ["https://shop.example/callback", "localhost:8001/old"],
            "metadata": {"a": [1]},
            "skip_logout_consent": False,
            "contacts": ["eva@shop.example"],
            LIFESPAN: "90m",
        }
        ory.respond("POST /admin/clients", self.accept_all(ory))
        url, data = self.get_form(admin, stored(**unusual))
        assert data["client_id"] != "a"
        page = admin.post(url, data)
        assert page.status_code == 200, page.context["adminform"].form.errors
        assert 'id="ory-client-secret"' in page.content.decode()
        [sent] = [request.json for request in ory.requests if request.method == "POST"]
        assert sent.items() >= {**unusual, "client_name": "Shop a (copy)"}.items()
        assert sent["client_id"] == data["client_id"]
        assert OAuth2Client.objects.count() == 2

    def accept_all(self, ory: FakeOry) -> Callable[[Any], Any]:
        return lambda request: json_response(make_client(**request.json), status=201)

    def test_copy_without_trust_asks_users(
        self, staff_with: Callable[..., Client], stored: Callable[..., Any], ory: FakeOry
    ) -> None:
        _url, data = self.get_form(
            staff_with("view_oauth2client", "add_oauth2client"), stored(skip_consent=True)
        )
        assert "skip_consent" not in data

    def test_copy_of_a_client_that_the_user_may_not_see_is_empty(
        self, staff_with: Callable[..., Client], stored: Callable[..., Any]
    ) -> None:
        stored(owner="eva@example.org")
        client = staff_with("add_oauth2client")
        for pk in (OAuth2Client.objects.get().pk, "x", "9" * 30, ""):
            page = client.get(ADD, {"duplicate": pk})
            assert page.status_code == 200
            assert "eva@example.org" not in page.content.decode()

    def test_link_needs_the_add_permission(
        self, staff_with: Callable[..., Client], stored: Callable[..., Any]
    ) -> None:
        html = staff_with("view_oauth2client", "change_oauth2client").get(stored()("change")).content.decode()
        assert "?duplicate=" not in html
