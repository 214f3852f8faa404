"""The types that a user gets: ``mypy --strict`` checks each ``assert_type``; the calls are made as well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, assert_type

import pytest

from django_ory.client import HTTPInfo, OryClient, models

from .spec import MODERN, SEED
from .specified_ory import SpecifiedOry

HOSTS = ("kratos_public", "kratos_admin", "hydra_public", "hydra_admin", "keto_read", "keto_write", "console")
URLS = {name: f"http://{name}.test".replace("_", "-") for name in HOSTS}
SDK = "http://sdk.test"


@pytest.fixture
def client() -> Iterator[OryClient]:
    urls = {**URLS, "network_admin": SDK, "network_public": SDK, "any": SDK}
    with (
        SpecifiedOry([*SEED, *MODERN], urls),
        OryClient(
            kratos_public_url=URLS["kratos_public"],
            kratos_admin_url=URLS["kratos_admin"],
            hydra_public_url=URLS["hydra_public"],
            hydra_admin_url=URLS["hydra_admin"],
            keto_read_url=URLS["keto_read"],
            keto_write_url=URLS["keto_write"],
            console_url=URLS["console"],
            sdk_url=SDK,
        ) as client,
    ):
        yield client


def test_kratos_operations_use_the_kratos_urls(client: OryClient) -> None:
    assert_type(client.to_session(cookie="a=b"), models.Session)
    assert_type(client.get_login_flow(id="f"), models.LoginFlow)
    assert_type(client.create_native_registration_flow(), models.RegistrationFlow)
    assert_type(client.list_my_sessions(), list[models.Session])
    assert_type(client.admin_get_identity("i"), models.Identity)
    assert_type(client.admin_get_identity("i").credentials, dict[str, models.IdentityCredentials] | None)
    assert_type(client.list_identities(page_size=7), list[models.Identity])
    assert_type(client.patch_identity("i", body=[{"op": "add", "path": "/x", "value": 1}]), models.Identity)
    assert_type(client.admin_extend_session("s"), models.Session | None)
    assert_type(client.get_identity_schema("person"), dict[str, Any])
    assert_type(client.get_web_authn_java_script(), str)
    client.delete_identity("i")


def test_hydra_operations_use_the_hydra_urls(client: OryClient) -> None:
    request = client.admin_get_o_auth2_login_request(login_challenge="c")
    assert_type(request, models.OAuth2LoginRequest)
    assert_type(request.client, models.OAuth2Client)
    assert_type(request.requested_scope, list[str])
    body = models.AcceptOAuth2LoginRequest(subject="eva", remember=True)
    accepted = client.accept_o_auth2_login_request(login_challenge="c", body=body)
    assert_type(accepted.redirect_to, str)
    assert_type(client.get_o_auth2_client("app"), models.OAuth2Client)
    assert_type(client.introspect_o_auth2_token(token="t").active, bool)
    assert_type(client.oauth2_token_exchange(grant_type="refresh_token"), models.OAuth2TokenExchange)
    assert_type(client.discover_json_web_keys().keys, list[models.JsonWebKey])
    assert_type(client.get_oidc_user_info(access_token="t"), models.OidcUserInfo | str)
    assert_type(client.o_auth2_authorize(resource=["https://api.test"]), str)
    client.revoke_o_auth2_token(token="t")


def test_keto_and_network_operations_use_their_urls(client: OryClient) -> None:
    assert_type(client.check_permission(namespace="n").allowed, bool)
    assert_type(client.get_relationships().relation_tuples, list[models.Relationship])
    assert_type(client.list_projects(), list[models.ProjectMetadata])
    assert_type(client.admin_issue_api_key(body={"name": "k"}).issued_api_key, models.IssuedApiKey | None)


def test_with_http_info_and_iterate(client: OryClient) -> None:
    info = client.with_http_info.get_identity("i")
    assert_type(info, HTTPInfo[models.Identity])
    assert_type(info.data, models.Identity)
    assert_type(client.iterate(client.admin_list_identities, page_size=250), Iterator[models.Identity])
    assert_type(client.iterate(client.list_o_auth2_clients, owner="me"), Iterator[models.OAuth2Client])
    for relationship in client.iterate(client.get_relationships, namespace="n"):
        assert_type(relationship, models.Relationship)
        break
