"""The admin pages of trusted issuers: a private key is never sent to Hydra, nor shown again."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.contrib.admin.models import ADDITION, DELETION, LogEntry
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from django_ory.adapter import OryAdapter, get_adapter
from django_ory.client import OryUsageError
from django_ory.mirror.identities import sync_identities
from django_ory.mirror.issuers import add_issuer
from django_ory.models import Identity
from tests.support.admin_pages import get_messages
from tests.support.resources import add_identities, list_calls, make_identity

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client
    from pytest_django import Settings

    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

LIST = reverse("admin:django_ory_trusted_issuers")
ADD = reverse("admin:django_ory_trusted_issuer_add")
JWK = {
    "kty": "EC",
    "crv": "P-256",
    "kid": "k1",
    "x": "jlM7b6C_e0YluzBmfAH7YH75-LioD-9bMAYocDGHsqM",
    "y": "c-sdveAzGDZtBp-DpvWQAFPHNjPLBBshxV4ahsH0ALQ",
}


class PlainKeys(OryAdapter):
    """A site whose subjects are no UUIDs."""

    def get_user_subject(self, user: Any) -> str:
        return f"user-{user.pk}"

    def find_user_by_subject(self, subject: str) -> Any:
        return get_user_model().objects.filter(pk=subject.removeprefix("user-")).first()


def build_form(**values: Any) -> dict[str, Any]:
    return {
        "issuer": "https://issuer.example",
        "subject": "bob@example.com",
        "scope": "read  write",
        "expires_at_0": "2099-01-01",
        "expires_at_1": "00:00:00",
        "jwk": json.dumps(JWK),
        **values,
    }


def add(ory: FakeOry, number: int, **values: Any) -> str:
    subject = {} if values.get("allow_any_subject") else {"subject": f"user{number}@example.com"}
    issuer = {
        "id": f"id-{number}",
        "issuer": f"https://issuer{number}.example",
        "allow_any_subject": False,
        "scope": ["read"],
        "public_key": {"set": "x", "kid": f"kid-{number}"},
        "expires_at": "2099-01-01T00:00:00Z",
        **subject,
        **values,
    }
    ory.hydra.issuers.issuers[issuer["id"]] = issuer
    return str(issuer["id"])


class TestList:
    def test_issuers_are_listed_and_filtered(self, admin: Client, ory: FakeOry) -> None:
        add(ory, 1)
        add(ory, 2, allow_any_subject=True, scope=None)
        html = admin.get(LIST).content.decode()
        for text in ("https://issuer1.example", "user1@example.com", "kid-2", "Every subject"):
            assert text in html
        html = admin.get(LIST, {"issuer": "https://issuer2.example"}).content.decode()
        assert "kid-1" not in html

    def test_filter_without_a_match_has_no_further_page(
        self, admin: Client, ory: FakeOry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("django_ory.admin.live.issuers.PAGE_SIZE", 1)
        for number in range(3):
            add(ory, number)
        context = admin.get(LIST, {"issuer": "https://other.example"}).context
        assert (context["items"], context["next_url"]) == ([], "")

    def test_pages_lead_to_every_issuer(
        self, admin: Client, ory: FakeOry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("django_ory.admin.live.issuers.PAGE_SIZE", 2)
        made = [add(ory, number) for number in range(5)]
        seen, url = [], LIST
        while url:
            context = admin.get(url).context
            seen += [item["key"] for item in context["items"]]
            url = context["next_url"] and f"{LIST}{context['next_url']}"
        assert seen == made[::-1]

    def test_subject_needs_the_permission_for_personal_data(
        self, staff_with: Callable[..., Client], ory: FakeOry
    ) -> None:
        add(ory, 1)
        html = staff_with("view_trusted_issuer").get(LIST).content.decode()
        assert "https://issuer1.example" in html
        assert "user1@example.com" not in html

    def test_permissions_are_checked(self, staff_with: Callable[..., Client], ory: FakeOry) -> None:
        key = add(ory, 1)
        client = staff_with("view_trusted_issuer", "view_oauth2client")
        html = client.get(LIST).content.decode()
        assert ADD not in html
        assert "Delete" not in html
        assert client.get(ADD).status_code == 403
        assert client.post(ADD, build_form()).status_code == 403
        assert client.post(LIST, {"action": "delete", "key": key, "confirm": "1"}).status_code == 403
        assert list(ory.hydra.issuers.issuers) == [key]

    @pytest.mark.parametrize("kind", ["down", "slow", "error", "html", "truncated", "rate_limited"])
    def test_failing_hydra_is_a_message(self, admin: Client, ory: FakeOry, kind: str) -> None:
        with ory.fault("hydra", kind):
            assert 'role="alert"' in admin.get(LIST).content.decode()
            response = admin.post(ADD, build_form())
        assert response.status_code == 200
        assert "errorlist" in response.content.decode()
        assert "https://issuer.example" in response.content.decode()


class TestAdd:
    def test_issuer_is_added_and_the_change_is_logged(self, admin: Client, ory: FakeOry) -> None:
        response = admin.post(ADD, build_form(), follow=True)
        assert get_messages(response) == ["The issuer is trusted."]
        [issuer] = ory.hydra.issuers.issuers.values()
        assert issuer["issuer"] == "https://issuer.example"
        assert (issuer["subject"], issuer["scope"]) == ("bob@example.com", ["read", "write"])
        entry = LogEntry.objects.get()
        assert (entry.object_id, entry.action_flag) == (f"issuer:{issuer['id']}", ADDITION)
        assert entry.change_message == "Added in Ory for one subject, key k1, scopes read write."
        assert "bob" not in f"{entry.object_repr} {entry.change_message}"

    def test_key_in_a_set_of_one_is_accepted(self, admin: Client, ory: FakeOry) -> None:
        admin.post(ADD, build_form(subject="", any_subject="on", jwk=json.dumps({"keys": [JWK]})))
        [issuer] = ory.hydra.issuers.issuers.values()
        assert issuer["allow_any_subject"] is True

    @pytest.mark.parametrize(
        "jwk",
        [
            {**JWK, "d": "PRIVATE-d"},
            {"kty": "RSA", "kid": "k", "n": "n", "e": "AQAB", "p": "PRIVATE-p"},
            {"kty": "oct", "kid": "k", "k": "PRIVATE-k"},
            {"kty": "oct", "kid": "PRIVATE-empty"},
            {"keys": [{**JWK, "d": "PRIVATE-set"}]},
            {"keys": [JWK, {**JWK, "d": "PRIVATE-second"}]},
            "-----BEGIN PRIVATE KEY-----\nPRIVATE-pem",
        ],
    )
    def test_private_key_is_not_sent_shown_or_logged(
        self, admin: Client, ory: FakeOry, caplog: pytest.LogCaptureFixture, jwk: Any
    ) -> None:
        caplog.set_level(logging.DEBUG)
        text = jwk if isinstance(jwk, str) else json.dumps(jwk)
        response = admin.post(ADD, build_form(jwk=text))
        html = response.content.decode()
        assert response.status_code == 200
        assert "errorlist" in html
        assert "PRIVATE-" not in html + caplog.text
        assert "https://issuer.example" in html
        assert list_calls(ory, method="POST") == []

    @pytest.mark.parametrize(
        "wrong",
        [
            {"jwk": "[]"},
            {"jwk": "{}"},
            {"jwk": "null"},
            {"jwk": "[" * 20_000},
            {"jwk": json.dumps({**JWK, "kid": ""})},
            {"jwk": json.dumps({**JWK, "kid": 7})},
            {"jwk": json.dumps({**JWK, "kty": "RSA2"})},
            {"jwk": "x" * 30_000},
            {"expires_at_0": "2000-01-01"},
            {"expires_at_0": "0001-01-01"},
            {"expires_at_0": "never"},
            {"subject": ""},
            {"any_subject": "on"},
            {"issuer": ""},
            {"issuer": "x" * 300},
            {"subject": "a\x00b"},
        ],
    )
    def test_invalid_form_is_not_sent(self, admin: Client, ory: FakeOry, wrong: dict[str, str]) -> None:
        response = admin.post(ADD, build_form(**wrong))
        assert response.status_code == 200
        assert "errorlist" in response.content.decode()
        assert list_calls(ory, method="POST") == []

    def test_valid_key_is_kept_when_another_field_is_wrong(self, admin: Client) -> None:
        html = admin.post(ADD, build_form(issuer="")).content.decode()
        assert JWK["x"] in html

    def test_repeated_post_is_an_error_of_hydra(self, admin: Client, ory: FakeOry) -> None:
        admin.post(ADD, build_form())
        html = admin.post(ADD, build_form()).content.decode()
        assert "with that value exists already" in html
        assert len(ory.hydra.issuers.issuers) == 1

    def test_service_refuses_a_private_key(self, ory: FakeOry) -> None:
        with pytest.raises(OryUsageError, match="private"):
            add_issuer(
                "default",
                issuer="x",
                jwk={**JWK, "d": "secret"},
                expires_at=timezone.now() + timedelta(days=1),
            )
        assert list_calls(ory) == []


class TestDelete:
    def test_issuer_is_deleted_and_the_change_is_logged(self, admin: Client, ory: FakeOry) -> None:
        key = add(ory, 1)
        data = {"action": "delete", "key": key}
        assert "Hydra rejects its JWTs" in admin.post(LIST, data).content.decode()
        assert key in ory.hydra.issuers.issuers
        admin.post(LIST, {**data, "confirm": "1"})
        assert ory.hydra.issuers.issuers == {}
        entry = LogEntry.objects.get()
        assert (entry.object_id, entry.action_flag) == (f"issuer:{key}", DELETION)
        assert entry.object_repr == "trusted issuer https://issuer1.example"
        response = admin.post(LIST, {**data, "confirm": "1"}, follow=True)
        assert "no such object any more" in get_messages(response)[-1]


class TestAccess:
    """An issuer gets tokens of users, so staff could act as a user with more rights."""

    @pytest.fixture
    def row(self, ory: FakeOry) -> Identity:
        add_identities(ory, make_identity(1))
        sync_identities("default")
        return Identity.objects.get()

    @pytest.fixture
    def operator(self, staff_with: Callable[..., Client]) -> Client:
        return staff_with("view_trusted_issuer", "change_trusted_issuer")

    def test_issuer_for_every_subject_is_only_for_superusers(
        self, operator: Client, admin: Client, ory: FakeOry
    ) -> None:
        form = build_form(subject="", any_subject="on")
        assert "Only superusers" in operator.post(ADD, form).content.decode()
        assert not list_calls(ory, method="POST")
        assert admin.post(ADD, form).status_code == 302

    def test_issuer_for_a_user_with_more_rights_is_only_for_superusers(
        self, operator: Client, admin: Client, staff: Any, ory: FakeOry, row: Identity
    ) -> None:
        Identity.objects.filter(pk=row.pk).update(user=staff)
        form = build_form(subject=str(row.identity_id))
        assert "Only superusers" in operator.post(ADD, form).content.decode()
        assert not list_calls(ory, method="POST")
        assert admin.post(ADD, form).status_code == 302

    @pytest.mark.parametrize(
        "subject", [str(UUID(int=1)), str(UUID(int=7)), "robot"], ids=["user", "unknown id", "name"]
    )
    def test_issuer_for_another_subject_is_added(
        self, operator: Client, ory: FakeOry, row: Identity, subject: str
    ) -> None:
        assert operator.post(ADD, build_form(subject=subject)).status_code == 302
        [issuer] = ory.hydra.issuers.issuers.values()
        assert issuer["subject"] == subject

    @pytest.mark.parametrize(
        "values", [{"OAUTH2_SUBJECT_KEY": "k" * 32}, {"ADAPTER": f"{__name__}.PlainKeys"}]
    )
    def test_issuer_for_a_django_user_with_more_rights_is_only_for_superusers(
        self,
        operator: Client,
        staff: Any,
        ory: FakeOry,
        settings: Settings,
        values: dict[str, str],
    ) -> None:
        hydra = {name: settings.ORY["default"][name] for name in ("HYDRA_PUBLIC_URL", "HYDRA_ADMIN_URL")}
        settings.ORY = {"default": {**hydra, "OAUTH2_ACCOUNTS": "django", **values}}
        form = build_form(subject=get_adapter("default").get_user_subject(staff))
        assert "Only superusers" in operator.post(ADD, form).content.decode()
        assert not list_calls(ory, method="POST")
        user = get_user_model().objects.create(email="ann@example.com")
        form["subject"] = get_adapter("default").get_user_subject(user)
        assert operator.post(ADD, form).status_code == 302
