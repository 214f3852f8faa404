"""The keys that the fake Hydra signs access tokens with. Needs PyJWT (``django-ory[jwt]``)."""

from __future__ import annotations

import json
import secrets
from typing import Any

__all__ = ["SigningKeys"]

ALGORITHM = "ES256"


class SigningKeys:
    """Keys made on first use. The newest one signs; all of them are published."""

    def __init__(self) -> None:
        self._keys: dict[str, Any] = {}

    def rotate(self) -> None:
        """Add a key, which signs from now on."""
        from cryptography.hazmat.primitives.asymmetric import ec

        self._keys[secrets.token_hex(8)] = ec.generate_private_key(ec.SECP256R1())

    def sign(self, claims: dict[str, Any]) -> str:
        """A JWT with these claims."""
        import jwt

        if not self._keys:
            self.rotate()
        key_id, key = list(self._keys.items())[-1]
        return jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": key_id})

    def get_public_keys(self) -> dict[str, Any]:
        """The key set (JWKS)."""
        if not self._keys:
            self.rotate()
        from jwt.algorithms import ECAlgorithm

        return {
            "keys": [
                {
                    **json.loads(ECAlgorithm.to_jwk(key.public_key())),
                    "kid": key_id,
                    "alg": ALGORITHM,
                    "use": "sig",
                }
                for key_id, key in self._keys.items()
            ]
        }
