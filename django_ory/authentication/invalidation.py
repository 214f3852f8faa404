"""Dropping what is remembered, so that a change takes effect on the next request, in every process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django_ory.conf import DEFAULT_ALIAS

from .request import get_ory
from .resolver import drop_flights
from .session_cache import memory_for

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

__all__ = ["invalidate_current_session", "invalidate_identity"]


def invalidate_identity(identity_id: UUID | str, *, alias: str = DEFAULT_ALIAS, until: float = 0.0) -> bool:
    """Let no answer about this identity be used that Kratos gave before now, or before ``until`` (seconds
    since the epoch) if a change may come until then.

    False if the cache did not take it: what other processes remember lives on for ``SESSION_CACHE_SECONDS``.
    """
    memory = memory_for(alias)
    return not memory.is_on or memory.mark(identity_id, until=until)


def invalidate_current_session(request: HttpRequest) -> bool:
    """Let no answer about this request's credential be used again: it is signing out. False as above."""
    ory = get_ory(request)
    memory = memory_for(ory.alias)
    if ory.credential is None or not memory.is_on:
        return True
    identity_id = ory.identity_if_loaded.id if ory.identity_if_loaded else ""
    barred = True
    for credential in ory.credential.candidates():
        fingerprint = credential.fingerprint(ory.alias)
        barred &= memory.bar(fingerprint, identity_id)
        drop_flights(fingerprint)
    return barred
