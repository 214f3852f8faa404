"""Cache entries of answers, signed for their key: others may be able to write to the cache."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings

from django_ory.client.models import Session

from .copies import copier, count_values
from .results import SessionState, WhoamiResult

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Entry", "opened", "sealed"]


#: Entries that a process keeps parsed, and how large one may be: characters of its text, and values in it, as
#: a text of brackets takes 70 times its size when it is parsed.
MAX_KEPT = 512
MAX_LENGTH = 8_192
MAX_VALUES = 250


class Entry(NamedTuple):
    """A verified and parsed cache entry."""

    state: SessionState
    asked_at: float
    clock_offset: float
    fresh_until: float
    keep_until: float
    identity_id: str
    session: Callable[[], Session] | None

    def answer(self) -> WhoamiResult:
        """Return the cached answer, with a session of its own: requests never share one."""
        return WhoamiResult(
            state=self.state,
            session=self.session() if self.session else None,
            asked_at=self.asked_at,
            clock_offset=self.clock_offset,
            from_cache=True,
        )


def sealed(key: str, answer: WhoamiResult, *, fresh_until: float, keep_until: float) -> str:
    """Return the text to store under a key. Both times are seconds since the epoch."""
    session = answer.session
    times = [answer.asked_at, answer.clock_offset, fresh_until, keep_until]
    head = json.dumps([answer.state.value, *times, _identity_id(session)])
    # A token made by tokenize_as is a secret of its own and does not go into the cache.
    body = (
        session.model_dump_json(by_alias=True, exclude_unset=True, exclude={"tokenized"}) if session else ""
    )
    payload = f"{head}\n{body}"
    return f"{_seal(_secret(settings.SECRET_KEY), key, payload)}\n{payload}"


def opened(key: str, value: Any) -> Entry | None:
    """Return the entry that was read under a key; None if it is expired, damaged or not signed by us."""
    if not isinstance(value, str):
        return None
    secret = _secret(settings.SECRET_KEY)
    try:
        entry = _parsed(secret, key, value) if len(value) <= MAX_LENGTH else _parse(secret, key, value)
    except _TooManyValuesError as error:
        entry = error.entry
    if entry is None or entry.keep_until <= time.time():  # caches keep whole seconds
        return None
    return entry


class _TooManyValuesError(Exception):
    """The entry is not kept: ``lru_cache`` keeps no exceptions."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry


@lru_cache(maxsize=MAX_KEPT)
def _parsed(secret: bytes, key: str, value: str) -> Entry | None:
    """Kept, because the same text is read with every request. Copies cost a third of parsing it again."""
    entry = _parse(secret, key, value)
    if entry is None or entry.session is None:
        return entry
    session = entry.session()
    if count_values(session.model_dump(exclude_unset=True)) > MAX_VALUES:
        raise _TooManyValuesError(entry)
    try:
        return entry._replace(session=copier(session))
    except RecursionError:  # nested too deep for copies
        raise _TooManyValuesError(entry) from None


def _parse(secret: bytes, key: str, value: str) -> Entry | None:
    seal, _, payload = value.partition("\n")
    if not hmac.compare_digest(_bytes(seal), _bytes(_seal(secret, key, payload))):
        return None
    head, _, body = payload.partition("\n")
    try:
        name, *times, identity_id = json.loads(head)
        asked_at, clock_offset, fresh_until, keep_until = map(float, times)
        session = Session.model_validate_json(body) if body else None
        if identity_id != _identity_id(session):
            return None
        make = (lambda: session) if session else None
        return Entry(SessionState(name), asked_at, clock_offset, fresh_until, keep_until, identity_id, make)
    except (ValueError, TypeError, OverflowError):  # written by another version of this package
        return None


def _identity_id(session: Session | None) -> str:
    return session.identity.id if session and session.identity else ""


def _seal(secret: bytes, key: str, payload: str) -> str:
    return hmac.digest(secret, _bytes(f"{key}\0{payload}"), "sha256").hex()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # a poisoned entry may hold half a character


@lru_cache(maxsize=4)
def _secret(secret_key: str | bytes) -> bytes:
    raw = secret_key if isinstance(secret_key, bytes) else secret_key.encode()
    return hashlib.sha256(b"django_ory.authentication.session_cache\0" + raw).digest()
