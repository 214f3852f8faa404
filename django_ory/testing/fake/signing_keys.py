"""The keys that the fake Hydra signs access tokens with. Needs PyJWT (``django-ory[jwt]``)."""

from __future__ import annotations

import json
import secrets
from typing import Any, Literal

__all__ = ["SigningKeys"]

#: The modulus of RSA keys in bits, as Hydra makes them. Making such a key takes a second or more.
RSA_KEY_BITS = 4096


class SigningKeys:
    """Keys made on first use. The newest one signs; all of them are published."""

    def __init__(self) -> None:
        self._keys: dict[str, tuple[str, Any]] = {}  # by id: algorithm and private key

    def rotate(self, algorithm: Literal["ES256", "RS256"] = "ES256") -> None:
        """Add a key, which signs from now on. Hydra's own keys are RS256; ES256 keys are made much faster."""
        from cryptography.hazmat.primitives.asymmetric import ec, rsa

        self._keys[secrets.token_hex(8)] = (
            algorithm,
            rsa.generate_private_key(public_exponent=65537, key_size=RSA_KEY_BITS)
            if algorithm == "RS256"
            else ec.generate_private_key(ec.SECP256R1()),
        )

    def sign(self, claims: dict[str, Any]) -> str:
        """A JWT with these claims."""
        import jwt

        if not self._keys:
            self.rotate()
        key_id, (algorithm, key) = list(self._keys.items())[-1]
        return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": key_id})

    def get_public_keys(self) -> dict[str, Any]:
        """The key set (JWKS)."""
        if not self._keys:
            self.rotate()
        from jwt.algorithms import get_default_algorithms

        algorithms = get_default_algorithms()
        return {
            "keys": [
                {
                    **json.loads(algorithms[algorithm].to_jwk(key.public_key())),
                    "kid": key_id,
                    "alg": algorithm,
                    "use": "sig",
                }
                for key_id, (algorithm, key) in self._keys.items()
            ]
        }
