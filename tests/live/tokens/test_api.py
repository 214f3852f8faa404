"""An API on Django REST framework with tokens of the real Hydra, and Hydra stopped under load."""

from __future__ import annotations

import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connections
from django.test import Client

from django_ory.client.models import JsonWebKeySet
from django_ory.clients import get_client
from django_ory.devstack.stack.plan import StackAddresses
from django_ory.tokens.key_set import get_key_set
from tests.tokens.signing import build_claims, sign

from .grants import AUDIENCE, create_token_client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.rest_framework.urls")]


def configure(settings: Any, stack: Any) -> None:
    settings.ORY = {
        "default": {
            **stack.ory_setting["default"],
            "OAUTH2_AUDIENCE": [AUDIENCE],
            "OAUTH2_VERIFICATION": "auto",
            "TIMEOUT": 1.0,
        }
    }
    settings.REST_FRAMEWORK = {"EXCEPTION_HANDLER": "django_ory.rest_framework.handlers.exception_handler"}


@pytest.fixture
def stack(ory_stack: StackAddresses, settings: Any) -> StackAddresses:
    configure(settings, ory_stack)
    return ory_stack


def call(path: str, token: str) -> Any:
    return Client().get(path, headers={"authorization": f"Bearer {token}"})


@pytest.mark.parametrize("strategy", ["opaque", "jwt"])
def test_user_reaches_the_api_until_the_token_is_revoked(stack: StackAddresses, strategy: str) -> None:
    email = f"p{secrets.token_hex(6)}@example.org"
    identity = get_client().admin_create_identity(body={"schema_id": "person", "traits": {"email": email}})
    client = create_token_client(stack, strategy=strategy)
    token = client.authorization_code(identity.id, scope="photos photos.read")["access_token"]
    response = call("/any/", token)
    user: Any = get_user_model().objects.get(ory_identities__identity_id=identity.id)
    assert response.json() == {"user": str(user), "pk": str(user.pk), "auth": "UserPrincipal"}
    assert call("/method-scope/", token).status_code == 200
    response = call("/scope/", token)
    assert (response.status_code, 'scope="photos.write"' in response["WWW-Authenticate"]) == (403, True)
    client.revoke(token)
    assert call("/introspection/", token).status_code == 401


@pytest.mark.parametrize("strategy", ["opaque", "jwt"])
def test_machine_reaches_the_api(stack: StackAddresses, strategy: str) -> None:
    client = create_token_client(stack, strategy=strategy)
    response = call("/client/", client.client_credentials())
    assert response.json() == {"user": client.id, "pk": None, "auth": "ClientPrincipal"}


def test_unknown_keys_cause_one_fetch_per_interval(
    stack: StackAddresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = create_token_client(stack, strategy="jwt").client_credentials()
    assert call("/jwt/", token).status_code == 200
    calls: list[str] = []

    def fetch() -> JsonWebKeySet:
        calls.append("fetch")
        return get_client().discover_json_web_keys()

    monkeypatch.setattr(get_key_set(), "_fetch", fetch)
    for _ in range(100):
        assert call("/jwt/", sign(build_claims(), kid=secrets.token_hex(8))).status_code == 401
    assert len(calls) == 1
    assert call("/jwt/", token).status_code == 200


def test_while_hydra_is_stopped_or_killed_every_response_is_503_and_heals(
    ory_stack_factory: Any, settings: Any
) -> None:
    stack = ory_stack_factory(site_url="http://localhost:8000")
    configure(settings, stack)
    token = create_token_client(stack, strategy="opaque").client_credentials()
    assert call("/introspection/", token).status_code == 200

    def get_status(_: int) -> int:
        try:
            return int(call("/introspection/", token).status_code)
        finally:
            connections.close_all()

    for stop, start in ((stack.hydra.pause, stack.hydra.resume), (stack.hydra.kill, stack.hydra.start)):
        stop()
        deadline = time.monotonic() + 5
        while get_status(0) != 503:  # a response may have been on its way
            assert time.monotonic() < deadline
        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(get_status, range(100))) == {503}
        start()
        stack.hydra.wait_ready()
        deadline = time.monotonic() + 2
        while get_status(0) != 200:
            assert time.monotonic() < deadline
            time.sleep(0.05)
