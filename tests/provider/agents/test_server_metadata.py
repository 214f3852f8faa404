"""The metadata of the authorization server (RFC 8414)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from django_ory.provider.agents.server_metadata import build_server_metadata
from django_ory.testing import FakeOry
from tests.support.fixtures import ChangeOry

pytestmark = pytest.mark.urls("tests.provider.agents.urls")

HYDRA = "http://hydra.test:4444"
URLS = ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"]
DISCOVERY = "GET /.well-known/openid-configuration"


@pytest.mark.parametrize("url", URLS)
def test_metadata_are_those_of_hydra_without_the_settings(url: str, client: Client, ory: FakeOry) -> None:
    response = client.get(url)
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cache-Control"] == "public, max-age=300"
    metadata = response.json()
    assert metadata["issuer"] == HYDRA
    assert metadata["authorization_endpoint"] == f"{HYDRA}/oauth2/auth"
    assert metadata["token_endpoint"] == f"{HYDRA}/oauth2/token"
    assert metadata["jwks_uri"] == f"{HYDRA}/.well-known/jwks.json"
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert metadata["scopes_supported"] == ["offline_access", "offline", "openid"]
    assert (
        not {
            *("registration_endpoint", "client_id_metadata_document_supported"),
            "authorization_response_iss_parameter_supported",
        }
        & metadata.keys()
    )


def test_registration_is_named_with_the_front_and_the_scopes(
    client: Client, ory: FakeOry, open_registration: None
) -> None:
    metadata = client.get(URLS[0]).json()
    assert metadata["registration_endpoint"] == "http://testserver/auth/oauth2/register/"
    assert metadata["authorization_endpoint"] == "http://testserver/auth/oauth2/authorize/"
    assert "orders.read" in metadata["scopes_supported"]
    assert "client_id_metadata_document_supported" not in metadata


@pytest.mark.parametrize("addresses_urls", [True, False])
def test_documents_are_named_only_if_hydra_can_read_such_clients(
    addresses_urls: bool, client: Client, ory: FakeOry, change_ory: ChangeOry
) -> None:
    change_ory(OAUTH2_CLIENT_DOCUMENT_HOSTS=["*"])
    ory.hydra.clients.addresses_urls = addresses_urls
    metadata = client.get(URLS[0]).json()
    assert metadata.get("client_id_metadata_document_supported", False) is addresses_urls
    assert "registration_endpoint" not in metadata


def test_documents_are_not_named_while_hydra_fails(
    client: Client, ory: FakeOry, change_ory: ChangeOry
) -> None:
    change_ory(OAUTH2_CLIENT_DOCUMENT_HOSTS=["*"])
    ory.respond("GET /admin/clients/{id}", json={"error": "x"}, status=500)
    assert "client_id_metadata_document_supported" not in client.get(URLS[0]).json()


def test_document_of_hydra_is_cached(client: Client, ory: FakeOry) -> None:
    for _ in range(3):
        assert client.get(URLS[0]).status_code == 200
    assert len(ory.requests) == 1


def test_last_document_is_used_while_hydra_fails(
    client: Client, ory: FakeOry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django_ory.provider.agents.server_metadata.DISCOVERY_SECONDS", -1.0)
    assert client.get(URLS[0]).status_code == 200
    ory.respond(DISCOVERY, json={"error": "x"}, status=500)
    assert client.get(URLS[0]).json()["issuer"] == HYDRA
    assert len(ory.requests) == 2
    assert client.get(URLS[0]).status_code == 200
    assert len(ory.requests) == 2  # a failure is cached for some seconds, too


def test_without_a_document_the_metadata_are_unavailable(client: Client, ory: FakeOry) -> None:
    ory.respond(DISCOVERY, json={"error": "x"}, status=503)
    for _ in range(2):
        response = client.get(URLS[0])
        assert response.status_code == 503
        assert response.json()["error"] == "temporarily_unavailable"
        assert response["Retry-After"]
        assert response["Access-Control-Allow-Origin"] == "*"
        assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("issuer", "path", "status"),
    [
        ("https://www.example.org/ory", "/ory", 200),
        ("https://www.example.org/ory/", "/ory", 200),
        ("https://www.example.org/ory", "", 404),
        ("https://www.example.org/ory", "/other", 404),
        ("https://www.example.org", "/ory", 404),
        ("https://www.example.org/", "", 200),
        ("https://[", "", 200),
    ],
)
def test_path_of_the_issuer_is_a_part_of_the_url(
    issuer: str, path: str, status: int, client: Client, ory: FakeOry
) -> None:
    ory.respond(DISCOVERY, json={"issuer": issuer})
    assert client.get(f"{URLS[0]}{path}").status_code == status


def test_preflight_and_other_methods(client: Client, ory: FakeOry) -> None:
    preflight = client.options(URLS[0])
    assert preflight.status_code == 204
    assert preflight["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert client.head(URLS[0]).status_code == 200
    assert client.post(URLS[0]).status_code == 405


def test_site_without_hydra_has_no_metadata(client: Client, ory: FakeOry, change_ory: ChangeOry) -> None:
    change_ory(HYDRA_PUBLIC_URL="", HYDRA_BROWSER_URL="")
    assert client.get(URLS[0]).status_code == 404


def test_support_that_hydra_does_not_have_is_removed() -> None:
    discovery: dict[str, Any] = {
        "issuer": HYDRA,
        "authorization_response_iss_parameter_supported": True,
        "client_id_metadata_document_supported": True,
        "registration_endpoint": f"{HYDRA}/oauth2/register",
    }
    metadata = build_server_metadata(discovery, scopes=[])
    assert metadata.keys() == {
        *("issuer", "registration_endpoint", "code_challenge_methods_supported", "scopes_supported")
    }
