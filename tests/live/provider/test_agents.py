"""A client registers itself and signs a user in, on a real Hydra in the configuration of ``ory_config``."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
import requests
from django.test import Client

from django_ory.client import RouteNotFound
from django_ory.client_metadata import read_client_metadata
from django_ory.clients import get_client

from .browser import CALLBACK

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import OryStack

    from .conftest import Person

pytestmark = [pytest.mark.live, pytest.mark.urls("tests.live.provider.agent_urls")]

AGENTS: dict[str, Any] = {
    "OAUTH2_CLIENT_REGISTRATION": True,
    "OAUTH2_CLIENT_DOCUMENT_HOSTS": ["*"],
    "OAUTH2_RESOURCES": {"/mcp": {"scopes": ["orders.read"]}},
}
VERIFIER = secrets.token_urlsafe(40)


@pytest.fixture
def stack(ory_stack_factory: Callable[..., OryStack], settings: Any, db: None) -> OryStack:
    """A Hydra with the endpoints of this site in its discovery document."""
    settings.ORY = {"default": {**settings.ORY["default"], **AGENTS}}
    stack = ory_stack_factory()
    settings.ORY = {"default": {**stack.ory_setting["default"], **AGENTS}}
    return stack


def post_token(stack: OryStack, client_id: str, **form: str) -> requests.Response:
    url = f"{stack.hydra_public_url}/oauth2/token"
    return requests.post(url, data={"client_id": client_id, **form}, timeout=30)


def introspect(token: str) -> dict[str, Any]:
    return get_client().admin_introspect_o_auth2_token(token=token).model_dump()


def build_query(client_id: str, **parameters: str) -> str:
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    return urlencode(
        {
            "client_id": client_id,
            "response_type": "code",
            "scope": "openid offline_access orders.read",
            "redirect_uri": CALLBACK,
            "state": secrets.token_urlsafe(16),
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **parameters,
        }
    )


def test_registered_client_gets_tokens_for_its_resource_and_refreshes_them(
    stack: OryStack, alice: Person
) -> None:
    site = Client(headers={"Host": stack.site_url.partition("://")[2]})
    discovered = requests.get(f"{stack.hydra_public_url}/.well-known/openid-configuration", timeout=10).json()
    served = site.get("/.well-known/oauth-authorization-server").json()
    for name in ("issuer", "authorization_endpoint", "registration_endpoint", "token_endpoint", "jwks_uri"):
        assert served[name] == discovered[name], name
    assert set(discovered["scopes_supported"]) <= set(served["scopes_supported"])
    assert served["authorization_endpoint"] == f"{stack.site_url}/auth/oauth2/authorize/"
    assert "client_id_metadata_document_supported" not in served  # this Hydra cannot read such clients

    without_port = CALLBACK.replace(":1/", "/")
    response = site.post(
        served["registration_endpoint"].removeprefix(stack.site_url),
        {
            "client_name": "Example agent",
            "redirect_uris": [without_port],
            "owner": "staff",
            "skip_consent": True,
            "audience": ["https://other.example"],
            "metadata": {"django_ory": {"verified": True}},
        },
        content_type="application/json",
    )
    assert response.status_code == 201, response.content
    client_id = response.json()["client_id"]
    stored = get_client().admin_get_o_auth2_client(client_id)
    assert (stored.owner, stored.skip_consent) == ("", False)
    assert stored.audience == [f"{stack.site_url}/mcp"]
    assert read_client_metadata(stored).keys() == {"origin", "expires"}

    query = build_query(client_id, resource=f"{stack.site_url}/mcp")
    alice.browser.open(f"{served['authorization_endpoint']}?{query}")
    page = alice.sign_in()
    assert "/auth/oauth2/consent/" in page.url, (page.url, page.text[:2000])
    assert "Example agent" in page.text
    assert "Not verified" in page.text
    assert page.visited("/auth/oauth2/authorize/?"), page.path  # the second request of the flow as well
    page.press("accept")
    assert page.url.startswith(CALLBACK), (page.url, page.text[:2000])
    answer = post_token(
        stack,
        client_id,
        grant_type="authorization_code",
        code=page.query["code"],
        redirect_uri=CALLBACK,
        code_verifier=VERIFIER,
    )
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    for _ in range(2):
        found = introspect(tokens["access_token"])
        assert (found["active"], found["sub"]) == (True, alice.id)
        assert found["aud"] == [f"{stack.site_url}/mcp"]
        answer = post_token(
            stack, client_id, grant_type="refresh_token", refresh_token=tokens["refresh_token"]
        )
        assert answer.status_code == 200, answer.text
        tokens = answer.json()

    stored = get_client().admin_get_o_auth2_client(client_id)
    assert stored.redirect_uris == [without_port, CALLBACK]
    assert read_client_metadata(stored).keys() == {"origin", "ports"}

    # A scope and an audience beyond the registration are refused before any page.
    for parameters in ({"scope": "openid admin"}, {"audience": "https://other.example"}):
        page = alice.browser.open(
            f"{served['authorization_endpoint']}?{build_query(client_id, **parameters)}"
        )
        assert page.query["error"] in ("invalid_scope", "invalid_request"), page.url
        assert "code" not in page.query


def test_hydra_that_cannot_read_url_ids_has_no_route_for_them(stack: OryStack) -> None:
    """``DiscoveryStore.can_address_urls`` decides by this."""
    with pytest.raises(RouteNotFound):
        get_client().admin_get_o_auth2_client("https://app.example/client.json")
