"""An API on Django REST framework with tokens of the real Hydra, and Hydra stopped under load."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from jwt import PyJWK, decode, get_unverified_header
from jwt.exceptions import InvalidAlgorithmError, InvalidSignatureError

from django_ory.client.models import JsonWebKeySet
from django_ory.clients import get_client
from django_ory.devstack.stack.plan import StackAddresses
from django_ory.tokens.key_set import get_key_set
from tests.tokens.signing import build_claims, sign

from .grants import AUDIENCE, create_token_client, rotate_key
from .traffic import Traffic, wait_until

#: Probe of the circuit breaker and next fetch of the keys: 1.5 seconds. A busy machine takes longer.
HEALING_SECONDS = 5.0

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


def get_status(path: str, token: str) -> int:
    return int(call(path, token).status_code)


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
    monkeypatch.setattr("django_ory.tokens.key_set.MIN_FETCH_INTERVAL_SECONDS", 600.0)  # a busy machine
    for _ in range(100):
        assert call("/jwt/", sign(build_claims(), kid=secrets.token_hex(8))).status_code == 401
    assert len(calls) == 1
    assert call("/jwt/", token).status_code == 200


def is_signed_with_its_key(token: str) -> bool:
    """False for a token whose ``kid`` names another key than the one that signed it.

    Hydra reads the id and the key one after the other, and a new key may come in between.
    """
    keys = {key.kid: key for key in get_client().discover_json_web_keys().keys}
    key = PyJWK.from_dict(keys[get_unverified_header(token)["kid"]].model_dump(exclude_none=True))
    try:
        decode(token, key, algorithms=["RS256", "ES256"], options={"verify_aud": False})
    except (InvalidSignatureError, InvalidAlgorithmError):
        return False
    return True


def test_no_request_fails_while_hydra_gets_a_new_key(stack: StackAddresses) -> None:
    client = create_token_client(stack, strategy="jwt")
    issued = [client.client_credentials()]
    assert is_signed_with_its_key(issued[0])

    def call_with_new_token() -> int:
        issued.append(token := client.client_credentials())
        status = get_status("/jwt/", token)
        return 200 if status == 401 and not is_signed_with_its_key(token) else status

    with Traffic(new=call_with_new_token, old=lambda: get_status("/jwt/", issued[0])) as traffic:
        traffic.wait_for_more(10)
        rotate_key()
        traffic.wait_for_more(20)
    assert len({get_unverified_header(token)["kid"] for token in issued}) == 2
    assert traffic.statuses == {"new": {200}, "old": {200}}


def test_while_hydra_is_stopped_or_killed_no_response_is_wrong_and_all_heal(
    ory_stack_factory: Any, settings: Any
) -> None:
    stack = ory_stack_factory(site_url="http://localhost:8000")
    configure(settings, stack)
    opaque = create_token_client(stack, strategy="opaque").client_credentials()
    jwt = create_token_client(stack, strategy="jwt").client_credentials()
    forged = f"{jwt.rpartition('.')[0]}.{sign(build_claims()).rpartition('.')[2]}"
    calls = {
        "opaque": lambda: get_status("/introspection/", opaque),
        "unknown opaque": lambda: get_status("/introspection/", "ory_at_unknown.unknown"),
        "jwt": lambda: get_status("/jwt/", jwt),
        "forged jwt": lambda: get_status("/jwt/", forged),
        "unknown key": lambda: get_status("/jwt/", sign(build_claims(), kid=secrets.token_hex(8))),
    }
    for stop, start in ((stack.hydra.pause, stack.hydra.resume), (stack.hydra.kill, stack.hydra.start)):
        with Traffic(**calls) as traffic:
            traffic.wait_for_more(5)
            assert traffic.statuses["jwt"] == {200}
            stop()
            wait_until(lambda: calls["opaque"]() == 503, seconds=5)  # a response may have been on its way
            traffic.wait_for_more(25)
            assert traffic.statuses["jwt"] == {200}  # the known keys are used
            get_key_set.clear()  # as in a process that was started during the outage
            traffic.wait_for_more(5)
            assert calls["jwt"]() == 503
            start()
            stack.hydra.wait_ready()
            wait_until(lambda: calls["opaque"]() == calls["jwt"]() == 200, seconds=HEALING_SECONDS)
        statuses = traffic.statuses
        assert statuses.pop("unknown key") <= {401, 503}
        assert statuses == {
            "opaque": {200, 503},
            "unknown opaque": {401, 503},
            "jwt": {200, 503},
            "forged jwt": {401, 503},
        }
