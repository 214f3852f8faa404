"""JWTs: the signature is verified here, without a call to Hydra."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection
from typing import Any

from jwt import PyJWK
from jwt.api_jws import PyJWS
from jwt.exceptions import PyJWTError

from .access_token import InvalidToken
from .key_set import KeySet

#: Signatures with a public key. ``none`` and HMAC (HS256, ...) can never be allowed.
ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
#: Media types of access tokens (RFC 9068); Hydra writes "JWT".
ACCESS_TOKEN_TYPES = frozenset({"", "jwt", "at+jwt", "application/at+jwt"})
#: Media types of logout tokens (OpenID Connect Back-Channel Logout 1.0); Hydra writes "JWT".
LOGOUT_TOKEN_TYPES = frozenset({"", "jwt", "logout+jwt", "application/logout+jwt"})

_jws = PyJWS(options={"enforce_minimum_key_length": True})


def is_jwt(token: str) -> bool:
    """Whether the token has the form of a signed JWT. Opaque tokens of Hydra have two parts."""
    return token.count(".") == 2 and token.startswith("ey")


def read_jwt(token: str, *, keys: KeySet, algorithms: Collection[str]) -> dict[str, Any]:
    """Verify the signature of a token and return its claims, which are not checked yet.

    The key is found by the header's ``kid`` in ``keys`` only; the header's ``jku``, ``x5u``, ``jwk`` and
    ``x5c`` are ignored, and ``crit`` is rejected (RFC 8725). A signature that was verified a moment ago is
    not verified again as long as ``keys`` has its key, see ``SignatureCache``.

    Raises InvalidToken if the token is not accepted, OryError if the keys cannot be fetched.
    """
    verified = keys.signatures.get(token)
    if verified is not None and keys.get(verified.key_id) is verified.key:
        _check_algorithm(verified.key.algorithm_name, algorithms)
        return dict(json.loads(verified.payload))
    key_id, key, payload, claims = _verify(token, keys=keys, algorithms=algorithms, types=ACCESS_TOKEN_TYPES)
    keys.signatures.add(token, key_id=key_id, key=key, payload=payload)
    return claims


def read_logout_jwt(token: str, *, keys: KeySet, algorithms: Collection[str]) -> dict[str, Any]:
    """``read_jwt`` for a logout token, without the cache: it would mix types of tokens."""
    return _verify(token, keys=keys, algorithms=algorithms, types=LOGOUT_TOKEN_TYPES)[3]


def _verify(
    token: str, *, keys: KeySet, algorithms: Collection[str], types: Collection[str]
) -> tuple[str, PyJWK, bytes, dict[str, Any]]:
    """Return the id of the key, the key, the payload and the claims."""
    header = _read_header(token)
    algorithm, key_id = _check_header(header, algorithms, types)
    key = keys.get(key_id)
    if key.algorithm_name != algorithm:
        raise InvalidToken("The algorithm of the token (alg) is not the one of its key.")
    try:
        payload: bytes = _jws.decode_complete(token, key=key, algorithms=[algorithm])["payload"]
        claims = json.loads(payload, object_pairs_hook=_reject_duplicates)
    except (PyJWTError, ValueError, RecursionError):
        raise InvalidToken("The signature or the content of the token is invalid.") from None
    if not isinstance(claims, dict):
        raise InvalidToken("The content of the token is not an object.")
    return key_id, key, payload, claims


def _read_header(token: str) -> dict[str, Any]:
    """The header, which is not verified yet. PyJWT would decode the other parts as well, to discard them."""
    part = token.partition(".")[0].encode()
    try:
        header = json.loads(
            base64.b64decode(part + b"=" * (-len(part) % 4), altchars=b"-_", validate=True),
            object_pairs_hook=_reject_duplicates,
        )
    except (ValueError, RecursionError):
        raise InvalidToken("The token is not a JWT.") from None
    if not isinstance(header, dict):
        raise InvalidToken("The token is not a JWT.")
    return header


def _check_header(
    header: dict[str, Any], algorithms: Collection[str], types: Collection[str]
) -> tuple[str, str]:
    """The algorithm and the id of the key."""
    algorithm, key_id, token_type = header.get("alg"), header.get("kid"), header.get("typ", "")
    _check_algorithm(algorithm, algorithms)
    if not isinstance(token_type, str) or token_type.lower() not in types:
        raise InvalidToken("The token is of another type (typ).")
    if not isinstance(key_id, str) or not key_id:
        raise InvalidToken("The token names no key (kid).")
    if "crit" in header:
        raise InvalidToken("The token has a critical extension (crit).")
    return str(algorithm), key_id


def _check_algorithm(algorithm: Any, algorithms: Collection[str]) -> None:
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS or algorithm not in algorithms:
        raise InvalidToken("The token is signed with an algorithm (alg) that is not allowed.")


def _reject_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("duplicate claim")
    return content
