"""What Kratos said a moment ago, in Django's cache. Off unless ``SESSION_CACHE_SECONDS`` or the policy
"stale" says so.

An entry counts only if it is whole, was signed by us for this very key, is not over, and was asked for after
the last mark of its identity. A mark says "nothing from before this moment"; without any mark nothing is
believed, so a cache that drops entries can cost a call but never keeps a door open.

Only sessions are written to the cache. Anonymous results are kept in the process only, because anyone can
make up any number of credentials.
"""

from __future__ import annotations

import hashlib
import logging
import math
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django_ory.conf import PerAlias, get_settings
from django_ory.resilience.expiring_map import ExpiringMap
from django_ory.resilience.fail_safe_cache import Store
from django_ory.resilience.fork import call_in_child

from .entries import opened, sealed
from .results import SessionState, WhoamiResult

if TYPE_CHECKING:
    from uuid import UUID

    from django_ory.conf import OrySettings

    from .entries import Entry

__all__ = ["Memory", "Remembered", "memory_for"]

logger = logging.getLogger("django_ory")

#: Seconds that "nobody" is remembered at most: somebody may be about to sign in.
NEGATIVE_SECONDS = 5.0
#: Seconds that the clocks of two machines may differ: after a mark, that long nothing is remembered.
SKEW = 2.0
#: Seconds that a mark may lie ahead: a settings flow of Kratos lasts that long if nobody says otherwise.
MAX_AHEAD = 3600.0
#: Marks whose keys a process keeps in mind, to ask for them together with the entry.
MAX_HINTS = 10_000
#: Anonymous results that a process keeps.
MAX_ANONYMOUS = 1_000
#: Characters that an entry may have: what a cache refuses as too large looks as if the cache were down.
MAX_ENTRY = 250_000
PREFIX = "django_ory:2:"


class Remembered(NamedTuple):
    """An answer from the cache, and until when (seconds since the epoch) nobody need ask again."""

    answer: WhoamiResult
    fresh_until: float


class Memory:
    """The cache of one alias."""

    def __init__(self, settings: OrySettings) -> None:
        self.alias = settings.alias
        self.fresh_seconds = float(settings.session_cache_seconds)
        policies = {settings.when_unavailable_safe, settings.when_unavailable_unsafe}
        self.stale_seconds = float(settings.stale_seconds if "stale" in policies else 0)
        self.seconds = max(self.fresh_seconds, self.stale_seconds)
        self.is_on = self.seconds > 0  #: False if nothing is ever remembered
        self._mark_seconds = 2 * self.seconds + 60
        self._store = Store(settings.session_cache_alias)
        self._anonymous: ExpiringMap[Remembered] = ExpiringMap(max_size=MAX_ANONYMOUS)
        self._hints: dict[str, str] = {}  # fingerprint -> key of the mark; a guess, checked by the entry

    def recall(self, fingerprint: str) -> Remembered | None:
        """What is remembered of a credential; None if missing, over, outdated, damaged or not ours.

        One trip to the cache in the usual case: the key of the mark is known from last time.
        """
        if (anonymous := self._anonymous.get(fingerprint)) is not None:
            return anonymous
        key, hint = PREFIX + "who:" + fingerprint, self._hints.get(fingerprint)
        values = self._store.get_many([key, hint] if hint else [key])
        entry = opened(key, values.get(key))
        if entry is not None and self._is_believed(entry, fingerprint, hint, values):
            return Remembered(entry.answer(), entry.fresh_until)
        # A bar comes with a mark, so behind an entry that is believed there is none.
        if self._store.get(PREFIX + "bar:" + fingerprint) is None:
            return None
        return _barred()

    def remember(self, fingerprint: str, answer: WhoamiResult) -> None:
        """Remember what Kratos said, or, if that may not be kept, nothing of what it said before."""
        if answer.state is SessionState.UNAVAILABLE:
            return
        key = PREFIX + "who:" + fingerprint
        anonymous, stored = self._anonymous.get(fingerprint), opened(key, self._store.get(key))
        newer = anonymous.answer if anonymous else stored
        if newer is not None and newer.asked_at > answer.asked_at:
            return  # somebody asked after us and was answered first
        fresh, keep = self._lives(answer)
        self._anonymous.pop(fingerprint)
        if answer.session is None and fresh > 0:
            remembered = Remembered(answer._replace(from_cache=True), answer.asked_at + fresh)
            self._anonymous.set(fingerprint, remembered, seconds=fresh)
        if answer.session is None or keep <= 0:
            self._store.delete(key)
            return
        if answer.session.identity is not None:
            # Where there is no mark, one may have been lost: entries from before this call are ignored. It is
            # negative, because nothing was invalidated: results of concurrent calls stay valid.
            oldest = math.nextafter(answer.asked_at - SKEW, -math.inf)
            self._store.add(_mark_key(self.alias, answer.session.identity.id), -oldest, self._mark_seconds)
        entry = sealed(key, answer, fresh_until=answer.asked_at + fresh, keep_until=answer.asked_at + keep)
        if len(entry) > MAX_ENTRY:
            self._store.delete(key)
            return
        self._store.set(key, entry, keep)
        if self._store.get(PREFIX + "bar:" + fingerprint) is not None:
            self._store.delete(key)  # they signed out while Kratos was asked

    def is_outdated(self, answer: WhoamiResult) -> bool:
        """True if the identity was invalidated after this call to Kratos began."""
        if answer.session is None or answer.session.identity is None:
            return False
        mark = self._store.get(_mark_key(self.alias, answer.session.identity.id))
        return isinstance(mark, float) and _is_from_before(answer.asked_at, mark)

    def mark(self, identity_id: UUID | str, *, until: float = 0.0) -> bool:
        """Believe nothing about an identity that was asked before now, or before ``until`` (seconds since the
        epoch; an hour ahead at most) if that is later. Whether the cache took it.
        """
        return self._mark(str(identity_id), until) or self._complain()

    def bar(self, fingerprint: str, identity_id: str = "") -> bool:
        """Take a credential for nobody's until all that was remembered of it is over, and mark its identity,
        so that an entry which could not be deleted, or is written just now, is not believed. Whether the
        cache took it.

        A credential without a known identity is barred in this process only: anyone can make up credentials.
        """
        key, bar = PREFIX + "who:" + fingerprint, PREFIX + "bar:" + fingerprint
        entry = opened(key, self._store.get(key))
        identity_id = identity_id or (entry.identity_id if entry else "")
        if not identity_id and self._store.get(bar) is None:
            self._anonymous.set(fingerprint, _barred(), seconds=self._mark_seconds)
            return not self._store.is_bypassed or self._complain()
        told = [self._store.set(bar, True, self._mark_seconds, insist=True)]
        if identity_id:
            told.append(self._mark(identity_id))
        told.append(self._store.delete(key, insist=True))
        return all(told) or self._complain()

    def _mark(self, identity_id: str, until: float = 0.0) -> bool:
        """A mark never moves back: somebody's form may still be open."""
        key, now = _mark_key(self.alias, identity_id), time.time()
        before = self._store.get(key)
        moment = min(max(now, until, before if isinstance(before, float) else now), now + MAX_AHEAD)
        return self._store.set(key, moment, moment - now + self._mark_seconds, insist=True)

    def _is_believed(self, entry: Entry, fingerprint: str, hint: str | None, values: dict[str, Any]) -> bool:
        if not entry.identity_id:
            return True
        key = _mark_key(self.alias, entry.identity_id)
        if key == hint:
            mark = values.get(key)
        else:
            self._keep_hint(fingerprint, key)
            mark = self._store.get(key)
        return isinstance(mark, float) and not _is_from_before(entry.asked_at, abs(mark))

    def _lives(self, answer: WhoamiResult) -> tuple[float, float]:
        """For how many seconds an answer spares a call, and for how many it may stand in for one that fails.

        What everybody agrees to: the settings, Kratos, and the session's own end.
        """
        fresh, session = self.fresh_seconds, answer.session
        if answer.set_cookies or answer.state is SessionState.AAL2_REQUIRED:
            return 0.0, 0.0
        if answer.cache_for is not None:
            fresh = min(fresh, answer.cache_for)
        if session is None:
            fresh = min(fresh, NEGATIVE_SECONDS)
            return fresh, fresh
        keep = self.stale_seconds
        if session.expires_at is not None:
            left = session.expires_at.timestamp() - answer.asked_at - answer.clock_offset
            fresh, keep = min(fresh, left), min(keep, left)
        return fresh, max(fresh, keep)

    def _keep_hint(self, fingerprint: str, mark_key: str) -> None:
        if len(self._hints) >= MAX_HINTS:
            self._hints.clear()
        self._hints[fingerprint] = mark_key

    def _complain(self) -> bool:
        logger.warning(
            "The cache did not take a sign-out or a change of an identity. "
            "What other processes remember of it lives on for up to %d seconds.",
            self.seconds,
        )
        return False


@PerAlias
def memory_for(alias: str) -> Memory:
    """The memory of one alias in this process."""
    return Memory(get_settings(alias))


call_in_child(memory_for.clear)


def _barred() -> Remembered:
    nobody = WhoamiResult(state=SessionState.ANONYMOUS, asked_at=time.time(), from_cache=True, barred=True)
    return Remembered(nobody, fresh_until=math.inf)


@lru_cache(maxsize=MAX_HINTS)
def _mark_key(alias: str, identity_id: str) -> str:
    return PREFIX + "mark:" + hashlib.sha256(f"{alias}\0{identity_id.lower()}".encode()).hexdigest()


def _is_from_before(asked_at: float, mark: float) -> bool:
    return asked_at <= mark + SKEW
