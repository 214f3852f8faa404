"""The pages of the credentials of an identity."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.urls import reverse

from django_ory.models import Identity
from tests.support.admin_pages import get_messages
from tests.support.resources import fail, list_calls

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

PASSWORD = "a quiet harbor at 5 am"
ACCOUNTS = ("github:ann-at-github", "google:ann-at-google")
TRAITS = {"email": "ann@example.com", "name": {"first": "Ann"}}


@pytest.fixture
def row(ory: FakeOry) -> Identity:
    providers = [dict(zip(("provider", "subject"), each.split(":"), strict=True)) for each in ACCOUNTS]
    stored = ory.kratos.identities.add(
        {
            "schema_id": "person",
            "traits": TRAITS,
            "metadata_public": {"plan": "free"},
            "metadata_admin": {"note": "vip"},
            "credentials": {
                "password": {"config": {"password": "old password"}},
                "oidc": {"config": {"providers": providers}},
            },
            "verifiable_addresses": [
                {"value": "ann@example.com", "verified": True, "via": "email", "status": "completed"}
            ],
        },
        totp=True,
    )
    stored["credentials"]["totp"]["config"] = {"totp_url": "otpauth://planted-seed"}
    row = Identity.objects.create(identity_id=UUID(stored["id"]), label="ann@example.com")
    ory.requests.clear()
    return row


@pytest.fixture
def stored(row: Identity, ory: FakeOry) -> dict[str, Any]:
    """The identity in Kratos."""
    return ory.kratos.identities.identities[str(row.identity_id)]


@pytest.fixture
def operator(staff_with: Callable[..., Client]) -> Client:
    return staff_with("view_identity", "change_credentials", "view_personal_data")


def get_url(row: Identity, name: str = "credentials") -> str:
    return reverse(f"admin:django_ory_identity_{name}", args=[row.pk])


def find_key(client: Client, row: Identity, text: str) -> str:
    """The value of the button in the table row with this text."""
    html = client.get(get_url(row)).content.decode()
    (part,) = [each for each in html.split("<tr>") if text in each]
    found = re.search(r'name="key" value="([^"]+)"', part)
    assert found is not None
    return found[1]


class TestList:
    def test_types_identifiers_and_times_are_shown(
        self, operator: Client, row: Identity, ory: FakeOry
    ) -> None:
        response = operator.get(get_url(row))
        html = response.content.decode()
        for text in ("Password", "Social sign-in", *ACCOUNTS, "Authenticator app", "ann@example.com"):
            assert text in html
        assert "planted-seed" not in html
        assert "no-store" in response["Cache-Control"]
        assert list_calls(ory) == [f"GET /admin/identities/{row.identity_id}"]

    def test_identifiers_are_hidden_without_the_permission(
        self, staff_with: Callable[..., Client], row: Identity
    ) -> None:
        client = staff_with("view_identity", "change_credentials")
        html = client.get(get_url(row)).content.decode()
        assert "ann@" not in html
        assert "ann-at" not in html
        assert "github" in html

    def test_viewer_gets_no_buttons_and_no_access(
        self, staff_with: Callable[..., Client], row: Identity, ory: FakeOry
    ) -> None:
        client = staff_with("view_identity")
        html = client.get(get_url(row)).content.decode()
        assert "Authenticator app" in html
        assert "Remove" not in html
        assert "Set a password" not in html
        for name in ("set-password", "remove-credential", "reset-second-factor"):
            assert client.get(get_url(row, name)).status_code == 403
            assert client.post(get_url(row, name), {"confirm": "1"}).status_code == 403
        assert not list_calls(ory, method="DELETE")

    def test_identity_without_credentials_has_a_page(
        self, operator: Client, row: Identity, stored: dict[str, Any]
    ) -> None:
        stored["credentials"].clear()
        assert "has no credentials" in operator.get(get_url(row)).content.decode()
        assert "no second factor" in operator.get(get_url(row, "reset-second-factor")).content.decode()

    def test_unknown_type_is_shown_by_its_name(
        self, operator: Client, row: Identity, stored: dict[str, Any]
    ) -> None:
        stored["credentials"]["telepathy"] = {"type": "telepathy", "identifiers": ["<b>x"]}
        html = operator.get(get_url(row)).content.decode()
        assert "telepathy" in html
        assert "&lt;b&gt;x" in html


class TestRemove:
    def test_provider_is_unlinked_after_a_confirmation(
        self, operator: Client, row: Identity, stored: dict[str, Any]
    ) -> None:
        data = {"key": find_key(operator, row, "github:ann-at-github")}
        page = operator.post(get_url(row, "remove-credential"), data)
        assert "Are you sure" in page.content.decode()
        assert "confirm_last" not in page.content.decode()  # google is left
        assert stored["credentials"]["oidc"]["identifiers"] == [*ACCOUNTS]
        response = operator.post(get_url(row, "remove-credential"), {**data, "confirm": "1"}, follow=True)
        assert get_messages(response) == ["The credential was removed: Social sign-in."]
        assert stored["credentials"]["oidc"]["identifiers"] == ["google:ann-at-google"]
        entry = LogEntry.objects.get()
        assert entry.get_change_message() == "Credential removed in Ory: oidc."
        assert entry.object_repr == str(row.identity_id)

    def test_last_first_factor_needs_another_confirmation(
        self, operator: Client, row: Identity, stored: dict[str, Any]
    ) -> None:
        stored["credentials"]["oidc"]["identifiers"] = ["github:ann-at-github"]
        data = {"key": find_key(operator, row, "github:ann-at-github"), "confirm": "1"}
        page = operator.post(get_url(row, "remove-credential"), data).content.decode()
        assert "last way to sign in" in page
        assert 'role="alert"' in page
        assert stored["credentials"]["oidc"]["identifiers"] == ["github:ann-at-github"]
        operator.post(get_url(row, "remove-credential"), {**data, "confirm_last": "on"})
        assert stored["credentials"]["oidc"]["identifiers"] == []

    def test_second_post_is_harmless(self, operator: Client, row: Identity, ory: FakeOry) -> None:
        data = {"key": find_key(operator, row, "Authenticator app"), "confirm": "1"}
        for text in ("was removed", "no longer has this credential"):
            response = operator.post(get_url(row, "remove-credential"), data, follow=True)
            assert text in get_messages(response)[0]
        assert len(list_calls(ory, method="DELETE")) == 1

    def test_rejected_removal_shows_the_reason(self, operator: Client, row: Identity) -> None:
        data = {"key": find_key(operator, row, ">Password<"), "confirm": "1"}
        response = operator.post(get_url(row, "remove-credential"), data, follow=True)
        assert get_messages(response) == ["You cannot remove first factor credentials."]
        assert not LogEntry.objects.exists()

    def test_password_is_removed_where_the_server_allows_it(
        self, operator: Client, row: Identity, ory: FakeOry
    ) -> None:
        data = {"key": find_key(operator, row, ">Password<"), "confirm": "1"}
        ory.respond("DELETE /admin/identities/{id}/credentials/{type}", status=204)  # v26.2.0
        response = operator.post(get_url(row, "remove-credential"), data, follow=True)
        assert get_messages(response) == ["The credential was removed: Password."]

    def test_code_cannot_be_removed(self, operator: Client, row: Identity, stored: dict[str, Any]) -> None:
        stored["credentials"] = {"code": {"type": "code", "identifiers": ["ann@example.com"]}}
        html = operator.get(get_url(row)).content.decode()
        assert "Belongs to the addresses" in html
        assert "Remove" not in html

    @pytest.mark.parametrize("key", ["", "x", "github:ann-at-github", "\x00"])
    def test_unknown_key_removes_nothing(
        self, operator: Client, row: Identity, ory: FakeOry, key: str
    ) -> None:
        operator.post(get_url(row, "remove-credential"), {"key": key, "confirm": "1"})
        assert not list_calls(ory, method="DELETE")

    def test_get_changes_nothing(self, operator: Client, row: Identity, ory: FakeOry) -> None:
        assert operator.get(get_url(row, "remove-credential"), {"confirm": "1"}).status_code == 302
        assert operator.get(get_url(row, "reset-second-factor")).status_code == 200
        assert not list_calls(ory, method="DELETE")


class TestResetSecondFactor:
    def test_second_factors_are_removed_and_others_stay(
        self, operator: Client, row: Identity, stored: dict[str, Any]
    ) -> None:
        stored["credentials"]["lookup_secret"] = {"type": "lookup_secret", "identifiers": [stored["id"]]}
        page = operator.get(get_url(row, "reset-second-factor")).content.decode()
        assert "Backup codes" in page
        response = operator.post(get_url(row, "reset-second-factor"), follow=True)
        assert get_messages(response) == ["The second factor was reset."]
        assert not {"totp", "lookup_secret"} & stored["credentials"].keys()
        assert {"oidc", "password"} <= stored["credentials"].keys()
        assert LogEntry.objects.get().get_change_message() == "Second factor reset in Ory."

    def test_second_post_is_harmless(self, operator: Client, row: Identity) -> None:
        for _ in range(2):
            assert operator.post(get_url(row, "reset-second-factor")).status_code == 302


class TestSetPassword:
    def post(self, client: Client, row: Identity, password: str = PASSWORD, **data: str) -> Any:
        fields = {"new_password1": password, "new_password2": password, "ends_sessions": "on", **data}
        return client.post(get_url(row, "set-password"), fields, follow=True)

    def test_password_is_set_and_nothing_else_changes(
        self, operator: Client, row: Identity, ory: FakeOry, stored: dict[str, Any]
    ) -> None:
        kept = ("schema_id", "state", "traits", "metadata_public", "metadata_admin")
        before = {name: stored[name] for name in kept}
        identifiers = {name: each["identifiers"] for name, each in stored["credentials"].items()}
        response = self.post(operator, row)
        assert get_messages(response) == ["The password was set."]
        assert ory.kratos.identities.passwords[stored["id"]] == PASSWORD
        assert {name: stored[name] for name in kept} == before
        assert [each["verified"] for each in stored["verifiable_addresses"]] == [True]
        assert {name: each["identifiers"] for name, each in stored["credentials"].items()} == identifiers
        assert list_calls(ory, "/sessions", method="DELETE")[0].endswith(f"{row.identity_id}/sessions")
        entry = LogEntry.objects.get()
        assert entry.get_change_message() == "Password set in Ory, sessions ended."
        assert PASSWORD not in f"{entry.change_message}{response.content.decode()}"

    def test_external_id_of_newer_servers_is_sent_back(
        self, operator: Client, row: Identity, ory: FakeOry, stored: dict[str, Any]
    ) -> None:
        stored["external_id"] = "crm-7"
        self.post(operator, row)
        (put,) = [each for each in ory.requests if each.method == "PUT"]
        assert put.json["external_id"] == "crm-7"
        assert "organization_id" not in put.json

    def test_sessions_are_kept_if_the_box_is_empty(
        self, operator: Client, row: Identity, ory: FakeOry
    ) -> None:
        self.post(operator, row, ends_sessions="")
        assert not list_calls(ory, "/sessions", method="DELETE")

    def test_validators_of_django_reject_a_password(
        self, operator: Client, row: Identity, ory: FakeOry, settings: Any
    ) -> None:
        names = ("UserAttributeSimilarityValidator", "MinimumLengthValidator")
        settings.AUTH_PASSWORD_VALIDATORS = [
            {"NAME": f"django.contrib.auth.password_validation.{name}"} for name in names
        ]
        assert "<ul><li>" in operator.get(get_url(row, "set-password")).content.decode()  # the rules
        assert "too short" in self.post(operator, row, "short").content.decode()
        row.data = {"traits": TRAITS}
        row.save()
        assert "too similar" in self.post(operator, row, "ann@example.com").content.decode()
        assert not list_calls(ory, method="PUT")

    def test_different_entries_are_rejected(self, operator: Client, row: Identity, ory: FakeOry) -> None:
        response = self.post(operator, row, new_password2="other")
        assert "match" in response.content.decode()
        assert PASSWORD not in response.content.decode()
        assert not list_calls(ory, method="PUT")

    def test_rejection_of_kratos_is_an_error_of_the_field(
        self, operator: Client, row: Identity, ory: FakeOry
    ) -> None:
        fail(ory, "PUT /admin/identities/{id}", 400, "The password must be at most 72 characters long")
        response = self.post(operator, row)
        assert "at most 72 characters" in response.content.decode()
        assert not LogEntry.objects.exists()

    def test_lost_response_is_reported_as_unknown(
        self, operator: Client, row: Identity, ory: FakeOry
    ) -> None:
        ory.respond("PUT /admin/identities/{id}", fault="slow")
        assert "unknown whether the change was made" in self.post(operator, row).content.decode()

    def test_values_that_cannot_be_sent_back_prevent_the_change(
        self, operator: Client, row: Identity, ory: FakeOry, stored: dict[str, Any]
    ) -> None:
        stored["metadata_public"] = {"odd": "\ufffd"}
        assert "unreadable values" in self.post(operator, row).content.decode()
        assert not list_calls(ory, method="PUT")


class TestTakeover:
    """Staff must not sign in as users with more rights."""

    PATHS = ("set-password", "reset-second-factor", "remove-credential")

    def test_identity_of_staff_is_only_for_superusers(
        self, operator: Client, admin: Client, staff: Any, row: Identity, ory: FakeOry
    ) -> None:
        Identity.objects.filter(pk=row.pk).update(user=staff)
        html = operator.get(get_url(row)).content.decode()
        assert "Only superusers" in html
        assert "Set a password" not in html
        for name in self.PATHS:
            assert operator.post(get_url(row, name), {"confirm": "1"}).status_code == 403
        assert {call.split()[0] for call in list_calls(ory)} == {"GET"}
        assert admin.get(get_url(row, "set-password")).status_code == 200

    def test_identity_that_would_be_linked_to_staff_is_only_for_superusers(
        self, operator: Client, row: Identity, monkeypatch: pytest.MonkeyPatch, staff: Any
    ) -> None:
        seen: list[bool] = []

        def find_user(_adapter: Any, identity: Any) -> Any:
            seen.extend(address.verified for address in identity.verifiable_addresses)
            return staff

        monkeypatch.setattr("django_ory.adapter.OryAdapter.find_user", find_user)
        assert "Only superusers" in operator.get(get_url(row)).content.decode()
        for name in self.PATHS:
            assert operator.post(get_url(row, name), {"confirm": "1"}).status_code == 403
        assert seen
        assert all(seen)

    def test_user_without_rights_is_allowed(self, operator: Client, row: Identity) -> None:
        model = get_user_model()
        user = model.objects.create(**{model.USERNAME_FIELD: "plain@example.com"})
        Identity.objects.filter(pk=row.pk).update(user=user)
        assert operator.get(get_url(row, "set-password")).status_code == 200


class TestBadDays:
    PAGES = ("credentials", "set-password", "reset-second-factor", "addresses", "recovery", "json")

    @pytest.mark.parametrize("fault", ["down", "slow", "html", "error"])
    @pytest.mark.parametrize("name", PAGES)
    def test_failing_kratos_is_a_message(
        self, admin: Client, row: Identity, ory: FakeOry, name: str, fault: Any
    ) -> None:
        ory.set_fault("kratos", fault)
        response = admin.get(get_url(row, name))
        if name == "set-password":  # a superuser's form needs no call
            assert response.status_code == 200
        else:
            assert response.status_code == 503
            assert 'class="errornote"' in response.content.decode()
            assert "Try again" in response.content.decode()

    @pytest.mark.parametrize("name", ["credentials", "addresses", "recovery", "json"])
    def test_deleted_identity_is_marked_as_missing(
        self, admin: Client, row: Identity, ory: FakeOry, name: str
    ) -> None:
        ory.kratos.identities.identities.clear()
        response = admin.get(get_url(row, name))
        assert response.status_code == 503
        assert "no longer exists in Ory" in response.content.decode()
        row.refresh_from_db()
        assert row.missing_since is not None

    @pytest.mark.parametrize("name", ["set-password", "reset-second-factor"])
    def test_identity_deleted_before_a_change_is_marked_as_missing(
        self, admin: Client, row: Identity, ory: FakeOry, name: str
    ) -> None:
        ory.kratos.identities.identities.clear()
        data = {"new_password1": PASSWORD, "new_password2": PASSWORD}
        response = admin.post(get_url(row, name), data, follow=True)
        assert get_messages(response) == ["This object no longer exists in Ory."]
        row.refresh_from_db()
        assert row.missing_since is not None
        assert not LogEntry.objects.exists()

    def test_another_identity_in_the_response_is_ignored(
        self, admin: Client, row: Identity, stored: dict[str, Any]
    ) -> None:
        stored["id"] = str(UUID(int=99))
        response = admin.get(get_url(row))
        assert response.status_code == 503
        assert "another object" in response.content.decode()
        assert Identity.objects.count() == 1
