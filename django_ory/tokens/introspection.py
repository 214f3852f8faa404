"""Introspection of access tokens (RFC 7662): Hydra decides, so a revoked token is inactive at once."""

from __future__ import annotations

import time
from typing import Any

from django_ory.clients import get_client
from django_ory.conf import get_settings
from django_ory.resilience.fork import call_in_child
from django_ory.resilience.single_flight import SingleFlight

from .access_token import InvalidToken
from .introspection_cache import get_introspection_cache

#: Calls in progress in this process, by alias and token.
_calls: SingleFlight[dict[str, Any]] = SingleFlight()
call_in_child(_calls.clear)


def introspect_token(token: str, *, alias: str) -> dict[str, Any]:
    """Ask Hydra for the claims of an active access token, opaque or JWT. The claims are not checked yet.

    With ``INTROSPECTION_CACHE_SECONDS`` the response is cached, and concurrent requests with one token cause
    one call.

    Raises InvalidToken for an inactive token and for other kinds of tokens, OryError if Hydra gives no
    answer.
    """
    cache = get_introspection_cache(alias)
    if not cache.is_enabled:
        return _introspect(token, alias)
    cached = cache.get(token)
    if cached is not None:
        return cached

    def introspect() -> dict[str, Any]:
        requested_at = time.time()
        try:
            claims = _introspect(token, alias)
        except InvalidToken as error:
            cache.set_inactive(token, str(error))
            raise
        cache.set(token, claims, requested_at=requested_at)
        return claims

    return _calls.share((alias, token), introspect, wait=get_settings(alias).timeout)[0]


def _introspect(token: str, alias: str) -> dict[str, Any]:
    content = get_client(alias).admin_introspect_o_auth2_token(token=token)
    if content.active is not True:
        raise InvalidToken("The token is not active: unknown, expired or revoked.")
    if content.token_use != "access_token":  # refresh tokens are active as well
        raise InvalidToken("The token is not an access token (token_use).")
    if (content.token_type or "").lower() != "bearer":
        raise InvalidToken("The token is not a bearer token (token_type).")
    return content.model_dump(exclude_none=True)
