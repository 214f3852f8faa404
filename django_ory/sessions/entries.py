"""What the cache holds of an answer: signed by us for one key, as others may be able to write there, too."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from pydantic import ValidationError

from django_ory.client.models import Session

from .answers import Answer, State

__all__ = ["Entry", "opened", "sealed"]


#: Entries that a process keeps checked, and how long one may be to be kept.
MAX_CHECKED = 512
MAX_LENGTH = 65_536


class Entry(NamedTuple):
    """What the cache holds, checked but not parsed: its body is the session as JSON."""

    state: State
    asked_at: float
    clock_offset: float
    fresh_until: float
    keep_until: float
    identity_id: str
    body: str

    def answer(self) -> Answer | None:
        """The answer in it; None if another version of this package wrote it in another way.

        Parsed each time: what a view does to its session is no other request's.
        """
        try:
            session = Session.model_validate_json(self.body) if self.body else None
        except ValidationError:
            return None
        return Answer(
            state=self.state,
            session=session,
            asked_at=self.asked_at,
            clock_offset=self.clock_offset,
            remembered=True,
        )


def sealed(key: str, answer: Answer, *, fresh_until: float, keep_until: float) -> str:
    """What to write under a key. Both times in seconds since the epoch."""
    session = answer.session
    identity_id = session.identity.id if session and session.identity else ""
    times = [answer.asked_at, answer.clock_offset, fresh_until, keep_until]
    head = json.dumps([answer.state.value, *times, identity_id])
    # A token made by tokenize_as is a secret of its own and does not go into the cache.
    body = (
        session.model_dump_json(by_alias=True, exclude_unset=True, exclude={"tokenized"}) if session else ""
    )
    payload = f"{head}\n{body}"
    return f"{_seal(_secret(settings.SECRET_KEY), key, payload)}\n{payload}"


def opened(key: str, value: Any) -> Entry | None:
    """The entry that was read under a key; None if it is over, damaged or not ours."""
    if not isinstance(value, str):
        return None
    check = _checked if len(value) <= MAX_LENGTH else _checked.__wrapped__
    entry = check(_secret(settings.SECRET_KEY), key, value)
    if entry is None or entry.keep_until <= time.time():  # caches keep whole seconds
        return None
    return entry


@lru_cache(maxsize=MAX_CHECKED)
def _checked(secret: bytes, key: str, value: str) -> Entry | None:
    """Kept, because the same text comes back with every request."""
    seal, _, payload = value.partition("\n")
    if not hmac.compare_digest(_bytes(seal), _bytes(_seal(secret, key, payload))):
        return None
    head, _, body = payload.partition("\n")
    try:
        name, *times, identity_id = json.loads(head)
        asked_at, clock_offset, fresh_until, keep_until = map(float, times)
        return Entry(State(name), asked_at, clock_offset, fresh_until, keep_until, identity_id, body)
    except (ValueError, TypeError):  # written by another version of this package
        return None


def _seal(secret: bytes, key: str, payload: str) -> str:
    return hmac.digest(secret, _bytes(f"{key}\0{payload}"), "sha256").hex()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # a poisoned entry may hold half a character


@lru_cache(maxsize=4)
def _secret(secret_key: str | bytes) -> bytes:
    raw = secret_key if isinstance(secret_key, bytes) else secret_key.encode()
    return hashlib.sha256(b"django_ory.sessions.memory\0" + raw).digest()
