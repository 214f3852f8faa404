"""Dropping what is remembered, so that a change takes effect on the next request, in every process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .request import get_ory
from .resolver import drop_flights
from .session_cache import memory_for

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

__all__ = ["forget_identity", "forget_request"]


def forget_identity(alias: str, identity_id: UUID | str, *, until: float = 0.0) -> bool:
    """Let no answer about this identity be used that Kratos gave before now, or before ``until`` (seconds
    since the epoch) if a change may come until then.

    False if the cache did not take it: what other processes remember lives on for ``SESSION_CACHE_SECONDS``.
    """
    memory = memory_for(alias)
    return not memory.is_on or memory.mark(identity_id, until=until)


def forget_request(request: HttpRequest) -> bool:
    """Let no answer about this request's credential be used again: it is signing out. False as above."""
    ory = get_ory(request)
    memory = memory_for(ory.alias)
    if ory.credential is None or not memory.is_on:
        return True
    identity_id = ory.known_identity.id if ory.known_identity else ""
    barred = True
    for credential in ory.credential.candidates():
        fingerprint = credential.fingerprint(ory.alias)
        barred &= memory.bar(fingerprint, identity_id)
        drop_flights(fingerprint)
    return barred
