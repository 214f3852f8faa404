"""API keys in use: check one, make a token from one, end one."""

from __future__ import annotations

from typing import Any

from .api_key import RateLimitPolicy
from .model import Many, OryBody, OryModel, Time

__all__ = [
    "BatchVerifyApiKeysRequest",
    "BatchVerifyApiKeysResponse",
    "DeriveTokenRequest",
    "DeriveTokenResponse",
    "GetJWKSResponse",
    "GetJWKSResponseJwks",
    "GetJWKSResponseJwksKeysInner",
    "SelfRevokeApiKeyRequest",
    "Token",
    "VerifyApiKeyRequest",
    "VerifyApiKeyResponse",
]


class VerifyApiKeyRequest(OryBody):
    """A key to check."""

    credential: str | None = None
    expected_audiences: Many[str] = []


class VerifyApiKeyResponse(OryModel):
    """Whether the key is good, and what it may do."""

    actor_id: str | None = None
    audiences: Many[str] = []
    error_code: str | None = None
    error_message: str | None = None
    expire_time: Time | None = None
    is_valid: bool | None = None
    issuer: str | None = None
    key_id: str | None = None
    metadata: dict[str, Any] | None = None
    rate_limit_policy: RateLimitPolicy | None = None
    rate_limit_remaining: str | None = None
    rate_limit_reset_time: Time | None = None
    scopes: Many[str] = []
    status: str | None = None
    visibility: str | None = None


class BatchVerifyApiKeysRequest(OryBody):
    """Keys to check."""

    requests: Many[VerifyApiKeyRequest] = []


class BatchVerifyApiKeysResponse(OryModel):
    """The results, in the order of the questions."""

    results: Many[VerifyApiKeyResponse] = []


class DeriveTokenRequest(OryBody):
    """A short-lived token to make from a key."""

    algorithm: str | None = None
    audiences: Many[str] = []
    credential: str | None = None
    custom_claims: dict[str, Any] | None = None
    scopes: Many[str] = []
    ttl: str | None = None


class Token(OryModel):
    """A token made from a key."""

    audiences: Many[str] = []
    claims: dict[str, Any] | None = None
    expire_time: Time | None = None
    scopes: Many[str] = []
    token: str | None = None


class DeriveTokenResponse(OryModel):
    """The token."""

    token: Token | None = None


class SelfRevokeApiKeyRequest(OryBody):
    """The key that its owner ends."""

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

    keys: Many[GetJWKSResponseJwksKeysInner] = []


class GetJWKSResponse(OryModel):
    """The public keys that verify derived tokens."""

    jwks: GetJWKSResponseJwks | None = None
