"""``ory:token_hook``: which tokens Hydra issues, with which claims, and nothing of a token in the log."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.db.models import UUIDField
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from django_ory.adapter import OryAdapter, get_adapter
from django_ory.models import Identity, OAuth2Client
from django_ory.testing import FakeOry, build_error_json
from django_ory.tokens.grant_types import JWT_BEARER
from django_ory.users.rows import identity_columns
from tests.provider.django_site import build_ory_settings
from tests.support.resources import list_calls

pytestmark = pytest.mark.django_db

HOOK = reverse("ory:token_hook", args=["default"])
SECRET = "5d41402abc4b2a76b9719d911017c592"
#: In each document, and never in a log or an answer of a rejected token.
PRIVATE = "private-claim-7f3a"
IDENTITY_PATH = "/admin/identities/"


class HookAdapter(OryAdapter):
    """Adds ``groups`` from the identity, and a claim for APIs."""

    kept: tuple[str, ...] = ()

    def get_claims(self, *, identity: Any, user: Any, client: Any, scopes: Any, claims: Any) -> Any:
        groups = (identity.metadata_public or {}).get("groups") if identity is not None else None
        return {**claims, "groups": groups} if "groups" in scopes and groups else claims

    def get_access_token_claims(self, *, identity: Any, user: Any, client: Any, scopes: Any) -> Any:
        return {"app": client.client_name}

    def get_kept_claims(self) -> tuple[str, ...]:
        return self.kept


@pytest.fixture(autouse=True)
def hook_settings(settings: Any) -> None:
    configure(settings)


def configure(settings: Any, **changes: Any) -> None:
    values: dict[str, Any] = {
        "TOKEN_HOOK_SECRETS": [SECRET, f"former-{SECRET}"],
        "ADAPTER": f"{__name__}.HookAdapter",
    }
    settings.ORY = {"default": {**settings.ORY["default"], **values, **changes}}


@pytest.fixture
def ann(ory: FakeOry) -> Any:
    """The identity of a user."""
    ory.hydra.clients.add({"client_id": "app", "client_name": "Photo Lab"})
    traits = {"email": "ann@example.org", "name": {"first": "Ann"}}
    return ory.create_identity(traits, metadata_public={"groups": ["editors"]})


def add_row(identity: Any, *, age: timedelta = timedelta(0), **values: Any) -> Any:
    """A row of the mirror, linked to a user."""
    user = get_user_model()._default_manager.create(email="ann@example.org")
    columns = {**identity_columns("default", identity), "synced_at": timezone.now() - age, **values}
    Identity.objects.create(identity_id=UUID(identity.id), user=user, **columns)
    return user


def build_document(
    subject: str, *, grant_type: str = "refresh_token", scope: Any = ("openid", "groups"), **session: Any
) -> dict[str, Any]:
    """The document of ``oauth2.token_hook`` of Hydra v2.3.0."""
    extra = {"acr": "aal1", "app": "Photo Lab"}
    ext = {"sid": "41b5", "groups": ["editors"]}
    return {
        "session": {
            "id_token": {
                "id_token_claims": {
                    "jti": "",
                    "iss": "http://hydra.test:4444",
                    "sub": subject,
                    "aud": ["app"],
                    "nonce": "",
                    "at_hash": "",
                    "acr": "aal1",
                    "amr": ["pwd"],
                    "c_hash": "",
                    "ext": session.get("ext", ext),
                },
                "headers": {"extra": {"kid": "1"}},
                "expires_at": {"access_token": "2026-05-04T12:00:00Z"},
                "username": "",
                "subject": subject,
            },
            "extra": session.get("extra", extra),
            "client_id": "app",
            "consent_challenge": "",
            "allowed_top_level_claims": [],
        },
        "request": {
            "client_id": "app",
            "requested_scopes": list(scope),
            "granted_scopes": list(scope) if grant_type != "authorization_code" else [],
            "granted_audience": [],
            "grant_types": [grant_type],
            "payload": {"assertion": [PRIVATE]} if grant_type == JWT_BEARER else {},
        },
    }


def post(document: Any, *, secret: str = SECRET, **options: Any) -> Any:
    return Client().post(
        HOOK,
        json.dumps(document),
        content_type="application/json; charset=UTF-8",
        headers={"X-Token-Hook-Secret": secret},
        **options,
    )


def test_unchanged_claims_are_kept(ann: Any) -> None:
    assert post(build_document(ann.id)).status_code == 204
    assert post(build_document(ann.id), secret=f"former-{SECRET}").status_code == 204


def test_changed_claims_replace_the_former_and_those_of_hydra_stay(ann: Any, ory: FakeOry) -> None:
    ory.kratos.identities.identities[ann.id]["metadata_public"] = {"groups": ["readers"]}
    extra, ext = (
        {"acr": "aal1", "auth_time": 7, "role": "admin"},
        {"sid": "41b5", "groups": ["editors"], "x": 1},
    )
    response = post(build_document(ann.id, extra=extra, ext=ext))
    assert (response.status_code, response.json()) == (
        200,
        {
            "session": {
                "access_token": {"acr": "aal1", "auth_time": 7, "app": "Photo Lab"},
                "id_token": {"sid": "41b5", "groups": ["readers"]},
            }
        },
    )


def test_lost_group_is_removed(ann: Any, ory: FakeOry) -> None:
    ory.kratos.identities.identities[ann.id]["metadata_public"] = {}
    claims = post(build_document(ann.id)).json()["session"]
    assert claims["id_token"] == {"sid": "41b5"}


def test_kept_claims_of_the_adapter_stay(ann: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HookAdapter, "kept", ("tenant",))
    extra = {"acr": "aal1", "app": "Photo Lab", "tenant": "north"}
    assert post(build_document(ann.id, extra=extra)).status_code == 204


def test_null_maps_are_filled(ann: Any) -> None:
    claims = post(build_document(ann.id, extra=None, ext=None)).json()["session"]
    assert claims == {"access_token": {"app": "Photo Lab"}, "id_token": {"groups": ["editors"]}}


def test_document_of_the_refresh_hook_is_read(ann: Any) -> None:
    document = build_document(ann.id, ext={"sid": "41b5"})
    document |= {"subject": ann.id, "requester": document.pop("request"), "client_id": "app"}
    assert post(document).json()["session"]["id_token"] == {"sid": "41b5", "groups": ["editors"]}


def test_code_of_an_active_user_keeps_the_claims_of_the_consent(ann: Any) -> None:
    document = build_document(ann.id, grant_type="authorization_code", ext={"sid": "41b5"})
    assert post(document).status_code == 204


@pytest.mark.parametrize(
    "grant_type",
    [
        "refresh_token",
        "authorization_code",
        JWT_BEARER,
        "urn:ietf:params:oauth:grant-type:device_code",
        "new",
    ],
)
def test_inactive_identity_gets_no_token(ann: Any, ory: FakeOry, events: list[Any], grant_type: str) -> None:
    ory.kratos.identities.identities[ann.id]["state"] = "inactive"
    response = post(build_document(ann.id, grant_type=grant_type))
    assert (response.status_code, response.json()) == (403, {"error": "access_denied"})
    [event] = events
    assert (event.event, event.client_id, event.subject) == ("token.denied", "app", ann.id)
    assert event.reason == "account_inactive"


def test_inactive_user_gets_no_token(ann: Any) -> None:
    user = add_row(ann)
    user.is_active = False
    user.save()
    assert post(build_document(ann.id)).status_code == 403


@pytest.mark.parametrize("subject", ["0b9d0c0e-8c3e-4a63-b1c9-7a4f6a1a2b02", "app", ""])
def test_unknown_subject_gets_no_token(ory: FakeOry, subject: str) -> None:
    assert post(build_document(subject)).status_code == 403


@pytest.mark.parametrize("subject", ["app", ""])
def test_client_credentials_are_left_alone(ory: FakeOry, subject: str) -> None:
    assert post(build_document(subject, grant_type="client_credentials")).status_code == 204
    assert not list_calls(ory, IDENTITY_PATH)


def test_client_credentials_of_a_client_named_like_an_inactive_user_are_left_alone(
    ann: Any, ory: FakeOry
) -> None:
    ory.kratos.identities.identities[ann.id]["state"] = "inactive"
    assert post(build_document(ann.id, grant_type="client_credentials")).status_code == 204


def test_id_of_a_client_is_not_read_as_a_subject(ory: FakeOry, monkeypatch: pytest.MonkeyPatch) -> None:
    subjects: list[str] = []

    def get_identity_id(adapter: OryAdapter, subject: str) -> str:
        subjects.append(subject)
        return subject

    monkeypatch.setattr(HookAdapter, "get_identity_id", get_identity_id)
    assert post(build_document("app", grant_type="client_credentials")).status_code == 204
    assert subjects == []
    assert post(build_document("machine-7", grant_type=JWT_BEARER)).status_code == 204
    assert subjects == ["machine-7"]


def test_subject_of_another_issuer_is_left_alone(ory: FakeOry) -> None:
    assert post(build_document("machine-7", grant_type=JWT_BEARER)).status_code == 204
    unknown = "0b9d0c0e-8c3e-4a63-b1c9-7a4f6a1a2b02"
    assert post(build_document(unknown, grant_type=JWT_BEARER)).status_code == 403


# The row of the mirror.


def test_recent_row_saves_the_calls(ann: Any, ory: FakeOry, settings: Any) -> None:
    configure(settings, TOKEN_HOOK_ROW_SECONDS=60)
    add_row(ann)
    OAuth2Client.objects.create(client_id="app", data={"client_id": "app", "client_name": "Photo Lab"})
    ory.requests.clear()
    assert post(build_document(ann.id)).status_code == 204
    assert ory.requests == []


@pytest.mark.parametrize("changes", [{"state": "inactive"}, {"state": "frozen"}])
def test_row_that_is_not_active_denies(ann: Any, settings: Any, changes: dict[str, Any]) -> None:
    configure(settings, TOKEN_HOOK_ROW_SECONDS=60)
    add_row(ann, **changes)
    assert post(build_document(ann.id)).status_code == 403


@pytest.mark.parametrize(
    "row", [{"age": timedelta(seconds=61)}, {"missing_since": timezone.now()}, {"data": {"id": "7"}}]
)
def test_row_that_is_old_missing_or_without_traits_is_not_used(
    ann: Any, ory: FakeOry, settings: Any, row: dict[str, Any]
) -> None:
    configure(settings, TOKEN_HOOK_ROW_SECONDS=60)
    add_row(ann, **row)
    ory.kratos.identities.identities[ann.id]["state"] = "inactive"
    ory.requests.clear()
    assert post(build_document(ann.id)).status_code == 403
    assert len(list_calls(ory, IDENTITY_PATH)) == 1


def test_call_to_kratos_updates_the_row(ann: Any, ory: FakeOry, settings: Any) -> None:
    configure(settings, TOKEN_HOOK_ROW_SECONDS=60)
    add_row(ann, age=timedelta(hours=1), state="inactive")
    assert post(build_document(ann.id)).status_code == 204
    assert Identity.objects.get().state == "active"
    ory.requests.clear()
    assert post(build_document(ann.id)).status_code == 204
    assert not list_calls(ory, IDENTITY_PATH)


def test_by_default_a_row_is_not_used(ann: Any, ory: FakeOry) -> None:
    add_row(ann)
    ory.kratos.identities.identities[ann.id]["state"] = "inactive"
    assert post(build_document(ann.id)).status_code == 403


@pytest.mark.parametrize(("changes", "queries"), [({}, 2), ({"TOKEN_HOOK_WHEN_UNAVAILABLE": "stale"}, 3)])
def test_row_is_only_read_if_a_setting_allows_its_use(
    ann: Any, settings: Any, changes: dict[str, Any], queries: int, django_assert_num_queries: Any
) -> None:
    configure(settings, **changes)
    add_row(ann)
    with django_assert_num_queries(queries):  # with those for the user and for the client
        assert post(build_document(ann.id)).status_code == 204


def test_users_of_django_are_checked_without_a_kratos(ory: FakeOry, settings: Any) -> None:
    ory.hydra.clients.add({"client_id": "app", "client_name": "Photo Lab"})
    settings.ORY = build_ory_settings(TOKEN_HOOK_SECRETS=[SECRET], ADAPTER=f"{__name__}.HookAdapter")
    user = get_user_model()._default_manager.create(email="ann@example.org")
    subject = get_adapter("default").get_user_subject(user)
    response = post(build_document(subject, scope=("openid", "email"), ext={"sid": "41b5"}))
    claims = response.json()["session"]["id_token"]
    assert (claims["sid"], claims["email"]) == ("41b5", "ann@example.org")
    user.is_active = False
    user.save()
    assert post(build_document(subject)).status_code == 403
    user.delete()
    for grant_type in ("refresh_token", JWT_BEARER):
        assert post(build_document(subject, grant_type=grant_type)).status_code == 403


def test_missing_setting_issues_no_token(
    ory: FakeOry, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ORY = build_ory_settings(TOKEN_HOOK_SECRETS=[SECRET], OAUTH2_SUBJECT_KEY="")
    subject = "0b9d0c0e-8c3e-4a63-b1c9-7a4f6a1a2b02"
    assert post(build_document(subject)).status_code == (503 if has_number_keys() else 403)
    assert ("OAUTH2_SUBJECT_KEY" in caplog.text) is has_number_keys()


def has_number_keys() -> bool:
    """Return whether the subjects of users need a secret."""
    return not isinstance(get_user_model()._meta.pk, UUIDField)


# Outages.


def stop_kratos(ory: FakeOry, identity: Any) -> None:
    ory.respond(f"GET /admin/identities/{identity.id}", json=build_error_json(500), status=500)


def test_outage_of_kratos_issues_no_token(ann: Any, ory: FakeOry, caplog: pytest.LogCaptureFixture) -> None:
    add_row(ann)
    stop_kratos(ory, ann)
    assert post(build_document(ann.id)).status_code == 503
    assert "Token hook failed (project default)" in caplog.text


def test_outage_of_kratos_with_stale_uses_the_row(ann: Any, ory: FakeOry, settings: Any) -> None:
    configure(settings, TOKEN_HOOK_WHEN_UNAVAILABLE="stale")
    stop_kratos(ory, ann)
    assert post(build_document(ann.id)).status_code == 503  # no row
    user = add_row(ann, age=timedelta(days=300))
    assert post(build_document(ann.id)).status_code == 204
    user.is_active = False
    user.save()
    assert post(build_document(ann.id)).status_code == 403


def test_outage_of_hydra_issues_no_token(ann: Any, ory: FakeOry) -> None:
    ory.respond("GET /admin/clients/app", json=build_error_json(500), status=500)
    assert post(build_document(ann.id)).status_code == 503


@pytest.mark.parametrize("body", [{"error": "Not Found"}, "404 page not found"])
def test_client_that_hydra_cannot_address_gets_the_claims_of_its_id(
    ann: Any, ory: FakeOry, body: Any
) -> None:
    ory.respond("GET /admin/clients/app", json=body, status=404)
    claims = post(build_document(ann.id)).json()["session"]
    assert claims == {"access_token": {"acr": "aal1"}, "id_token": {"sid": "41b5", "groups": ["editors"]}}


# The endpoint.


@pytest.mark.parametrize("secret", ["", "wrong", SECRET.upper()])
def test_post_without_the_secret_is_rejected(ann: Any, ory: FakeOry, secret: str) -> None:
    ory.requests.clear()
    assert post(build_document(ann.id), secret=secret).status_code == 403
    assert ory.requests == []


def test_endpoint_is_missing_without_secrets(ann: Any, settings: Any) -> None:
    configure(settings, TOKEN_HOOK_SECRETS=[])
    assert post(build_document(ann.id)).status_code == 404


def test_other_address_is_rejected(ann: Any, settings: Any) -> None:
    configure(settings, HYDRA_NETWORKS=["10.0.0.0/8"])
    assert post(build_document(ann.id)).status_code == 403
    assert post(build_document(ann.id), REMOTE_ADDR="10.1.2.3").status_code == 204


def test_get_is_not_allowed(db: None) -> None:
    assert Client().get(HOOK).status_code == 405


def change(path: str) -> Callable[[Any], dict[str, Any]]:
    def apply(value: Any) -> dict[str, Any]:
        document = build_document(PRIVATE)
        target: Any = document
        *parents, last = path.split(".")
        for name in parents:
            target = target[name]
        target[last] = value
        return document

    return apply


@pytest.mark.parametrize("value", [7, "text", ["list"]])
@pytest.mark.parametrize("path", ["session", "request", "session.id_token", "session.extra"])
def test_invalid_part_is_rejected(ory: FakeOry, path: str, value: Any) -> None:
    response = post(change(path)(value))
    assert response.status_code == 422
    assert PRIVATE not in response.content.decode()


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        None,
        change("session")(None),
        change("request")(None),
        change("session.id_token")(None),
        change("request.grant_types")([]),
        change("request.grant_types")(["refresh_token", "password"]),
        change("request.grant_types")("refresh_token"),
        change("request.client_id")(None),
        change("request.granted_scopes")([1]),
        change("session.id_token.subject")({"a": PRIVATE}),
        change("session.id_token.subject")("x" * 3_000),
    ],
)
def test_other_document_is_rejected(ory: FakeOry, document: Any) -> None:
    assert post(document).status_code == 422


def test_large_document_is_rejected(ann: Any) -> None:
    assert post(build_document(ann.id, extra={"x": "x" * 2_000_000})).status_code == 413


def test_log_and_audit_have_no_claim_and_no_assertion(
    ann: Any, ory: FakeOry, caplog: pytest.LogCaptureFixture, events: list[Any]
) -> None:
    caplog.set_level(logging.DEBUG)
    claims: dict[str, Any] = {"extra": {"secret": PRIVATE}, "ext": {"email": PRIVATE}}
    post(build_document(ann.id, **claims))
    post(build_document(ann.id, grant_type=JWT_BEARER, **claims))
    post(change("session.id_token")(7))
    ory.kratos.identities.identities[ann.id]["state"] = "inactive"
    post(build_document(ann.id, **claims))
    stop_kratos(ory, ann)
    post(build_document(ann.id, **claims))
    assert PRIVATE not in caplog.text
    assert PRIVATE not in repr(events)
    assert [each.event for each in events] == ["token.denied"]
