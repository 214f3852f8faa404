"""Invalidation of cached sessions, so that a change takes effect on the next request in every process."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

from django_ory.conf import DEFAULT_ALIAS

from .request import get_ory
from .resolver import get_resolver

__all__ = ["invalidate_current_session", "invalidate_identity"]


def invalidate_identity(identity_id: UUID | str, *, alias: str = DEFAULT_ALIAS, until: float = 0.0) -> bool:
    """Ignore all cached sessions of an identity, after a change in Ory that this app did not make.

    Args:
        identity_id: the id in Kratos.
        alias: the key in ``settings.ORY``.
        until: seconds since the epoch, if the change may be made until then; at most an hour ahead.

    Returns:
        False if the cache did not store it. Other processes may then use cached sessions for
        ``SESSION_CACHE_SECONDS``.

    """
    return get_resolver(alias).invalidate_identity(identity_id, until=until)


def invalidate_current_session(request: HttpRequest) -> bool:
    """Ignore the cached session of this request, which has ended in Kratos. Returns False as above."""
    ory = get_ory(request)
    if ory.credential is None:
        return True
    resolver, identity = get_resolver(ory.alias), ory.identity_if_loaded
    results = [resolver.invalidate(each) for each in ory.credential.candidates()]
    if identity is not None:
        results.append(resolver.invalidate_identity(identity.id))
    return all(results)
