"""The token hook of the real Hydra, in the configuration of ``ory_config``: denied, refreshed, and down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from django_ory.adapter import OryAdapter
from django_ory.clients import get_client
from django_ory.tokens.verification import verify_access_token
from tests.live.tokens.traffic import wait_until

from .conftest import parse_claims
from .test_code_flow import allow

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from django_ory.devstack import OryStack

    from .conftest import App, Person

pytestmark = [pytest.mark.live, pytest.mark.django_db(transaction=True)]

SECRET = "5d41402abc4b2a76b9719d911017c592"
#: Probes of the circuit breaker take seconds, longer on a busy machine.
WAIT_SECONDS = 60.0
SCOPE = "openid email profile offline_access groups"


class GroupAdapter(OryAdapter):
    """Adds the groups of an identity to both tokens."""

    def get_claims(self, *, identity: Any, user: Any, client: Any, scopes: Any, claims: Any) -> Any:
        return {**claims, **self.get_access_token_claims(identity=identity)}

    def get_access_token_claims(self, *, identity: Any, **_: Any) -> Any:
        groups = (identity.metadata_public or {}).get("groups")
        return {"groups": groups} if groups else {}


@pytest.fixture
def stack(ory_stack_factory: Callable[..., OryStack], live_server: Any, settings: Any) -> OryStack:
    """A Hydra that posts to this site before it issues a token."""
    hook = {
        "TOKEN_HOOK_SECRETS": [SECRET],
        "TOKEN_HOOK_URL": live_server.url + reverse("ory:token_hook", args=["default"]),
        "ADAPTER": f"{__name__}.GroupAdapter",
        "TIMEOUT": 10.0,  # a busy machine
    }
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", urlsplit(live_server.url).hostname]
    settings.ORY = {"default": {**settings.ORY["default"], **hook}}
    stack = ory_stack_factory()
    settings.ORY = {"default": {**stack.ory_setting["default"], **hook}}
    return stack


def refresh(app: App, token: str) -> requests.Response:
    return app.call_token_endpoint(grant_type="refresh_token", refresh_token=token)


def change(person: Person, **values: Any) -> None:
    """Change an identity in Kratos, as another program does."""
    patch = [{"op": "replace", "path": f"/{name}", "value": value} for name, value in values.items()]
    get_client().admin_patch_identity(person.id, body=patch)


def test_refreshed_tokens_follow_the_account(stack: OryStack, alice: Person, app: Callable[..., App]) -> None:
    photos = app(scope=SCOPE, grant_types=["authorization_code", "refresh_token", "client_credentials"])
    change(alice, metadata_public={"groups": ["editors"]})
    alice.browser.open(photos.authorize(scope=SCOPE))
    tokens = photos.tokens(allow(alice.sign_in()))
    first = parse_claims(tokens["id_token"])
    assert first["groups"] == ["editors"]
    acr = verify_access_token(tokens["access_token"]).get_claim("acr")

    # Nothing has changed, then the groups.
    tokens = refresh(photos, tokens["refresh_token"]).json()
    assert parse_claims(tokens["id_token"])["sid"] == first["sid"]
    change(alice, metadata_public={"groups": ["readers"]})
    tokens = refresh(photos, tokens["refresh_token"]).json()
    second, token = parse_claims(tokens["id_token"]), verify_access_token(tokens["access_token"])
    assert (second["groups"], second["sid"], second["email"]) == (["readers"], first["sid"], alice.email)
    assert (second["acr"], second["auth_time"]) == (first["acr"], first["auth_time"])
    assert (token.get_claim("groups"), token.get_claim("acr")) == (["readers"], acr)
    change(alice, metadata_public={})
    tokens = refresh(photos, tokens["refresh_token"]).json()
    assert "groups" not in parse_claims(tokens["id_token"])
    assert verify_access_token(tokens["access_token"]).get_claim("groups") is None

    # Deactivated in Kratos, then in Django. A denied refresh token can be used again.
    change(alice, state="inactive")
    denied = refresh(photos, tokens["refresh_token"])
    assert (denied.status_code, denied.json()["error"]) == (403, "access_denied")
    change(alice, state="active")
    tokens = refresh(photos, tokens["refresh_token"]).json()
    users = get_user_model()._default_manager.filter(ory_identities__identity_id=alice.id)
    assert users.update(is_active=False) == 1
    assert refresh(photos, tokens["refresh_token"]).status_code == 403
    assert users.update(is_active=True) == 1

    # Kratos is down: no tokens for users, but for the client.
    stack.kratos.stop()
    failed = refresh(photos, tokens["refresh_token"])
    assert (failed.status_code, failed.json()["error"]) == (500, "server_error")
    assert photos.call_token_endpoint(grant_type="client_credentials").status_code == 200
    stack.kratos.start()
    # Calls fail until the circuit breaker has probed Kratos. The refresh token can be used again.
    wait_until(lambda: refresh(photos, tokens["refresh_token"]).status_code == 200, seconds=WAIT_SECONDS)
