"""``AccessToken``: a verified OAuth2 access token. Every token must pass the checks of its claims here."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["AccessToken", "InvalidToken", "build_access_token"]

#: 9999-12-31T23:59:59Z. Later times are rejected: ``datetime`` cannot represent them.
MAX_TIMESTAMP = 253_402_300_799
#: Claims of ID tokens and logout tokens. An access token of Hydra has none of them.
FOREIGN_CLAIMS = frozenset({"at_hash", "c_hash", "events", "nonce", "s_hash", "sid"})
MAX_SCOPES = 200
MAX_AUDIENCES = 100


class InvalidToken(Exception):
    """The token is not accepted. ``str()`` is the reason, for the log of the site; no part of the token."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A verified OAuth2 access token.

    ``subject`` is the user, or the client itself for client credentials. Times are seconds since the epoch.
    The token's own text is not kept.
    """

    issuer: str
    subject: str = field(repr=False)
    client_id: str
    scopes: frozenset[str]
    audience: tuple[str, ...]
    expires_at: float
    issued_at: float | None = None
    #: All claims, also those of the consent's ``session.access_token`` (``ext`` in an introspection).
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def is_client(self) -> bool:
        """True if the token belongs to a client without a user (client credentials)."""
        return self.subject == self.client_id

    def get_claim(self, name: str) -> Any:
        """A claim of the token, or of its ``ext``; None if there is none."""
        extra = self.claims.get("ext")
        value = self.claims.get(name)
        return extra.get(name) if value is None and isinstance(extra, Mapping) else value


def build_access_token(
    claims: Mapping[str, Any], *, issuer: str, audience: Sequence[str] = (), leeway: float = 0.0
) -> AccessToken:
    """Check the claims of a token and return it.

    ``issuer`` must be equal to ``iss``. At least one entry of ``audience`` must be in ``aud``; an empty
    ``audience`` accepts every token. ``leeway``: seconds by which the clocks may differ.

    Raises InvalidToken for a missing, malformed or unsuitable claim.
    """
    if claims.get("iss") != issuer:
        raise InvalidToken("The issuer (iss) is not the configured one.")
    if found := FOREIGN_CLAIMS & claims.keys():
        raise InvalidToken(f"The claim {min(found)} belongs to an ID token or logout token.")
    if claims.get("token_use", "access_token") != "access_token":
        raise InvalidToken("The token is not an access token (token_use).")
    now = time.time()
    expires_at = get_timestamp(claims, "exp")
    if expires_at is None or expires_at + leeway <= now:
        raise InvalidToken("The token has expired, or has no expiry (exp).")
    issued_at, not_before = get_timestamp(claims, "iat"), get_timestamp(claims, "nbf")
    if max(issued_at or 0.0, not_before or 0.0) - leeway > now:
        raise InvalidToken("The token is not valid yet (nbf, iat).")
    audiences = get_strings(claims, "aud", limit=MAX_AUDIENCES)
    if audience and not set(audience) & set(audiences):
        raise InvalidToken("The audience (aud) does not contain this API.")
    return AccessToken(
        issuer=issuer,
        subject=get_text(claims, "sub"),
        client_id=get_text(claims, "client_id"),
        scopes=frozenset(_get_scopes(claims)),
        audience=audiences,
        expires_at=expires_at,
        issued_at=issued_at,
        claims=claims,
    )


def get_text(claims: Mapping[str, Any], name: str) -> str:
    """The claim, a text that is not empty. Raises InvalidToken."""
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidToken(f"The claim {name} is missing or not a text.")
    return value


def get_timestamp(claims: Mapping[str, Any], name: str) -> float | None:
    """The claim in seconds since the epoch; None if it is missing. Raises InvalidToken."""
    value = claims.get(name)
    if value is None:
        return None
    # bool is an int in Python.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_TIMESTAMP:
        raise InvalidToken(f"The claim {name} is not a time.")
    return float(value) if math.isfinite(value) else None


def get_strings(claims: Mapping[str, Any], name: str, *, limit: int) -> tuple[str, ...]:
    """The claim, a text or a list of at most ``limit`` texts. Raises InvalidToken."""
    value = claims.get(name)
    items = [value] if isinstance(value, str) else [] if value is None else value
    if not isinstance(items, list) or len(items) > limit or not all(isinstance(each, str) for each in items):
        raise InvalidToken(f"The claim {name} is not a list of at most {limit} texts.")
    return tuple(items)


def _get_scopes(claims: Mapping[str, Any]) -> list[str]:
    """``scope`` (a text with spaces, RFC 9068) or ``scp`` (a list, the default of Hydra's JWTs)."""
    value = claims.get("scope", claims.get("scp"))
    scopes = (
        value.split(" ") if isinstance(value, str) else get_strings({"scp": value}, "scp", limit=MAX_SCOPES)
    )
    if len(scopes) > MAX_SCOPES:
        raise InvalidToken(f"The token has more than {MAX_SCOPES} scopes.")
    return [scope for scope in scopes if scope]
