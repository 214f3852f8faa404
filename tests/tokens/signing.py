"""JWTs with signatures like those of Hydra."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import get_default_algorithms
from jwt.api_jws import PyJWS

from django_ory.client.models import JsonWebKeySet
from django_ory.tokens.key_set import KeySet

ISSUER = "http://hydra.test:4444"
AUDIENCE = "https://api.example"
ALGORITHMS = ("RS256", "ES256", "EdDSA")


@cache
def private_key(algorithm: str) -> Any:
    if algorithm.startswith(("RS", "PS")):
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    if algorithm == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    return ed25519.Ed25519PrivateKey.generate()


def public_jwk(algorithm: str, **members: Any) -> dict[str, Any]:
    jwk = json.loads(get_default_algorithms()[algorithm].to_jwk(private_key(algorithm).public_key()))
    return {**jwk, "kid": f"key-{algorithm}", "alg": algorithm, "use": "sig", **members}


def private_jwk(algorithm: str, **members: Any) -> dict[str, Any]:
    jwk = json.loads(get_default_algorithms()[algorithm].to_jwk(private_key(algorithm)))
    return {**jwk, "kid": f"key-{algorithm}", "alg": algorithm, "use": "sig", **members}


def build_claims(**changes: Any) -> dict[str, Any]:
    """Return the claims of an access token of Hydra v2.3.0; None removes a claim."""
    now = int(time.time())
    claims = {
        "aud": [AUDIENCE],
        "client_id": "4bba1b53-9d6e-4b5e-b3f5-0f4a0a4a3c11",
        "exp": now + 3600,
        "ext": {},
        "iat": now,
        "iss": ISSUER,
        "jti": "0b9d0c0e-8c3e-4a63-b1c9-7a4f6a1a2b02",
        "nbf": now,
        "scp": ["photos", "photos.read"],
        "sub": "9f425a8d-7efc-4768-8f23-7647a74fdf13",
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def sign(payload: dict[str, Any] | str, *, algorithm: str = "RS256", key: Any = None, **headers: Any) -> str:
    """Return a signed token. ``payload``: the claims or the text."""
    text = payload if isinstance(payload, str) else json.dumps(payload)
    headers = {"kid": f"key-{algorithm}", "typ": "JWT", **headers}
    signing_key = private_key(algorithm) if key is None else key
    return PyJWS().encode(text.encode(), signing_key, algorithm=algorithm, headers=headers)


def encode(part: str) -> str:
    """Return an encoded part of a token."""
    return base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode()


def build_key_set(*keys: dict[str, Any], fetch: Callable[[], JsonWebKeySet] | None = None) -> KeySet:
    """Return the given public keys, or one per algorithm."""
    content = JsonWebKeySet.model_validate({"keys": list(keys) or [public_jwk(each) for each in ALGORITHMS]})
    return KeySet(fetch or (lambda: content), wait_seconds=1.0, max_age_seconds=3_600.0)
