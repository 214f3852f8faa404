"""The private keys of ``JOB_TOKEN_KEYS``. They sign the assertions about users and about the client.

This module needs PyJWT (``django-ory[jwt]``). Private parts never leave this module.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from django_ory.conf import OryConfigurationError, PerAlias, get_settings
from django_ory.mirror.client_content import PUBLIC_KEY_MEMBERS

__all__ = ["SigningKey", "get_signing_keys", "load_signing_key"]

#: Seconds that an assertion is valid. Hydra accepts each one once.
ASSERTION_SECONDS = 60
MIN_RSA_BITS = 2048
#: Name of a curve -> algorithm. Hydra accepts no EdDSA from clients.
CURVE_ALGORITHMS = {"secp256r1": "ES256", "secp384r1": "ES384"}


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """A private key with its id, which is the thumbprint of RFC 7638."""

    kid: str
    algorithm: str
    public_jwk: Mapping[str, Any]
    _private_key: Any = field(repr=False)

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return a JWT with these claims, a new id and a short life."""
        now = int(time.time())
        times = {"iat": now, "exp": now + ASSERTION_SECONDS, "jti": token_hex(16)}
        headers = {"kid": self.kid}
        return jwt.encode({**claims, **times}, self._private_key, algorithm=self.algorithm, headers=headers)


@PerAlias
def get_signing_keys(alias: str) -> tuple[SigningKey, ...]:
    """Return the keys of a project, the one that signs first. Files are read once per process.

    Raises OryConfigurationError for a key that cannot be read, or is of another kind.
    """
    return tuple(load_signing_key(text, alias=alias) for text in get_settings(alias).job_token_keys)


def load_signing_key(text: str, *, alias: str) -> SigningKey:
    """Load a private key from PEM or from the path of a file.

    Raises OryConfigurationError, which names the setting, and never the text: that may be a key.
    """
    name = f'settings.ORY["{alias}"]["JOB_TOKEN_KEYS"]'
    try:
        pem = text if "-----BEGIN" in text else Path(text).read_text(encoding="ascii")
        key = load_pem_private_key(pem.encode(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        raise OryConfigurationError(
            f"{name} has an entry that is neither a private key in PEM without a password nor the path of a "
            "readable file with one."
        ) from None
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in CURVE_ALGORITHMS:
        algorithm, jwk = CURVE_ALGORITHMS[key.curve.name], ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    elif isinstance(key, rsa.RSAPrivateKey) and key.key_size >= MIN_RSA_BITS:
        algorithm, jwk = "RS256", RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    else:
        raise OryConfigurationError(
            f"{name} has a key that Hydra does not accept: use EC (P-256, P-384) or RSA with at least "
            f"{MIN_RSA_BITS} bits."
        )
    members = {name: jwk[name] for name in ("kty", *PUBLIC_KEY_MEMBERS[jwk["kty"]])}  # RFC 7638 section 3.2
    kid = _build_thumbprint(members)
    public = {**members, "kid": kid, "alg": algorithm, "use": "sig"}
    return SigningKey(kid=kid, algorithm=algorithm, public_jwk=public, _private_key=key)


def _build_thumbprint(members: Mapping[str, Any]) -> str:
    text = json.dumps(dict(members), sort_keys=True, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
