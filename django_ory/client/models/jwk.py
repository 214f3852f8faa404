"""JSON Web Keys (RFC 7517). The admin API also returns private parts: never show or store them."""

from __future__ import annotations

from .model import NullableList, OryBody, OryModel


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
