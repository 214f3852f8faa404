"""Access tokens that are JWTs: the signature is verified here, without a call to Hydra."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from jwt.api_jws import PyJWS
from jwt.exceptions import PyJWTError

from .access_token import InvalidToken
from .key_set import KeySet

__all__ = ["ALGORITHMS", "is_jwt", "read_jwt"]

#: Signatures with a public key. ``none`` and HMAC (HS256, ...) can never be allowed.
ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
#: Media types of access tokens (RFC 9068); Hydra writes "JWT".
ACCESS_TOKEN_TYPES = frozenset({"", "jwt", "at+jwt", "application/at+jwt"})

_jws = PyJWS(options={"enforce_minimum_key_length": True})


def is_jwt(token: str) -> bool:
    """Whether the token has the form of a signed JWT. Opaque tokens of Hydra have two parts."""
    return token.count(".") == 2 and token.startswith("ey")


def read_jwt(token: str, *, keys: KeySet, algorithms: Collection[str]) -> dict[str, Any]:
    """Verify the signature of a token and return its claims, which are not checked yet.

    The key is found by the header's ``kid`` in ``keys`` only; the header's ``jku``, ``x5u``, ``jwk`` and
    ``x5c`` are ignored, and ``crit`` is rejected (RFC 8725).

    Raises InvalidToken if the token is not accepted, OryError if the keys cannot be fetched.
    """
    try:
        header = _jws.get_unverified_header(token)
    except (PyJWTError, ValueError, RecursionError):
        raise InvalidToken("The token is not a JWT.") from None
    algorithm, key_id, token_type = header.get("alg"), header.get("kid"), header.get("typ", "")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS or algorithm not in algorithms:
        raise InvalidToken("The token is signed with an algorithm (alg) that is not allowed.")
    if not isinstance(token_type, str) or token_type.lower() not in ACCESS_TOKEN_TYPES:
        raise InvalidToken("The token is not an access token (typ).")
    if not isinstance(key_id, str) or not key_id:
        raise InvalidToken("The token names no key (kid).")
    if "crit" in header:
        raise InvalidToken("The token has a critical extension (crit).")
    key = keys.get(key_id)
    if key.algorithm_name != algorithm:
        raise InvalidToken("The algorithm of the token (alg) is not the one of its key.")
    try:
        payload = _jws.decode_complete(token, key=key, algorithms=[algorithm])["payload"]
        claims = json.loads(payload, object_pairs_hook=_reject_duplicates)
    except (PyJWTError, ValueError, RecursionError):
        raise InvalidToken("The signature or the content of the token is invalid.") from None
    if not isinstance(claims, dict):
        raise InvalidToken("The content of the token is not an object.")
    return claims


def _reject_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("duplicate claim")
    return content
