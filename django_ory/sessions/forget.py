"""Dropping what is remembered, so that a change takes effect on the next request, in every process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .memory import memory_for
from .request import get_ory
from .resolver import flights

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

__all__ = ["forget_identity", "forget_request"]


def forget_identity(alias: str, identity_id: UUID | str) -> None:
    """Let no answer about this identity be used that Kratos gave before now."""
    memory = memory_for(alias)
    if memory.is_on:
        memory.mark(str(identity_id))


def forget_request(request: HttpRequest) -> None:
    """Let no answer about this request's credential be used again: it is signing out."""
    ory = get_ory(request)
    memory = memory_for(ory.alias)
    if ory.credential is not None and memory.is_on:
        fingerprint = ory.credential.fingerprint(ory.alias)
        memory.bar(fingerprint)
        for fresh in (False, True):
            flights.drop(f"{fingerprint}:{fresh}")
