"""A signature is verified once. Each request is checked as after another verification."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from django_ory.client.models import JsonWebKeySet
from django_ory.testing import FakeOry
from django_ory.tokens import signature_cache
from django_ory.tokens.access_token import InvalidToken
from django_ory.tokens.json_web_tokens import read_jwt
from django_ory.tokens.key_set import KeySet
from django_ory.tokens.verification import verify_access_token

from .signing import ALGORITHMS, build_claims, build_key_set, encode, public_jwk, sign


@pytest.fixture
def verifications(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The signatures that were verified."""
    calls: list[bytes] = []
    original = RSAAlgorithm.verify

    def verify(self: RSAAlgorithm, message: bytes, key: Any, signature: bytes) -> bool:
        calls.append(signature)
        return original(self, message, key, signature)

    monkeypatch.setattr(RSAAlgorithm, "verify", verify)
    return calls


@pytest.fixture
def published() -> list[dict[str, Any]]:
    """The keys of the server. Tests change them."""
    return [public_jwk("RS256")]


@pytest.fixture
def keys(published: list[dict[str, Any]]) -> KeySet:
    return build_key_set(fetch=lambda: JsonWebKeySet.model_validate({"keys": published}))


def read(token: str, keys: KeySet, *, algorithms: tuple[str, ...] = ALGORITHMS) -> dict[str, Any]:
    return read_jwt(token, keys=keys, algorithms=algorithms)


def refetch(keys: KeySet) -> None:
    """Let the keys be fetched again by the next request."""
    keys._fresh_until = float("-inf")


def test_second_request_with_a_token_verifies_nothing(keys: KeySet, verifications: list[bytes]) -> None:
    claims = build_claims()
    token = sign(claims)
    assert read(token, keys) == read(token, keys) == claims
    assert len(verifications) == 1


def test_other_signature_for_the_same_claims_is_rejected(keys: KeySet) -> None:
    token, other = sign(build_claims()), sign(build_claims(sub="eve"))
    read(token, keys)
    read(other, keys)
    signed, _, signature = token.rpartition(".")
    for forged in (
        f"{signed}.{other.rpartition('.')[2]}",
        f"{signed}.{signature[:-4]}AAAA",
        f"{signed}.",
        f"{signed}.{signature}=",
        f" {token}",
    ):
        with pytest.raises(InvalidToken):
            read(forged, keys)


def test_invalid_signature_is_not_remembered_as_valid(keys: KeySet, verifications: list[bytes]) -> None:
    other_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    token = sign(build_claims(), key=other_key)
    for _ in range(2):
        with pytest.raises(InvalidToken, match="signature"):
            read(token, keys)
    assert len(verifications) == 2


def test_removed_key_ends_the_token(keys: KeySet, published: list[dict[str, Any]]) -> None:
    token = sign(build_claims())
    read(token, keys)
    published[:] = [public_jwk("ES256")]
    refetch(keys)
    with pytest.raises(InvalidToken, match="kid"):
        read(token, keys)


def test_other_key_with_the_same_id_ends_the_token(keys: KeySet, published: list[dict[str, Any]]) -> None:
    token = sign(build_claims())
    read(token, keys)
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    published[:] = [{**json.loads(RSAAlgorithm.to_jwk(other)), "kid": "key-RS256", "alg": "RS256"}]
    refetch(keys)
    with pytest.raises(InvalidToken, match="signature"):
        read(token, keys)


def test_algorithm_that_is_no_longer_allowed_ends_the_token(keys: KeySet) -> None:
    token = sign(build_claims())
    read(token, keys)
    with pytest.raises(InvalidToken, match="alg"):
        read(token, keys, algorithms=("ES256",))


def test_changed_claims_of_one_request_are_not_those_of_the_next(keys: KeySet) -> None:
    token = sign(build_claims(ext={"role": "reader"}))
    for _ in range(3):
        claims = read(token, keys)
        assert claims["ext"]["role"] == "reader"
        claims["ext"]["role"] = claims["sub"] = "admin"


def test_token_that_expired_since_is_rejected(ory: FakeOry, monkeypatch: pytest.MonkeyPatch) -> None:
    token = ory.create_token("shop", expires_in=30, as_jwt=True).value
    verify_access_token(token, method="jwt")
    now = time.time() + 41
    monkeypatch.setattr("django_ory.tokens.access_token.time.time", lambda: now)
    with pytest.raises(InvalidToken, match="expired"):
        verify_access_token(token, method="jwt")


def test_token_is_checked_for_the_audience_of_each_request(ory: FakeOry) -> None:
    token = ory.create_token("shop", audience=["https://api.example"], as_jwt=True).value
    verify_access_token(token, method="jwt", audience=["https://api.example"])
    with pytest.raises(InvalidToken, match="audience"):
        verify_access_token(token, method="jwt", audience=["https://other.example"])


def test_number_of_remembered_signatures_is_bounded(
    keys: KeySet, verifications: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signature_cache, "MAX_SIGNATURES", 2)
    keys.signatures = signature_cache.SignatureCache()
    tokens = [sign(build_claims(jti=str(number))) for number in range(3)]
    for token in tokens:
        read(token, keys)
    read(tokens[2], keys)
    assert len(verifications) == 3
    read(tokens[0], keys)
    assert len(verifications) == 4


def test_neither_tokens_nor_claims_are_in_the_repr(keys: KeySet) -> None:
    token = sign(build_claims(ext={"email": "ann@example.org"}))
    read(token, keys)
    text = repr(keys.signatures) + repr(keys.signatures.get(token))
    assert token not in text
    assert "ann@" not in text
    assert encode("ann@example.org") not in text
