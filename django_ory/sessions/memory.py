"""What Kratos said a moment ago, in Django's cache. Off unless ``SESSION_CACHE_SECONDS`` or the policy
"stale" says so.

An entry counts only if it is whole, was signed by us for this very key, is not over, and was asked for after
the last mark of its identity. A mark says "nothing from before this moment"; without any mark nothing is
believed, so a cache that drops entries can cost a call but never keeps a door open.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import pickle
import sys
import time
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings as django_settings
from django.core.cache import InvalidCacheBackendError, caches
from django.db import DatabaseError
from pydantic import ValidationError

from django_ory.client.models import Session
from django_ory.conf import PerAlias, get_settings

from .answers import Answer, State

if TYPE_CHECKING:
    from django.core.cache.backends.base import BaseCache

    from django_ory.conf import OrySettings

__all__ = ["Memory", "Remembered", "memory_for"]

#: Seconds that "nobody" is remembered at most: somebody may be about to sign in.
NEGATIVE_SECONDS = 5.0
#: Seconds that the clocks of two machines may differ: after a mark, that long nothing is remembered.
SKEW = 2.0
#: Marks whose keys a process keeps in mind, to ask for them together with the entry.
MAX_HINTS = 10_000
PREFIX = "django_ory:2:"


@dataclass(frozen=True, slots=True)
class Remembered:
    """An answer from the cache, and until when (seconds since the epoch) nobody need ask again."""

    answer: Answer
    fresh_until: float


class Memory:
    """The cache of one alias."""

    def __init__(self, settings: OrySettings) -> None:
        self.settings = settings
        policies = {settings.when_unavailable_safe, settings.when_unavailable_unsafe}
        self.stale_seconds = settings.stale_seconds if "stale" in policies else 0
        self.seconds = max(settings.session_cache_seconds, self.stale_seconds)
        self.is_on = self.seconds > 0  #: False if nothing is ever remembered
        self._hints: dict[str, str] = {}  # fingerprint -> key of the mark; a guess, checked by the entry

    def recall(self, fingerprint: str) -> Remembered | None:
        """What is remembered of a credential; None if missing, over, outdated, damaged or not ours.

        One trip to the cache in the usual case: the key of the mark is known from last time.
        """
        key, bar = PREFIX + "who:" + fingerprint, PREFIX + "bar:" + fingerprint
        hint = self._hints.get(fingerprint)
        values = self._get_many([key, bar, hint] if hint else [key, bar])
        if bar in values:
            nobody = Answer(state=State.ANONYMOUS, asked_at=time.time(), remembered=True)
            return Remembered(nobody, fresh_until=math.inf)
        entry = _opened(key, values.get(key))
        if entry is None or not entry.identity_id:
            return entry and entry.remembered()
        mark_key = _mark_key(self.settings.alias, entry.identity_id)
        if mark_key == hint:
            mark = values.get(hint)
        else:
            self._keep_hint(fingerprint, mark_key)
            mark = self._get(mark_key)
        if not isinstance(mark, float) or _is_from_before(entry.asked_at, mark):
            return None
        return entry.remembered()

    def remember(self, fingerprint: str, answer: Answer) -> None:
        """Remember an answer as long as everybody agrees to it: the settings, Kratos, and the session's own
        end.
        """
        if answer.set_cookies or answer.state not in (State.SIGNED_IN, State.ANONYMOUS):
            return
        fresh, keep = float(self.settings.session_cache_seconds), float(self.seconds)
        session = answer.session
        if answer.cache_for is not None:
            fresh = min(fresh, answer.cache_for)
        if session is None:
            fresh = keep = min(fresh, NEGATIVE_SECONDS)
        else:
            if session.expires_at is not None:
                left = session.expires_at.timestamp() - answer.asked_at - answer.clock_offset
                fresh, keep = min(fresh, left), min(keep, left)
            keep = max(fresh, min(keep, float(self.stale_seconds)))
        if keep <= 0:
            return
        if session is not None and session.identity is not None:
            # Where there is no mark, one may have been lost: what was asked before this is not believed.
            oldest = math.nextafter(answer.asked_at - SKEW, -math.inf)
            self._add(_mark_key(self.settings.alias, session.identity.id), oldest)
        key = PREFIX + "who:" + fingerprint
        self._set(key, _sealed(key, answer, answer.asked_at + fresh, answer.asked_at + keep), keep)

    def is_outdated(self, answer: Answer) -> bool:
        """True if the identity was marked after Kratos was asked."""
        if answer.session is None or answer.session.identity is None:
            return False
        mark = self._get(_mark_key(self.settings.alias, answer.session.identity.id))
        return isinstance(mark, float) and _is_from_before(answer.asked_at, mark)

    def mark(self, identity_id: str) -> None:
        """Believe nothing about an identity that was asked before now."""
        self._set(_mark_key(self.settings.alias, identity_id), time.time(), self._mark_seconds())

    def bar(self, fingerprint: str) -> None:
        """Take a credential for nobody's until everything that was remembered of it is over."""
        self._set(PREFIX + "bar:" + fingerprint, True, self._mark_seconds())

    def lock(self, fingerprint: str, seconds: float) -> bool:
        """True for the one process that may ask Kratos now; True as well if the cache does not work."""
        return self._add(PREFIX + "ask:" + fingerprint, 1, seconds) is not False

    def unlock(self, fingerprint: str) -> None:
        """Let others ask."""
        try:
            self._cache.delete(PREFIX + "ask:" + fingerprint)
        except _cache_errors():
            return

    def _mark_seconds(self) -> float:
        return 2 * self.seconds + 60

    def _keep_hint(self, fingerprint: str, mark_key: str) -> None:
        if len(self._hints) >= MAX_HINTS:
            self._hints.clear()
        self._hints[fingerprint] = mark_key

    @property
    def _cache(self) -> BaseCache:
        return caches[self.settings.session_cache_alias]

    def _get(self, key: str) -> Any:
        try:
            return self._cache.get(key)
        except _cache_errors():
            return None

    def _get_many(self, keys: list[str]) -> dict[str, Any]:
        try:
            return self._cache.get_many(keys)
        except _cache_errors():
            return {}

    def _set(self, key: str, value: Any, seconds: float) -> None:
        try:
            self._cache.set(key, value, max(1, round(seconds)))
        except _cache_errors():
            return

    def _add(self, key: str, value: Any, seconds: float | None = None) -> bool | None:
        try:
            return self._cache.add(key, value, max(1, round(seconds or self._mark_seconds())))
        except _cache_errors():
            return None


@PerAlias
def memory_for(alias: str) -> Memory:
    """The memory of one alias in this process."""
    return Memory(get_settings(alias))


@dataclass(frozen=True, slots=True)
class Entry:
    """What the cache holds, opened but not read: its body is the session as JSON."""

    state: State
    asked_at: float
    clock_offset: float
    fresh_until: float
    identity_id: str
    body: str

    def remembered(self) -> Remembered | None:
        """The answer in it; None if another version of this package wrote it in another way."""
        try:
            session = Session.model_validate_json(self.body) if self.body else None
        except ValidationError:
            return None
        answer = Answer(
            state=self.state,
            session=session,
            asked_at=self.asked_at,
            clock_offset=self.clock_offset,
            remembered=True,
        )
        return Remembered(answer, self.fresh_until)


@lru_cache(maxsize=MAX_HINTS)
def _mark_key(alias: str, identity_id: str) -> str:
    return PREFIX + "mark:" + hashlib.sha256(f"{alias}\0{identity_id}".encode()).hexdigest()


def _is_from_before(asked_at: float, mark: float) -> bool:
    return asked_at <= mark + SKEW


def _sealed(key: str, answer: Answer, fresh_until: float, keep_until: float) -> str:
    session = answer.session
    identity_id = session.identity.id if session and session.identity else ""
    times = [answer.asked_at, answer.clock_offset, fresh_until, keep_until]
    head = json.dumps([answer.state.value, *times, identity_id])
    # A token made by tokenize_as is a secret of its own and does not go into the cache.
    body = (
        session.model_dump_json(by_alias=True, exclude_unset=True, exclude={"tokenized"}) if session else ""
    )
    payload = f"{head}\n{body}"
    return f"{_seal(key, payload)}\n{payload}"


def _opened(key: str, value: Any) -> Entry | None:
    if not isinstance(value, str):
        return None
    seal, _, payload = value.partition("\n")
    if not hmac.compare_digest(_bytes(seal), _bytes(_seal(key, payload))):
        return None
    head, _, body = payload.partition("\n")
    try:
        name, asked_at, clock_offset, fresh_until, keep_until, identity_id = json.loads(head)
        entry = Entry(State(name), asked_at, clock_offset, fresh_until, identity_id, body)
        return entry if keep_until > time.time() else None  # the cache keeps whole seconds
    except (ValueError, TypeError):  # written by another version of this package
        return None


def _seal(key: str, payload: str) -> str:
    secret = _secret(django_settings.SECRET_KEY)
    return hmac.digest(secret, _bytes(f"{key}\0{payload}"), "sha256").hex()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # a poisoned entry may hold half a character


@lru_cache(maxsize=4)
def _secret(secret_key: str | bytes) -> bytes:
    raw = secret_key if isinstance(secret_key, bytes) else secret_key.encode()
    return hashlib.sha256(b"django_ory.sessions.memory\0" + raw).digest()


def _cache_errors() -> tuple[type[BaseException], ...]:
    """Everything by which cache backends say that they are down, or that an entry is no pickle of ours."""
    errors: list[type[BaseException]] = [
        *(OSError, ValueError, TypeError, AttributeError, ImportError, LookupError, EOFError),
        *(pickle.PickleError, zlib.error, RecursionError, DatabaseError, InvalidCacheBackendError),
    ]
    for module, name in (
        ("redis.exceptions", "RedisError"),
        ("pymemcache.exceptions", "MemcacheError"),
        ("pylibmc", "Error"),
    ):
        error = getattr(sys.modules.get(module), name, None)
        if isinstance(error, type) and issubclass(error, BaseException):
            errors.append(error)
    return tuple(errors)
