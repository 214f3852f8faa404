"""The registration endpoint (RFC 7591)."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from django_ory.client_metadata import get_client_origin
from django_ory.clients import get_client
from django_ory.models import OAuth2Client
from django_ory.provider.agents.throttles import MAX_REGISTRATIONS, MAX_REGISTRATIONS_PER_ADDRESS
from django_ory.resilience.fail_safe_cache import FailSafeCache
from django_ory.testing import FakeOry
from tests.support.fixtures import ChangeOry

Post = Callable[..., Any]

VALUES = {"redirect_uris": ["http://localhost:3000/callback"], "client_name": "Example agent"}


def get_bodies(ory: FakeOry) -> list[dict[str, Any]]:
    return [request.json for request in ory.requests if request.method == "POST"]


class TestAccepted:
    def test_client_is_created_with_the_limits_of_the_settings(
        self, ory: FakeOry, post: Post, open_registration: None
    ) -> None:
        response = post(VALUES)
        assert response.status_code == 201
        assert "no-store" in response["Cache-Control"]
        created = response.json()
        assert created == {
            "client_id": created["client_id"],
            "client_id_issued_at": created["client_id_issued_at"],
            "client_name": "Example agent",
            "redirect_uris": ["http://localhost:3000/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "scope": "openid offline_access orders.read",
            "token_endpoint_auth_method": "none",
        }
        client = get_client().admin_get_o_auth2_client(created["client_id"])
        assert client.audience == ["http://testserver/mcp"]
        assert get_client_origin(client) == "registration"
        row = OAuth2Client.objects.get(client_id=created["client_id"])
        assert row.name == "Example agent"

    def test_client_expires_until_a_user_gives_access(
        self, ory: FakeOry, post: Post, open_registration: None
    ) -> None:
        post(VALUES)
        (body,) = get_bodies(ory)
        expires = body["metadata"]["django_ory"]["expires"]
        assert 6 * 86_400 < expires - time.time() <= 7 * 86_400

    def test_settings_decide_scopes_audience_and_schemes(
        self, ory: FakeOry, post: Post, change_ory: ChangeOry, db: None
    ) -> None:
        change_ory(
            OAUTH2_CLIENT_REGISTRATION=True,
            OAUTH2_CLIENT_SCOPES=["openid", "orders.write"],
            OAUTH2_CLIENT_AUDIENCE=["https://api.example"],
            OAUTH2_CLIENT_REDIRECT_SCHEMES=["com.example.app"],
        )
        response = post({"redirect_uris": ["com.example.app:/callback"], "scope": "orders.write admin"})
        assert response.status_code == 201
        (body,) = get_bodies(ory)
        assert body["scope"] == "openid orders.write"
        assert body["audience"] == ["https://api.example"]

    def test_members_with_which_a_client_would_trust_itself_are_ignored(
        self, ory: FakeOry, post: Post, open_registration: None
    ) -> None:
        response = post(
            {
                **VALUES,
                "client_id": "chosen",
                "client_secret": "chosen-secret",
                "owner": "staff",
                "skip_consent": True,
                "skip_logout_consent": True,
                "metadata": {"django_ory": {"origin": "staff", "verified": True}},
                "audience": ["https://other.example"],
                "access_token_strategy": "jwt",
                "authorization_code_grant_access_token_lifespan": "9999h",
                "refresh_token_grant_refresh_token_lifespan": "9999h",
                "jwks_uri": "http://169.254.169.254/",
                "jwks": {"keys": []},
                "sector_identifier_uri": "http://127.0.0.1/",
                "request_uris": ["http://127.0.0.1/"],
                "backchannel_logout_uri": "http://127.0.0.1/",
                "frontchannel_logout_uri": "http://127.0.0.1/",
                "post_logout_redirect_uris": ["https://evil.example/"],
                "allowed_cors_origins": ["*"],
                "subject_type": "pairwise",
                "created_at": "2000-01-01T00:00:00Z",
                "registration_access_token": "x",
                "contacts": ["a@example.org"],
                "software_statement": "x",
            }
        )
        assert response.status_code == 201
        (body,) = get_bodies(ory)
        assert body.keys() == {
            *("client_id", "client_name", "redirect_uris", "grant_types", "response_types", "scope"),
            *("audience", "token_endpoint_auth_method", "metadata"),
            *("client_uri", "logo_uri", "policy_uri", "tos_uri"),
        }
        assert body["client_id"] != "chosen"
        assert body["metadata"]["django_ory"]["origin"] == "registration"
        assert body["metadata"].keys() == {"django_ory"}
        assert body["metadata"]["django_ory"].keys() == {"origin", "expires"}
        assert body["audience"] == ["http://testserver/mcp"]
        assert "registration_access_token" not in response.json()

    def test_method_that_is_not_allowed_is_replaced(
        self, ory: FakeOry, post: Post, open_registration: None
    ) -> None:
        response = post({**VALUES, "token_endpoint_auth_method": "client_secret_post"})
        assert response.json()["token_endpoint_auth_method"] == "none"
        assert "client_secret" not in response.json()

    def test_allowed_method_with_a_secret_returns_the_secret_once(
        self, ory: FakeOry, post: Post, change_ory: ChangeOry, db: None
    ) -> None:
        change_ory(
            OAUTH2_CLIENT_REGISTRATION=True, OAUTH2_CLIENT_AUTH_METHODS=["none", "client_secret_basic"]
        )
        created = post({**VALUES, "token_endpoint_auth_method": "client_secret_basic"}).json()
        assert created["client_secret"] == ory.hydra.clients.secrets[created["client_id"]]
        assert created["client_secret_expires_at"] == 0
        row = OAuth2Client.objects.get(client_id=created["client_id"])
        assert created["client_secret"] not in json.dumps(row.data)

    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            ("  Example \t agent\n", "Example agent"),
            ("Example\u202etnega", "Exampletnega"),
            ("Exa\u200bmple\x00\x1b[31m", "Example[31m"),
            ("a" * 1000, "a" * 99 + "…"),
        ],
    )
    def test_name_is_cleaned(
        self, name: str, shown: str, ory: FakeOry, post: Post, open_registration: None
    ) -> None:
        assert post({**VALUES, "client_name": name}).json()["client_name"] == shown

    def test_links_that_no_page_may_show_are_dropped(
        self, ory: FakeOry, post: Post, open_registration: None
    ) -> None:
        created = post(
            {
                **VALUES,
                "client_uri": "https://app.example/",
                "logo_uri": "javascript:alert(1)",
                "tos_uri": "http://app.example/terms",
                "policy_uri": "https://user@app.example/",
            }
        ).json()
        assert created["client_uri"] == "https://app.example/"
        assert not {"logo_uri", "tos_uri", "policy_uri"} & created.keys()


class TestRejected:
    @pytest.mark.parametrize(
        "uris",
        [
            None,
            [],
            "https://app.example/",
            {},
            [1],
            [None],
            ["javascript:alert(1)"],
            ["https://app.example/", "data:text/html,x"],
            ["http://app.example/"],
            [f"https://app.example/{number}" for number in range(11)],
        ],
    )
    def test_redirect_uri_that_is_not_allowed_has_its_code(
        self, uris: object, ory: FakeOry, post: Post, open_registration: None
    ) -> None:
        response = post({"redirect_uris": uris})
        assert (response.status_code, response.json()["error"]) == (400, "invalid_redirect_uri")
        assert get_bodies(ory) == []

    @pytest.mark.parametrize(
        "values",
        [
            {"grant_types": ["client_credentials"]},
            {"grant_types": "authorization_code"},
            {"grant_types": [1]},
            {"grant_types": ["authorization_code"] * 1000},
            {"response_types": ["token"]},
            {"scope": ["openid"]},
            {"scope": "admin"},
            {"scope": "a " * 5000},
            {"client_name": {"a": 1}},
            {"client_name": "a" * 2000},
            {"token_endpoint_auth_method": ["none"]},
            {"client_uri": 1},
            {"logo_uri": "https://app.example/" + "a" * 1000},
        ],
    )
    def test_invalid_member_has_its_code(
        self, values: dict[str, Any], ory: FakeOry, post: Post, open_registration: None
    ) -> None:
        response = post({**VALUES, **values})
        assert (response.status_code, response.json()["error"]) == (400, "invalid_client_metadata")
        assert get_bodies(ory) == []

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b"", 415),
            (b"{", 400),
            (b"[]", 400),
            (b'"text"', 400),
            (b"null", 400),
            (b"\xff\xfe", 400),
            (b'{"client_name": "\\ud800"}', 400),
            (b"[" * 10_000, 400),
            (b'{"client_name": "' + b"a" * 40_000 + b'"}', 413),
        ],
    )
    def test_hostile_body_is_an_error_of_the_client(
        self, body: bytes, status: int, ory: FakeOry, post: Post, open_registration: None
    ) -> None:
        response = post(body)
        assert (response.status_code, response.json()["error"]) == (status, "invalid_client_metadata")
        assert get_bodies(ory) == []

    def test_form_is_not_json(self, client: Client, ory: FakeOry, open_registration: None) -> None:
        response = client.post("/auth/oauth2/register/", {"redirect_uris": "https://app.example/"})
        assert response.status_code == 415

    def test_rejection_by_hydra_is_an_error_of_the_client(
        self, ory: FakeOry, post: Post, open_registration: None
    ) -> None:
        error = {"error": "invalid_client_metadata", "error_description": "planted text of Hydra"}
        ory.respond("POST /admin/clients", json=error, status=400)
        response = post(VALUES)
        assert (response.status_code, response.json()["error"]) == (400, "invalid_client_metadata")
        assert "planted" not in response.content.decode()

    @pytest.mark.parametrize("status", [409, 500, 502, 503])
    def test_failure_of_hydra_is_unavailable(
        self, status: int, ory: FakeOry, post: Post, open_registration: None
    ) -> None:
        ory.respond("POST /admin/clients", json={"error": "x"}, status=status)
        ory.respond("GET /admin/clients/{id}", json={"error": "x"}, status=status)
        response = post(VALUES)
        assert response.status_code == 503
        assert response.json()["error"] == "temporarily_unavailable"
        assert response["Retry-After"]


class TestAccess:
    def test_endpoint_is_off_by_default(self, ory: FakeOry, post: Post) -> None:
        assert post(VALUES).status_code == 404
        assert ory.requests == []

    @pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
    def test_other_methods_are_rejected(
        self, method: str, client: Client, ory: FakeOry, open_registration: None
    ) -> None:
        assert getattr(client, method)("/auth/oauth2/register/").status_code == 405

    def test_scripts_of_every_origin_can_register_without_cookies(
        self, client: Client, ory: FakeOry, post: Post, open_registration: None
    ) -> None:
        preflight = client.options("/auth/oauth2/register/")
        assert preflight.status_code == 204
        assert preflight["Access-Control-Allow-Methods"] == "POST"
        for response in (preflight, post(VALUES), post({})):
            assert response["Access-Control-Allow-Origin"] == "*"
            assert "Access-Control-Allow-Credentials" not in response

    def test_csrf_does_not_apply(self, ory: FakeOry, open_registration: None) -> None:
        response = Client(enforce_csrf_checks=True).post(
            "/auth/oauth2/register/", VALUES, content_type="application/json"
        )
        assert response.status_code == 201

    @pytest.mark.parametrize(
        "authorization",
        ["", "Bearer", "Bearer ", "Bearer wrong", "Basic first-token", "first-token", "Bearer ä"],
    )
    def test_without_an_initial_access_token_nothing_is_registered(
        self, authorization: str, ory: FakeOry, post: Post, change_ory: ChangeOry
    ) -> None:
        change_ory(OAUTH2_CLIENT_REGISTRATION=True, OAUTH2_CLIENT_REGISTRATION_TOKENS=["first-token", ""])
        response = post(VALUES, Authorization=authorization)
        assert (response.status_code, response.json()["error"]) == (401, "invalid_token")
        assert response["WWW-Authenticate"].startswith("Bearer")
        assert ory.requests == []

    @pytest.mark.parametrize("token", ["first-token", "second-token"])
    def test_every_initial_access_token_is_valid(
        self, token: str, ory: FakeOry, post: Post, change_ory: ChangeOry, db: None
    ) -> None:
        change_ory(
            OAUTH2_CLIENT_REGISTRATION=True,
            OAUTH2_CLIENT_REGISTRATION_TOKENS=["first-token", "second-token"],
        )
        assert post(VALUES, Authorization=f"Bearer {token}").status_code == 201


class TestThrottle:
    def test_many_registrations_of_one_address_are_limited(
        self, ory: FakeOry, post: Post, open_registration: None
    ) -> None:
        for _ in range(MAX_REGISTRATIONS_PER_ADDRESS):
            assert post({}).status_code == 400
        response = post(VALUES)
        assert (response.status_code, response.json()["error"]) == (429, "temporarily_unavailable")
        assert response["Retry-After"]
        assert ory.requests == []

    def test_many_registrations_of_all_addresses_are_limited(
        self, client: Client, ory: FakeOry, open_registration: None
    ) -> None:
        def register(number: int) -> int:
            address = f"10.0.{number // 200}.{number % 200}"
            response = client.post(
                "/auth/oauth2/register/", {}, content_type="application/json", REMOTE_ADDR=address
            )
            return response.status_code

        statuses = [register(number) for number in range(MAX_REGISTRATIONS + 2)]
        assert statuses == [400] * MAX_REGISTRATIONS + [429, 429]

    def test_cache_that_fails_closes_the_endpoint(
        self, ory: FakeOry, post: Post, open_registration: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(FailSafeCache, "add", lambda *_: None)
        response = post(VALUES)
        assert response.status_code == 429
        assert ory.requests == []


class TestAudit:
    def test_decisions_are_recorded_without_values_of_the_client(
        self, ory: FakeOry, post: Post, open_registration: None, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, "django_ory.audit")
        created = post({**VALUES, "client_name": "planted-name"}).json()
        post({"redirect_uris": ["planted:x"]})
        first, second = (
            record.getMessage() for record in caplog.records if record.name == "django_ory.audit"
        )
        assert first.startswith("client.registered ")
        assert created["client_id"] in first
        assert second.startswith("client.rejected ")
        assert "invalid_redirect_uri" in second
        assert "planted" not in caplog.text
