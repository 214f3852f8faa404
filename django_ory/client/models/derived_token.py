"""Checks of API keys, tokens derived from keys, and revocation by the owner."""

from __future__ import annotations

from typing import Any

from .api_key import RateLimitPolicy
from .model import AwareDatetime, NullableList, OryBody, OryModel


class VerifyApiKeyRequest(OryBody):
    """A key to check."""

    credential: str | None = None
    expected_audiences: NullableList[str] = []


class VerifyApiKeyResponse(OryModel):
    """Whether the key is valid, and its permissions."""

    actor_id: str | None = None
    audiences: NullableList[str] = []
    error_code: str | None = None
    error_message: str | None = None
    expire_time: AwareDatetime | None = None
    is_valid: bool | None = None
    issuer: str | None = None
    key_id: str | None = None
    metadata: dict[str, Any] | None = None
    rate_limit_policy: RateLimitPolicy | None = None
    rate_limit_remaining: str | None = None
    rate_limit_reset_time: AwareDatetime | None = None
    scopes: NullableList[str] = []
    status: str | None = None
    visibility: str | None = None


class BatchVerifyApiKeysRequest(OryBody):
    """Keys to check."""

    requests: NullableList[VerifyApiKeyRequest] = []


class BatchVerifyApiKeysResponse(OryModel):
    """The results, in the order of the request."""

    results: NullableList[VerifyApiKeyResponse] = []


class DeriveTokenRequest(OryBody):
    """A short-lived token to derive from a key."""

    algorithm: str | None = None
    audiences: NullableList[str] = []
    credential: str | None = None
    custom_claims: dict[str, Any] | None = None
    scopes: NullableList[str] = []
    ttl: str | None = None


class Token(OryModel):
    """A token derived from a key."""

    audiences: NullableList[str] = []
    claims: dict[str, Any] | None = None
    expire_time: AwareDatetime | None = None
    scopes: NullableList[str] = []
    token: str | None = None


class DeriveTokenResponse(OryModel):
    """The token."""

    token: Token | None = None


class SelfRevokeApiKeyRequest(OryBody):
    """The key to revoke."""

    credential: str | None = None
    reason: str | None = None


class GetJWKSResponseJwksKeysInner(OryModel):
    """A public key."""

    alg: str | None = None
    crv: str | None = None
    e: str | None = None
    kid: str | None = None
    kty: str | None = None
    n: str | None = None
    use: str | None = None
    x: str | None = None
    y: str | None = None


class GetJWKSResponseJwks(OryModel):
    """Public keys."""

    keys: NullableList[GetJWKSResponseJwksKeysInner] = []


class GetJWKSResponse(OryModel):
    """The public keys that verify derived tokens."""

    jwks: GetJWKSResponseJwks | None = None
