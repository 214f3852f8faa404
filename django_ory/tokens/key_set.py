"""The public keys that Hydra signs tokens with (JWKS), kept in this process."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from jwt import PyJWK
from jwt.exceptions import PyJWTError

from django_ory.client import OryCircuitOpen, OryError
from django_ory.client.models import JsonWebKey, JsonWebKeySet
from django_ory.clients import get_client
from django_ory.conf import DEFAULT_ALIAS, PerAlias, get_settings
from django_ory.resilience.fork import call_in_child
from django_ory.resilience.log_throttle import throttled_log

from .access_token import InvalidToken
from .signature_cache import SignatureCache

logger = logging.getLogger("django_ory")

#: Keys are fetched again after this time, so that a key that was removed from Hydra is no longer accepted.
#: While Hydra is unavailable, the present keys are used up to ``OAUTH2_KEYS_MAX_AGE_SECONDS``.
REFETCH_SECONDS = 600.0
#: The least time between two fetches for unknown keys. Every client can write an unknown key id into a token.
#: Short, because the keys of a rotation are unknown as well.
MIN_FETCH_INTERVAL_SECONDS = 5.0
#: The least time between a fetch that failed and the next one. Short, so that an outage ends soon.
RETRY_SECONDS = 0.5
#: The members of a public key. Others are ignored, above all the private ones and URLs.
PUBLIC_MEMBERS = frozenset({"alg", "crv", "e", "kid", "kty", "n", "use", "x", "y"})
#: Symmetric keys ("oct") are never accepted: a verifier could sign as well.
KEY_TYPES = frozenset({"EC", "OKP", "RSA"})

KEYS_OPERATION = "GET /.well-known/jwks.json"


class KeySet:
    """Keys by id. Thread-safe: concurrent requests cause one fetch.

    Args:
        fetch: returns the keys that Hydra publishes. Raises OryError.
        wait_seconds: the longest wait for the fetch of another thread.
        max_age_seconds: older keys are not used. If they cannot be fetched again, OryError is raised.
        alias: the Ory project, for the log.
    """

    def __init__(
        self,
        fetch: Callable[[], JsonWebKeySet],
        *,
        wait_seconds: float,
        max_age_seconds: float,
        alias: str = DEFAULT_ALIAS,
    ) -> None:
        self._alias = alias
        self._fetch = fetch
        self._wait_seconds = wait_seconds
        self._max_age_seconds = max_age_seconds
        self._lock = threading.Lock()
        self._raw: Mapping[str, dict[str, Any]] | None = None  # None: not fetched yet
        self._parsed: dict[str, PyJWK] = {}
        self.signatures = SignatureCache()
        # Monotonic times.
        self._fresh_until = self._usable_until = self._next_fetch_at = float("-inf")
        self._last_fetch_failed = False

    def get(self, key_id: str) -> PyJWK:
        """The key with this id (``kid``).

        Raises InvalidToken if Hydra has no such key, OryError if the keys cannot be fetched.
        """
        if key_id not in (self._raw or ()) or time.monotonic() > self._fresh_until:
            self._refresh(key_id)
        return self._parse(key_id)

    def _refresh(self, key_id: str) -> None:
        """Fetch the keys, unless the last fetch failed or found this unknown key a moment ago."""
        # A known key is used while another thread fetches; an unknown one is waited for.
        is_known = self._is_known(key_id)
        if not self._lock.acquire(timeout=0 if is_known else self._wait_seconds):
            if is_known:
                return
            raise OryCircuitOpen("not sent, another call for the keys takes long", operation=KEYS_OPERATION)
        try:
            is_known, was_fetched = self._is_known(key_id), self._raw is not None
            now = time.monotonic()
            if now < self._next_fetch_at or (is_known and now <= self._fresh_until):
                if not is_known and self._last_fetch_failed:
                    raise OryCircuitOpen("not sent, it failed a moment ago", operation=KEYS_OPERATION)
                return
            if was_fetched and not is_known:
                self._next_fetch_at = now + MIN_FETCH_INTERVAL_SECONDS
            try:
                keys = self._fetch().keys
            except OryError as error:
                self._last_fetch_failed = True
                self._next_fetch_at = time.monotonic() + RETRY_SECONDS
                if not is_known:
                    raise
                throttled_log.warn(
                    logger,
                    ("keys", self._alias),
                    "Fetching the keys of Hydra failed (project %s); the present ones are used: %s",
                    self._alias,
                    error,
                )
                return
            self._raw = {key.kid: _get_public_members(key) for key in keys if key.kid and _is_usable(key)}
            self._parsed, self._last_fetch_failed = {}, False
            now = time.monotonic()
            self._usable_until = now + self._max_age_seconds
            self._fresh_until = now + min(REFETCH_SECONDS, self._max_age_seconds)
        finally:
            self._lock.release()

    def _is_known(self, key_id: str) -> bool:
        """Whether Hydra published the key the last time, unless that is too long ago."""
        return key_id in (self._raw or ()) and time.monotonic() <= self._usable_until

    def _parse(self, key_id: str) -> PyJWK:
        parsed = self._parsed  # a refresh replaces it
        key = parsed.get(key_id)
        if key is None:
            raw = (self._raw or {}).get(key_id)
            if raw is None:
                raise InvalidToken("The token is signed with an unknown key (kid).")
            try:
                key = parsed[key_id] = PyJWK.from_dict(raw)
            except (PyJWTError, ValueError, TypeError):
                raise InvalidToken("The token is signed with a key that cannot be read (kid).") from None
        return key


def _is_usable(key: JsonWebKey) -> bool:
    return key.kty in KEY_TYPES and key.use in {None, "sig"}


def _get_public_members(key: JsonWebKey) -> dict[str, Any]:
    content = key.model_dump(exclude_none=True)
    return {name: value for name, value in content.items() if name in PUBLIC_MEMBERS}


@PerAlias
def get_key_set(alias: str) -> KeySet:
    """The keys of one Ory project, shared by the process."""
    settings = get_settings(alias)
    return KeySet(
        get_client(alias).discover_json_web_keys,
        wait_seconds=settings.timeout,
        max_age_seconds=settings.oauth2_keys_max_age_seconds,
        alias=alias,
    )


call_in_child(get_key_set.clear)  # the lock may have been held by a thread of the parent
