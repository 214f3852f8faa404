"""Caches introspections in Django's cache. Off unless ``INTROSPECTION_CACHE_SECONDS`` is set.

A cached introspection is used only if it is signed by this site for its token, the token has not expired, and
neither its user nor its client was invalidated since. Without the stored invalidation times it is ignored, so
evictions only cause extra calls. Tokens are stored as hashes.
"""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any

from django.core import signing

from django_ory.conf import OrySettings, PerAlias, get_settings
from django_ory.resilience.expiring_map import ExpiringMap
from django_ory.resilience.fail_safe_cache import FailSafeCache

from .access_token import InvalidToken

__all__ = ["IntrospectionCache", "get_introspection_cache", "invalidate_tokens"]

#: Seconds that an inactive token is cached at most.
MAX_INACTIVE_SECONDS = 5.0
#: Inactive tokens that a process keeps. Clients can make up any number of them.
MAX_INACTIVE_TOKENS = 1_000
#: Seconds that the clocks of two machines may differ. So long nothing is cached after an invalidation.
MAX_CLOCK_SKEW_SECONDS = 2.0
#: Caches reject larger entries as if they were down.
MAX_CACHED_LENGTH = 100_000
TOKEN_KEY_PREFIX = "django_ory:tokens:1:"


class IntrospectionCache:
    """The introspections of one Ory project."""

    def __init__(self, settings: OrySettings) -> None:
        self.is_enabled = settings.introspection_cache_seconds > 0
        self._seconds = float(settings.introspection_cache_seconds)
        self._alias = settings.alias
        self._store = FailSafeCache(settings.session_cache_alias)
        self._inactive: ExpiringMap[str] = ExpiringMap(max_size=MAX_INACTIVE_TOKENS)

    def get(self, token: str) -> dict[str, Any] | None:
        """The cached claims of an active token. Raises InvalidToken for a cached inactive one."""
        key = self._get_key(token)
        if (reason := self._inactive.get(key)) is not None:
            raise InvalidToken(reason)
        entry = _load(key, self._store.get(key))
        if entry is None:
            return None
        claims: dict[str, Any] = entry["claims"]
        marks = self._get_invalidation_keys(claims)
        times = self._store.get_many(marks)
        is_valid = all(isinstance(times.get(mark), float) for mark in marks) and (
            entry["requested_at"] > max(times.values()) + MAX_CLOCK_SKEW_SECONDS
        )
        return claims if is_valid else None

    def set(self, token: str, claims: dict[str, Any], *, requested_at: float) -> None:
        """Cache the claims of an active token, at most until it expires."""
        expires_at = claims.get("exp")
        if not isinstance(expires_at, int | float):
            return
        seconds = min(self._seconds, expires_at - time.time())
        key = self._get_key(token)
        text = signing.Signer(salt=key).sign(json.dumps({"claims": claims, "requested_at": requested_at}))
        if seconds < 1 or len(text) > MAX_CACHED_LENGTH:
            return
        # An evicted invalidation time could have been as late as this call, so earlier entries are ignored.
        for mark in self._get_invalidation_keys(claims):
            self._store.add(mark, requested_at - MAX_CLOCK_SKEW_SECONDS - 0.001, self._seconds + 60)
        self._store.set(key, text, seconds)

    def set_inactive(self, token: str, reason: str) -> None:
        """Cache that a token is not accepted."""
        seconds = min(self._seconds, MAX_INACTIVE_SECONDS)
        self._inactive.set(self._get_key(token), reason, seconds=seconds)

    def invalidate(self, *, subject: str = "", client_id: str = "") -> None:
        """Ignore all introspections from before now about a user's or a client's tokens."""
        seconds = self._seconds + MAX_CLOCK_SKEW_SECONDS + 60
        for kind, value in (("sub", subject), ("client", client_id)):
            if value:
                self._store.set(self._get_mark(kind, value), time.time(), seconds, force=True)

    def _get_key(self, token: str) -> str:
        return TOKEN_KEY_PREFIX + hashlib.sha256(f"{self._alias}\0{token}".encode()).hexdigest()

    def _get_mark(self, kind: str, value: str) -> str:
        return TOKEN_KEY_PREFIX + hashlib.sha256(f"{self._alias}\0{kind}\0{value}".encode()).hexdigest()

    def _get_invalidation_keys(self, claims: dict[str, Any]) -> list[str]:
        subject, client_id = str(claims.get("sub")), str(claims.get("client_id"))
        return [self._get_mark("sub", subject), self._get_mark("client", client_id)]


@PerAlias
def get_introspection_cache(alias: str) -> IntrospectionCache:
    """The cache of one Ory project."""
    return IntrospectionCache(get_settings(alias))


def invalidate_tokens(*, alias: str, subject: str = "", client_id: str = "") -> None:
    """Ask Hydra again for all tokens of a user or a client. Call it after revoking tokens or consents."""
    cache = get_introspection_cache(alias)
    if cache.is_enabled:
        cache.invalidate(subject=subject, client_id=client_id)


def _load(key: str, text: Any) -> dict[str, Any] | None:
    if not isinstance(text, str):
        return None
    try:
        entry = json.loads(signing.Signer(salt=key).unsign(text))
    except (signing.BadSignature, ValueError):
        return None
    return entry if isinstance(entry, dict) else None
