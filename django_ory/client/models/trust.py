"""Trusted issuers of JWTs that Hydra accepts as grants (RFC 7523)."""

from __future__ import annotations

from .jwk import JsonWebKey  # noqa: TC001 (pydantic reads it)
from .model import AwareDatetime, NullableList, OryBody, OryModel


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
