"""JWTs that clients and trusted issuers sign for the fake Hydra (RFC 7523). Needs PyJWT.

Hydra v2.3.0 accepts each ``jti`` once, and grants the ``aud`` of an assertion without asking the client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import HydraError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["AssertionReader", "read_unverified_claims"]

_ASSERTION_ALGORITHMS = ("ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256")


def read_unverified_claims(token: str) -> dict[str, Any]:
    """The claims of an assertion, by which its issuer is found. Raises HydraError."""
    import jwt

    try:
        return dict(jwt.decode(token, options={"verify_signature": False}))
    except jwt.PyJWTError:
        raise HydraError(400, "invalid_grant", "Unable to parse JSON Web Token.") from None


class AssertionReader:
    """Verifies assertions for one token endpoint."""

    def __init__(self, *, token_url: str) -> None:
        self.token_url = token_url
        self._used: set[str] = set()  #: ``jti``

    def read(self, token: str, jwks: Iterable[Mapping[str, Any]], *, error: str) -> dict[str, Any]:
        """The claims of an assertion that one of the keys has signed. Raises HydraError with ``error``."""
        import jwt

        try:
            kid = jwt.get_unverified_header(token).get("kid")
            [jwk] = [each for each in jwks if each.get("kid") == kid]
            claims: dict[str, Any] = jwt.decode(
                token,
                jwt.PyJWK(dict(jwk)).key,
                algorithms=list(_ASSERTION_ALGORITHMS),
                audience=self.token_url,
                options={"require": ["exp", "iat", "jti", "iss", "sub"]},
            )
        except (jwt.PyJWTError, ValueError):
            raise HydraError(401 if error == "invalid_client" else 400, error, "Invalid assertion.") from None
        if claims["jti"] in self._used:
            raise HydraError(400, "jti_known", "The jti was already used.")
        self._used.add(claims["jti"])
        return claims
