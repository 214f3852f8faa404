"""``verify_access_token``: from the text of a token to a verified ``AccessToken``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Literal

from asgiref.sync import sync_to_async

from django_ory.conf import DEFAULT_ALIAS, OryConfigurationError, get_settings

from .access_token import AccessToken, InvalidToken, build_access_token
from .bearer import MAX_TOKEN_LENGTH
from .introspection import introspect_token
from .introspection_cache import get_introspection_cache

__all__ = ["VerificationMethod", "averify_access_token", "verify_access_token"]

#: ``auto``: JWTs by their signature, other tokens by introspection.
VerificationMethod = Literal["introspection", "jwt", "auto"]


def verify_access_token(
    token: str,
    *,
    alias: str = DEFAULT_ALIAS,
    method: VerificationMethod | None = None,
    audience: Sequence[str] | None = None,
) -> AccessToken:
    """Verify an OAuth2 access token.

    Args:
        token: the text after ``Bearer``.
        alias: the key in ``settings.ORY`` of the Ory project.
        method: ``OAUTH2_VERIFICATION`` if None.
        audience: the token's ``aud`` must contain one of these; ``OAUTH2_AUDIENCE`` if None.

    Raises:
        InvalidToken: the token is not accepted.
        OryError: Hydra gave no usable answer, so nothing is known about the token. Answer 503.
    """
    if len(token) > MAX_TOKEN_LENGTH or not token.isascii():  # not every caller read it from a header
        raise InvalidToken("The text is not an access token.")
    settings = get_settings(alias)
    chosen = method or settings.oauth2_verification
    if chosen == "introspection":
        claims = introspect_token(token, alias=alias)
    else:
        try:
            from .json_web_tokens import is_jwt, read_jwt
            from .key_set import get_key_set
        except ImportError as error:
            raise OryConfigurationError(
                'Verifying JWTs needs PyJWT: python -m pip install "django-ory[jwt]"'
            ) from error

        if is_jwt(token):
            claims = read_jwt(token, keys=get_key_set(alias), algorithms=settings.oauth2_algorithms)
        elif chosen == "auto":
            claims = introspect_token(token, alias=alias)
        else:
            raise InvalidToken("The token is not a JWT.")
    return build_access_token(
        claims,
        issuer=settings.oauth2_issuer,
        audience=settings.oauth2_audience if audience is None else audience,
        leeway=settings.oauth2_leeway_seconds,
    )


async def averify_access_token(
    token: str,
    *,
    alias: str = DEFAULT_ALIAS,
    method: VerificationMethod | None = None,
    audience: Sequence[str] | None = None,
) -> AccessToken:
    """``verify_access_token`` for async code."""
    return await sync_to_async(verify_access_token, thread_sensitive=False)(
        token, alias=alias, method=method, audience=audience
    )


def clear_token_state() -> None:
    """Forget the keys, the verified signatures and the inactive tokens of this process, between tests."""
    get_introspection_cache.clear()
    if key_set := sys.modules.get("django_ory.tokens.key_set"):  # PyJWT is an extra
        key_set.get_key_set.clear()
