"""Logout tokens: Hydra's notice that a session has ended (OpenID Connect Back-Channel Logout 1.0)."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django_ory.conf import DEFAULT_ALIAS, OryConfigurationError, get_settings

from .access_token import MAX_AUDIENCES, InvalidToken, get_strings, get_text, get_timestamp
from .bearer import MAX_TOKEN_LENGTH

__all__ = ["LogoutToken", "build_logout_token", "verify_logout_token"]

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
#: Hydra sends a logout token at once, and repeats it for some minutes. Older ones are rejected.
MAX_LOGOUT_TOKEN_AGE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class LogoutToken:
    """A verified logout token.

    ``sid``: the session at Hydra that has ended, "" if all sessions of the subject have. ``subject``: ""
    if the token has none, as those of Hydra. One of them is set. ``issued_at``: seconds since the epoch.
    """

    alias: str
    token_id: str
    issued_at: float
    sid: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)


def verify_logout_token(
    token: str, *, alias: str = DEFAULT_ALIAS, client_ids: Collection[str]
) -> LogoutToken:
    """Verify a logout token. The caller must reject a ``token_id`` that was accepted before.

    Args:
        token: the parameter ``logout_token``.
        alias: the key in ``settings.ORY`` of the issuer.
        client_ids: the token's ``aud`` must contain one of these.

    Raises:
        InvalidToken: the token is not accepted. Answer 400.
        OryError: the keys cannot be fetched, so nothing is known about the token. Answer 503.
        OryConfigurationError: PyJWT is not installed.
    """
    if len(token) > MAX_TOKEN_LENGTH or not token.isascii():
        raise InvalidToken("The text is not a logout token.")
    try:
        from .json_web_tokens import is_jwt, read_logout_jwt
        from .key_set import get_key_set
    except ImportError as error:
        raise OryConfigurationError(
            'Logout tokens need PyJWT: python -m pip install "django-ory[jwt]"'
        ) from error

    if not is_jwt(token):
        raise InvalidToken("The text is not a logout token.")
    settings = get_settings(alias)
    claims = read_logout_jwt(token, keys=get_key_set(alias), algorithms=settings.oauth2_algorithms)
    return build_logout_token(
        claims,
        alias=alias,
        issuer=settings.oauth2_issuer,
        client_ids=client_ids,
        leeway=settings.oauth2_leeway_seconds,
    )


def build_logout_token(
    claims: Mapping[str, Any], *, alias: str, issuer: str, client_ids: Collection[str], leeway: float = 0.0
) -> LogoutToken:
    """Check the claims of a logout token and return it. Raises InvalidToken, as ``verify_logout_token``."""
    if not issuer or claims.get("iss") != issuer:
        raise InvalidToken("The issuer (iss) is not the configured one.")
    if "nonce" in claims:
        raise InvalidToken("The token has a nonce, so it is an ID token and not a logout token.")
    events = claims.get("events")
    if not isinstance(events, Mapping) or not isinstance(events.get(LOGOUT_EVENT), Mapping):
        raise InvalidToken("The token has no event of a logout (events).")
    if not set(client_ids) & set(get_strings(claims, "aud", limit=MAX_AUDIENCES)):
        raise InvalidToken("The audience (aud) does not contain a client of this site.")
    now = time.time()
    issued_at, expires_at = get_timestamp(claims, "iat"), get_timestamp(claims, "exp")
    if issued_at is None:
        raise InvalidToken("The claim iat is missing.")
    if issued_at - leeway > now:
        raise InvalidToken("The token is not valid yet (iat).")
    if issued_at + MAX_LOGOUT_TOKEN_AGE_SECONDS + leeway < now:
        raise InvalidToken("The token is too old (iat).")
    if "exp" in claims and (expires_at is None or expires_at + leeway <= now):
        raise InvalidToken("The token has expired (exp).")
    sid, subject = (get_text(claims, name) if name in claims else "" for name in ("sid", "sub"))
    if not sid and not subject:
        raise InvalidToken("The token names neither a session (sid) nor a user (sub).")
    return LogoutToken(
        alias=alias, token_id=get_text(claims, "jti"), issued_at=issued_at, sid=sid, subject=subject
    )
