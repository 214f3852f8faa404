"""Access tokens of the real Hydra, verified by introspection and as JWTs."""

from __future__ import annotations

import secrets
import time
from typing import Any

import pytest

from django_ory.devstack.stack.plan import StackAddresses
from django_ory.tokens.access_token import InvalidToken
from django_ory.tokens.verification import verify_access_token

from .grants import AUDIENCE, TokenClient, create_token_client, rotate_key

#: ``access_token_strategy`` of the client, and the methods that can verify its tokens.
WAYS = [
    ("opaque", "introspection"),
    ("opaque", "auto"),
    ("jwt", "introspection"),
    ("jwt", "jwt"),
    ("jwt", "auto"),
]

pytestmark = pytest.mark.django_db


@pytest.fixture
def stack(ory_stack: StackAddresses, settings: Any) -> StackAddresses:
    settings.ORY = {"default": {**ory_stack.ory_setting["default"], "OAUTH2_AUDIENCE": [AUDIENCE]}}
    return ory_stack


@pytest.fixture(params=WAYS, ids="-".join)
def way(request: pytest.FixtureRequest, stack: StackAddresses) -> tuple[TokenClient, Any]:
    strategy, method = request.param
    return create_token_client(stack, strategy=strategy), method


def test_client_credentials_give_a_token_of_the_client(way: tuple[TokenClient, Any]) -> None:
    client, method = way
    token = verify_access_token(client.client_credentials(scope="photos photos.read"), method=method)
    assert token.is_client
    assert token.client_id == client.id
    assert token.scopes == {"photos", "photos.read"}
    assert AUDIENCE in token.audience


def test_code_gives_a_token_of_the_user_also_after_a_refresh(way: tuple[TokenClient, Any]) -> None:
    client, method = way
    subject = secrets.token_hex(8)
    tokens = client.authorization_code(subject)
    token = verify_access_token(tokens["access_token"], method=method)
    assert (token.subject, token.client_id, token.is_client) == (subject, client.id, False)
    renewed = client.refresh(tokens["refresh_token"])
    assert verify_access_token(renewed["access_token"], method=method).subject == subject
    with pytest.raises(InvalidToken):  # the refresh ended it
        verify_access_token(tokens["access_token"], method="introspection")


def test_assertion_of_a_trusted_issuer_gives_a_token_of_its_subject(way: tuple[TokenClient, Any]) -> None:
    client, method = way
    subject = secrets.token_hex(8)
    token = verify_access_token(client.jwt_bearer(subject), method=method)
    assert (token.subject, token.client_id) == (subject, client.id)
    assert token.scopes == {"photos"}


def test_id_and_refresh_tokens_are_rejected(way: tuple[TokenClient, Any]) -> None:
    client, method = way
    tokens = client.authorization_code("ann")
    for name in ("id_token", "refresh_token"):
        with pytest.raises(InvalidToken):
            verify_access_token(tokens[name], method=method)


def test_tokens_for_another_audience_are_rejected(way: tuple[TokenClient, Any]) -> None:
    client, method = way
    with pytest.raises(InvalidToken, match="audience"):
        verify_access_token(client.client_credentials(audience="https://other.example"), method=method)


def test_tokens_of_another_issuer_are_rejected(way: tuple[TokenClient, Any], settings: Any) -> None:
    client, method = way
    token = client.client_credentials()
    settings.ORY = {"default": {**settings.ORY["default"], "OAUTH2_ISSUER": "https://other.example"}}
    with pytest.raises(InvalidToken, match="issuer"):
        verify_access_token(token, method=method)


def test_revoked_token_is_rejected_by_introspection(way: tuple[TokenClient, Any]) -> None:
    client, _ = way
    token = client.client_credentials()
    client.revoke(token)
    with pytest.raises(InvalidToken):
        verify_access_token(token, method="introspection")


def test_expired_tokens_are_rejected(stack: StackAddresses, settings: Any) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "OAUTH2_LEEWAY_SECONDS": 0}}
    tokens = [
        (
            create_token_client(
                stack, strategy=strategy, client_credentials_grant_access_token_lifespan="1s"
            ).client_credentials(),
            method,
        )
        for strategy, method in WAYS
    ]
    time.sleep(2.1)
    for token, method in tokens:
        with pytest.raises(InvalidToken, match="expired"):
            verify_access_token(token, method=method)  # type: ignore[arg-type]


def test_tokens_of_a_new_key_are_accepted_and_the_old_ones_stay_valid(stack: StackAddresses) -> None:
    client = create_token_client(stack, strategy="jwt")
    old = client.client_credentials()
    verify_access_token(old, method="jwt")
    rotate_key()
    new = client.client_credentials()
    assert verify_access_token(new, method="jwt").client_id == client.id
    assert verify_access_token(old, method="jwt").client_id == client.id
