"""JSON Web Keys (RFC 7517), and trusted issuers of JWTs (RFC 7523).

The admin API also returns private parts of keys: never show or store them.
"""

from __future__ import annotations

from .model import AwareDatetime, NullableList, OryBody, OryModel


class JsonWebKey(OryModel):
    """A key. ``d``, ``p``, ``q``, ``dp``, ``dq``, ``qi`` and ``k`` are private."""

    alg: str | None = None
    crv: str | None = None
    d: str | None = None
    dp: str | None = None
    dq: str | None = None
    e: str | None = None
    k: str | None = None
    kid: str | None = None
    kty: str | None = None
    n: str | None = None
    p: str | None = None
    q: str | None = None
    qi: str | None = None
    use: str | None = None
    x: str | None = None
    x5c: NullableList[str] = []
    y: str | None = None


class JsonWebKeySet(OryModel):
    """A set of keys."""

    keys: NullableList[JsonWebKey] = []


class CreateJsonWebKeySet(OryBody):
    """A key to create: ``alg`` such as RS256, ES256 or EdDSA; ``use`` is sig or enc."""

    alg: str | None = None
    kid: str | None = None
    use: str | None = None


class TrustedOAuth2JwtGrantJsonWebKey(OryModel):
    """The ids of the issuer's public key."""

    kid: str | None = None
    set: str | None = None


class TrustedOAuth2JwtGrantIssuer(OryModel):
    """An issuer that is trusted until ``expires_at``."""

    allow_any_subject: bool | None = None
    created_at: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None
    id: str | None = None
    issuer: str | None = None
    public_key: TrustedOAuth2JwtGrantJsonWebKey | None = None
    scope: NullableList[str] = []
    subject: str | None = None


class TrustOAuth2JwtGrantIssuer(OryBody):
    """An issuer to trust: exactly one of ``subject`` and ``allow_any_subject``."""

    allow_any_subject: bool | None = None
    expires_at: AwareDatetime | None = None
    issuer: str | None = None
    jwk: JsonWebKey | None = None
    scope: NullableList[str] = []
    subject: str | None = None
