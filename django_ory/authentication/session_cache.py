"""Caches whoami results in Django's cache. Off unless ``SESSION_CACHE_SECONDS`` or the policy "stale" is set.

A cached session is used only if it is signed by this site for its key, has not expired, and was looked up
after the last invalidation of its identity. Without a stored invalidation time it is ignored, so evictions
only cause extra calls.

Only sessions are written to Django's cache. Anonymous results are kept in the process, because clients can
make up any number of credentials.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import math
import time
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings as django_settings
from django.utils.encoding import force_bytes

from django_ory.client.models import Session
from django_ory.client.models.read_only import make_read_only
from django_ory.conf import OrySettings
from django_ory.resilience.expiring_map import ExpiringMap
from django_ory.resilience.fail_safe_cache import FailSafeCache

from .results import SessionState, WhoamiResult

logger = logging.getLogger("django_ory")

#: Seconds that an anonymous result is cached at most, because the user may be about to sign in.
MAX_ANONYMOUS_SECONDS = 5.0
#: Seconds that the clocks of two machines may differ. So long nothing is cached after an invalidation.
MAX_SKEW_SECONDS = 2.0
#: Seconds that an invalidation may be ahead. A settings flow of Kratos lasts that long by default.
MAX_AHEAD_SECONDS = 3600.0
#: Entries that a process keeps verified and parsed. Larger ones are parsed for each request: users choose the
#: size of a session, and a list of empty lists has thirty times the size of its JSON.
MAX_KNOWN_ENTRIES = 1_000
MAX_KNOWN_LENGTH = 8_192  # in characters
MAX_KNOWN_VALUES = 500
#: Anonymous results that a process keeps.
MAX_ANONYMOUS_RESULTS = 1_000
#: Characters of an entry. Caches reject larger ones as if they were down.
MAX_ENTRY_LENGTH = 250_000
PREFIX = "django_ory:3:"


class SessionCache:
    """The session cache of one Ory project. Keys are fingerprints of credentials."""

    def __init__(self, settings: OrySettings) -> None:
        policies = (settings.when_unavailable_safe, settings.when_unavailable_unsafe)
        self._alias = settings.alias
        self._fresh_seconds = float(settings.session_cache_seconds)
        self._stale_seconds = float(settings.stale_seconds if "stale" in policies else 0)
        self._seconds = max(self._fresh_seconds, self._stale_seconds)
        self.is_enabled = self._seconds > 0
        self._store = FailSafeCache(settings.session_cache_alias)
        self._anonymous: ExpiringMap[WhoamiResult] = ExpiringMap(max_size=MAX_ANONYMOUS_RESULTS)
        #: Fingerprint -> entry that was verified and parsed. It counts only while the cache has this text.
        self._known: dict[str, _Entry] = {}

    def get(self, fingerprint: str, *, stale: bool = False) -> WhoamiResult | None:
        """Return the cached result, or None.

        ``stale``: also a session that is older than ``SESSION_CACHE_SECONDS``, but not than
        ``STALE_SECONDS``.
        """
        if (anonymous := self._anonymous.get(fingerprint)) is not None:
            return anonymous
        # One trip to the cache in the usual case: the second key is known from the last request.
        key, known = _entry_key(fingerprint), self._known.get(fingerprint)
        values = self._store.get_many([key, known.invalidation_key] if known else [key])
        text = values.get(key)
        entry = known if known is not None and known.text == text else self._verify(key, text)
        if entry is None or (entry.keep_until if stale else entry.fresh_until) <= time.time():
            return None
        if known is not None and known.invalidation_key == entry.invalidation_key:
            invalidated_at = values.get(entry.invalidation_key)
        else:
            invalidated_at = self._store.get(entry.invalidation_key)
        if not isinstance(invalidated_at, float) or _is_before(entry.asked_at, invalidated_at):
            return None
        if entry is known:
            return known.result
        try:
            session = make_read_only(Session.model_validate_json(entry.body))
        except ValueError:  # written by another version of this package
            return None
        result = WhoamiResult(
            state=SessionState.SIGNED_IN,
            session=session,
            asked_at=entry.asked_at,
            clock_offset=entry.clock_offset,
            from_cache=True,
        )
        return self._keep(fingerprint, entry, result) if _is_small(entry.body) else result

    def _keep(self, fingerprint: str, entry: _Entry, result: WhoamiResult) -> WhoamiResult:
        """Keep a result for the next requests, with the digest that their users are looked up by."""
        from django_ory.users.rows import build_user_digest  # models: not before the apps are ready

        if result.session is not None and result.session.identity is not None:
            result = result._replace(user_digest=build_user_digest(result.session.identity))
        if len(self._known) >= MAX_KNOWN_ENTRIES:
            self._known.clear()
        self._known[fingerprint] = entry._replace(body="", result=result)
        return result

    def set(self, fingerprint: str, result: WhoamiResult) -> None:
        """Cache a result. One that may not be cached removes the former one."""
        if result.state is SessionState.UNAVAILABLE:
            return
        key = _entry_key(fingerprint)
        former = self._anonymous.get(fingerprint) or self._verify(key, self._store.get(key))
        if former is not None and former.asked_at > result.asked_at:
            return  # a later call got its response first
        fresh, keep = self._get_lifetimes(result)
        self._anonymous.pop(fingerprint)
        session = result.session
        if session is None:
            if fresh > 0:
                self._anonymous.set(fingerprint, result._replace(from_cache=True), seconds=fresh)
            self._store.delete(key)
            return
        identity_id = session.identity.id if session.identity else ""
        times = [result.asked_at, result.clock_offset, result.asked_at + fresh, result.asked_at + keep]
        # A token made by tokenize_as is a secret of its own and is not cached.
        body = session.model_dump_json(by_alias=True, exclude_unset=True, exclude={"tokenized"})
        payload = json.dumps([identity_id, *times]) + "\n" + body
        entry = _sign(key, payload) + "\n" + payload
        if keep <= 0 or len(entry) > MAX_ENTRY_LENGTH:
            self._store.delete(key)
            return
        # An evicted invalidation time could have been as late as this call, so earlier entries are ignored.
        # It is negative, because it invalidates no result of a call that is in progress.
        earliest = math.nextafter(result.asked_at - MAX_SKEW_SECONDS, -math.inf)
        invalidation_key = _invalidation_key(self._alias, identity_id)
        if not self._store.add(invalidation_key, -earliest, self._invalidation_seconds):
            invalidated_at = self._store.get(invalidation_key)
            if not isinstance(invalidated_at, float) or _is_before(result.asked_at, invalidated_at):
                return  # it would be ignored, and would replace an entry of another process that is not
        self._store.set(key, entry, keep)

    def delete(self, fingerprint: str) -> bool:
        """Delete an entry and invalidate its identity. Returns False as ``invalidate_identity`` does."""
        key = _entry_key(fingerprint)
        self._anonymous.pop(fingerprint)
        entry = self._verify(key, self._store.get(key))
        is_invalidated = entry is None or self._invalidate(entry.invalidation_key)
        return (self._store.delete(key, force=True) or self._warn()) and is_invalidated

    def invalidate_identity(self, identity_id: UUID | str, *, until: float = 0.0) -> bool:
        """Ignore all results about an identity from before now, or before ``until`` if that is later.

        Args:
            until: seconds since the epoch, at most an hour ahead. An earlier invalidation that reaches
                further stays.

        Returns:
            False if the cache did not store it. It is logged.

        """
        return self._invalidate(_invalidation_key(self._alias, str(identity_id)), until=until)

    def is_outdated(self, result: WhoamiResult) -> bool:
        """Return whether the identity of a result was invalidated after the call began."""
        if result.session is None or result.session.identity is None:
            return False
        invalidated_at = self._store.get(_invalidation_key(self._alias, result.session.identity.id))
        return isinstance(invalidated_at, float) and result.asked_at <= invalidated_at + MAX_SKEW_SECONDS

    def _invalidate(self, key: str, *, until: float = 0.0) -> bool:
        now, before = time.time(), self._store.get(key)
        moment = min(max(now, until, before if isinstance(before, float) else now), now + MAX_AHEAD_SECONDS)
        seconds = moment - now + self._invalidation_seconds
        return self._store.set(key, moment, seconds, force=True) or self._warn()

    @property
    def _invalidation_seconds(self) -> float:
        """Longer than any entry lives."""
        return 2 * self._seconds + 60

    def _verify(self, key: str, text: Any) -> _Entry | None:
        """Return the entry that was read under a key; None if it is expired, damaged or not signed."""
        if not isinstance(text, str):
            return None
        signature, _, payload = text.partition("\n")
        if not hmac.compare_digest(_encode(signature), _encode(_sign(key, payload))):
            return None
        head, _, body = payload.partition("\n")
        try:
            identity_id, *times = json.loads(head)
            asked_at, clock_offset, fresh_until, keep_until = map(float, times)
            invalidation_key = _invalidation_key(self._alias, identity_id)
        except (ValueError, TypeError, AttributeError, OverflowError):  # written by another version
            return None
        if keep_until <= time.time():  # caches keep whole seconds
            return None
        return _Entry(text, body, invalidation_key, asked_at, clock_offset, fresh_until, keep_until)

    def _get_lifetimes(self, result: WhoamiResult) -> tuple[float, float]:
        """Return for how many seconds a result replaces a call, and for how many one that fails.

        Both end with the session, and with the limit that Kratos set.
        """
        fresh, session = self._fresh_seconds, result.session
        if result.set_cookies or result.state is SessionState.AAL2_REQUIRED:
            return 0.0, 0.0
        if result.cache_for is not None:
            fresh = min(fresh, result.cache_for)
        if session is None:
            return min(fresh, MAX_ANONYMOUS_SECONDS), 0.0
        keep = self._stale_seconds
        if session.expires_at is not None:
            left = session.expires_at.timestamp() - result.asked_at - result.clock_offset
            fresh, keep = min(fresh, left), min(keep, left)
        return fresh, max(fresh, keep)

    def _warn(self) -> bool:
        logger.warning(
            "Cache %r did not store the invalidation of a session. "
            "Other processes may use the session for up to %d seconds.",
            self._store.name,
            self._seconds,
        )
        return False


class _Entry(NamedTuple):
    """A cache entry of this site. Times are in seconds since the epoch."""

    text: str
    body: str  #: the session as JSON; "" if there is a result
    invalidation_key: str
    asked_at: float
    clock_offset: float
    fresh_until: float  #: until then it replaces a call
    keep_until: float  #: until then it replaces a call that fails
    result: WhoamiResult | None = None  #: with the parsed session, which requests share


def _is_small(body: str) -> bool:
    """Whether a process may keep the parsed session. Every value is at a comma or an opening bracket."""
    values = body.count(",") + body.count("[") + body.count("{")
    return len(body) <= MAX_KNOWN_LENGTH and values <= MAX_KNOWN_VALUES


def _sign(key: str, payload: str) -> str:
    message = _encode(f"django_ory.session_cache\0{key}\0{payload}")
    return hmac.digest(force_bytes(django_settings.SECRET_KEY), message, "sha256").hex()


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # a manipulated entry may have unpaired surrogates


def _is_before(asked_at: float, invalidated_at: float) -> bool:
    return asked_at <= abs(invalidated_at) + MAX_SKEW_SECONDS


def _entry_key(fingerprint: str) -> str:
    return f"{PREFIX}session:{fingerprint}"


@lru_cache(maxsize=MAX_KNOWN_ENTRIES)
def _invalidation_key(alias: str, identity_id: str) -> str:
    digest = hashlib.sha256(f"{alias}\0{identity_id.lower()}".encode()).hexdigest()
    return f"{PREFIX}invalidated:{digest}"
