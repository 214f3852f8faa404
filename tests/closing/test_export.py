"""The download of a user's data: complete, without secrets, and only for the user."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from django_ory.accounts import export
from django_ory.models import JobGrant
from django_ory.testing import FakeOry

from .conftest import EMAIL, Member

DATA = reverse("ory:account_data")


def download(member: Member) -> dict[str, Any]:
    response = member.post("account_data")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="account.json"'
    assert "no-store" in response["Cache-Control"]
    content: dict[str, Any] = json.loads(response.content)
    return content


def test_file_has_everything_about_the_user_without_secrets(member: Member, ory: FakeOry) -> None:
    ory.update_identity(member.identity.id, metadata_public={"plan": "free"}, metadata_admin={"note": "rude"})
    stored = ory.kratos.identities.identities[member.identity.id]
    stored["credentials"]["password"]["config"] = {"hashed_password": "$2a$secret"}
    app = ory.create_oauth2_client(client_name="Fix-it Friday")
    session = ory.create_session(
        member.identity, devices=[{"ip_address": "192.0.2.7", "user_agent": "Firefox"}]
    )
    content = download(member)
    account = content["account"]
    assert account["traits"]["email"] == EMAIL
    assert account["metadata_public"] == {"plan": "free"}
    assert account["verifiable_addresses"][0]["value"] == EMAIL
    assert "password" in {each["type"] for each in account["credentials"]}
    assert not [each for each in account["credentials"] if "config" in each]
    assert {each["id"] for each in content["sessions"]} >= {session.id}
    assert {"Firefox"} <= {d["user_agent"] for each in content["sessions"] for d in each["devices"]}
    assert content["site"]["email"] == EMAIL
    assert "password" not in content["site"]
    assert content["is_complete"] is True
    text = json.dumps(content)
    for secret in (
        "hashed_password",
        "$2a$secret",
        "rude",
        session.cookie,
        session.token,
        member.user.password,
    ):
        assert secret not in text
    assert str(app.client_secret) not in text


def test_consents_name_the_app_and_the_scopes(member: Member, ory: FakeOry) -> None:
    consent = {
        "grant_scope": ["openid", "email"],
        "grant_access_token_audience": [],
        "handled_at": "2026-01-02T03:04:05Z",
        "remember": True,
        "consent_request": {
            "challenge": "c",
            "client": {"client_id": "app", "client_name": "Fix-it Friday", "client_secret": "s3cret"},
        },
        "session": {"id_token": {"email": EMAIL}, "access_token": {"internal": "x"}},
    }
    ory.respond("GET /admin/oauth2/auth/sessions/consent", json=[consent])
    content = download(member)
    [app] = content["apps"]
    assert app["app"]["client_name"] == "Fix-it Friday"
    assert app["scopes"] == ["openid", "email"]
    assert app["claims"] == {"email": EMAIL}
    assert "s3cret" not in json.dumps(content)


def test_get_describes_the_file_and_sends_nothing(member: Member) -> None:
    response = member.client.get(DATA)
    assert response.status_code == 200
    assert EMAIL.encode() not in response.content
    assert "Content-Disposition" not in response


def test_old_session_must_sign_in_again(member: Member) -> None:
    member.sign_in(authenticated_at=timedelta(hours=1))
    assert "refresh=true" in member.client.get(DATA)["Location"]
    assert "refresh=true" in member.post("account_data")["Location"]


def test_pages_are_missing_while_the_setting_is_off(member: Member, settings: Any) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "DATA_DOWNLOAD": False}}
    assert member.client.get(DATA).status_code == 404
    assert member.post("account_data").status_code == 404


@pytest.mark.parametrize(
    "route", ["GET /admin/identities/{id}/sessions", "GET /admin/oauth2/auth/sessions/consent"]
)
def test_no_file_while_a_service_is_unavailable(member: Member, ory: FakeOry, route: str) -> None:
    ory.respond(route, fault="down")
    response = member.post("account_data")
    assert response.status_code == 503
    assert "Content-Disposition" not in response


def test_long_lists_are_cut_and_marked(member: Member, ory: FakeOry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MAX_EXPORTED_ROWS", 3)
    for _ in range(5):
        ory.create_session(member.identity)
    content = download(member)
    assert len(content["sessions"]) == 3
    assert content["is_complete"] is False


def test_site_without_hydra_has_no_apps(member: Member, settings: Any) -> None:
    project = {key: value for key, value in settings.ORY["default"].items() if "HYDRA" not in key}
    settings.ORY = {"default": project}
    assert download(member)["apps"] == []


def test_values_of_any_type_are_texts(member: Member, settings: Any) -> None:
    model = get_user_model()
    encoded = json.dumps(
        {"user": model.__new__(model).__class__, "day": timedelta(days=1)}, cls=export.ExportEncoder
    )
    assert json.loads(encoded)["day"] == "P1DT00H00M00S"
    assert model.__name__ in json.loads(encoded)["user"]


def test_traits_with_unusual_values_are_exported(member: Member, ory: FakeOry) -> None:
    stored = ory.kratos.identities.identities[member.identity.id]
    stored["traits"] = {"email": EMAIL, "name": {"first": "Zoë\x00\ud800"}}
    assert download(member)["account"]["traits"]["name"]["first"].startswith("Zoë")


def test_file_has_the_jobs_of_the_user_only(member: Member) -> None:
    values: dict[str, Any] = {"client_id": "exporter", "job": "export", "scope": ["photos"]}
    JobGrant.objects.create(subject=member.identity.id, title="Export", **values)
    JobGrant.objects.create(subject="another", title="Other", **values)
    [job] = download(member)["jobs"]
    assert (job["title"], job["client_id"], job["scope"]) == ("Export", "exporter", ["photos"])


def test_many_jobs_are_cut_and_marked(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MAX_EXPORTED_ROWS", 3)
    for number in range(4):
        JobGrant.objects.create(
            subject=member.identity.id, client_id="exporter", job=f"export {number}", scope=["photos"]
        )
    content = download(member)
    assert len(content["jobs"]) == 3
    assert content["is_complete"] is False
