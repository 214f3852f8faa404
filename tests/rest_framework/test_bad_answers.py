"""A Hydra that returns nonsense: no request with a token is allowed, none is a server error."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.test import Client

from django_ory.testing import FakeOry
from tests.tokens.signing import encode, public_jwk

AUDIENCE = "https://api.example"
KEYS_ROUTE = "GET /.well-known/jwks.json"
INTROSPECTION_ROUTE = "POST /admin/oauth2/introspect"

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.rest_framework.urls")]

#: Bodies that are neither a key set nor an introspection.
NONSENSE: dict[str, str | bytes] = {
    "html": "<html><title>502</title></html>",
    "empty": "",
    "null": "null",
    "list": "[]",
    "text": '"active"',
    "truncated": '{"keys": [{"kid": "a"',
    "nested": "[" * 50_000,
    "not UTF-8": b"\xff\xfe\x00",
    "2 MB": json.dumps({"keys": [], "padding": "x" * 2_000_000}),
}


WRONG_VALUES: list[Any] = [None, "4102444800", -1, 10**15, True, [], {}, 1.5e300]


@pytest.fixture(autouse=True)
def api_settings(settings: Any) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "OAUTH2_AUDIENCE": [AUDIENCE]}}
    settings.REST_FRAMEWORK = {"EXCEPTION_HANDLER": "django_ory.rest_framework.handlers.exception_handler"}


def get_status(path: str, token: str) -> int:
    return Client().get(path, headers={"authorization": f"Bearer {token}"}).status_code


def create_token(ory: FakeOry, **values: Any) -> str:
    return ory.create_token("photo-lab", audience=[AUDIENCE], **values).value


@pytest.mark.parametrize("name", NONSENSE)
@pytest.mark.parametrize("status", [200, 302, 500])
def test_key_set_that_is_none_is_503(ory: FakeOry, name: str, status: int) -> None:
    token = create_token(ory, as_jwt=True)
    headers = {"Content-Type": "application/json", "Location": "http://evil.example/jwks.json"}
    ory.respond(KEYS_ROUTE, body=NONSENSE[name], status=status, headers=headers)
    assert get_status("/jwt/", token) == (401 if (name, status) == ("2 MB", 200) else 503)


@pytest.mark.parametrize("name", NONSENSE)
@pytest.mark.parametrize("status", [200, 302, 500])
def test_introspection_that_is_none_is_503(ory: FakeOry, name: str, status: int) -> None:
    headers = {"Content-Type": "application/json", "Location": "http://evil.example/introspect"}
    ory.respond(INTROSPECTION_ROUTE, body=NONSENSE[name], status=status, headers=headers)
    assert get_status("/introspection/", create_token(ory)) == 503


@pytest.mark.parametrize(
    "keys",
    [
        None,
        [],
        "text",
        {"kid": "a"},
        [None],
        ["text"],
        [{}],
        [{"kid": 5, "kty": "RSA"}],
        [{"kid": "a", "kty": ["RSA"]}],
        [{"kid": "a", "kty": "oct", "k": encode("secret" * 8), "alg": "HS256"}],
    ],
    ids=str,
)
def test_key_set_without_the_key_allows_nothing(ory: FakeOry, keys: Any) -> None:
    token = create_token(ory, as_jwt=True)
    ory.respond(KEYS_ROUTE, json={"keys": keys})
    assert get_status("/jwt/", token) in {401, 503}


def test_key_set_of_10_mb_is_no_server_error(ory: FakeOry) -> None:
    token = create_token(ory, as_jwt=True)
    others = [public_jwk("RS256", kid=str(number), x5c=["x" * 10_000]) for number in range(1_000)]
    ory.respond(KEYS_ROUTE, json={"keys": others})
    assert get_status("/jwt/", token) == 401


def test_thousand_keys_beside_the_key_are_no_obstacle(ory: FakeOry) -> None:
    token = create_token(ory, as_jwt=True)
    others = [public_jwk("RS256", kid=str(number)) for number in range(1_000)]
    ory.respond(KEYS_ROUTE, json={"keys": [*others, *ory.hydra.tokens.keys.get_public_keys()["keys"]]})
    assert get_status("/jwt/", token) == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"active": "true"},
        {"active": 1},
        {"exp": None},
        {"exp": "4102444800"},
        {"exp": -1},
        {"exp": 10**15},
        {"nbf": 4_102_444_800},
        {"iat": 4_102_444_800},
        {"aud": None},
        {"aud": {"a": 1}},
        {"aud": [1]},
        {"aud": "https://other.example"},
        {"sub": None},
        {"sub": 5},
        {"client_id": ["photo-lab"]},
        {"iss": "http://hydra.test:4444/"},
        {"token_use": "refresh_token"},
        {"token_type": "DPoP"},
        {"ext": "text", "active": False},
    ],
    ids=str,
)
def test_active_token_with_unsuitable_claims_is_rejected(ory: FakeOry, changes: dict[str, Any]) -> None:
    now = int(time.time())
    content = {
        "active": True,
        "aud": [AUDIENCE],
        "client_id": "photo-lab",
        "sub": "photo-lab",
        "exp": now + 60,
        "iat": now,
        "iss": "http://hydra.test:4444",
        "token_type": "Bearer",
        "token_use": "access_token",
        "scope": "a",
    }
    ory.respond(INTROSPECTION_ROUTE, json=content)
    assert get_status("/introspection/", "ory_at_x") == 200
    ory.respond(INTROSPECTION_ROUTE, json={**content, **changes})
    assert get_status("/introspection/", "ory_at_x") in {401, 503}


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        (claim, value)
        for claim in ("exp", "iat", "nbf", "aud", "sub", "client_id")
        for value in WRONG_VALUES
        if not (claim in ("iat", "nbf") and value is None)  # optional
    ],
)
def test_signed_claims_of_wrong_types_are_rejected(ory: FakeOry, claim: str, value: Any) -> None:
    keys, now = ory.hydra.tokens.keys, int(time.time())
    claims = {
        "aud": [AUDIENCE],
        "client_id": "photo-lab",
        "sub": "photo-lab",
        "exp": now + 60,
        "iat": now,
        "nbf": now,
        "iss": "http://hydra.test:4444",
    }
    assert get_status("/jwt/", keys.sign(claims)) == 200
    assert get_status("/jwt/", keys.sign({**claims, claim: value})) == 401
