"""Deletes rows that have been missing in Ory for long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from .clients import CLIENT_MIRROR
from .erasure import erase_identity
from .identity_rows import IDENTITY_MIRROR

__all__ = ["PruneReport", "prune_rows"]


@dataclass(frozen=True, kw_only=True)
class PruneReport:
    """The number of deleted rows of one alias, and of the identities that were kept for their users."""

    alias: str
    identities: int
    clients: int
    kept: int
    dry_run: bool = False


def prune_rows(
    alias: str, *, missing_for: timedelta, include_linked: bool = False, dry_run: bool = False
) -> PruneReport:
    """Delete the rows that complete syncs have not found in Ory for a time. Ory is not called.

    Args:
        alias: The key in ``settings.ORY``.
        missing_for: The time since a sync has marked a row.
        include_linked: Also delete rows that are linked to a Django user. The user is kept, but this site
            no longer knows which identity it belonged to.
        dry_run: Only count.
    """
    until = timezone.now() - missing_for
    identities = IDENTITY_MIRROR.get_rows(alias).filter(missing_since__lte=until)
    unlinked = identities if include_linked else identities.filter(user=None)
    clients = CLIENT_MIRROR.get_rows(alias).filter(missing_since__lte=until)
    kept = 0 if include_linked else identities.exclude(user=None).count()
    if dry_run:
        counts = unlinked.count(), clients.count()
    else:
        keys = list(unlinked.values_list("identity_id", flat=True))
        counts = sum(_erase_if_missing(alias, key) for key in keys), clients.delete()[0]
    return PruneReport(alias=alias, identities=counts[0], clients=counts[1], kept=kept, dry_run=dry_run)


def _erase_if_missing(alias: str, identity_id: UUID) -> bool:
    """Erase an identity, unless a sync or a login has found it in the meantime."""
    rows = IDENTITY_MIRROR.get_rows(alias).filter(identity_id=identity_id)
    return rows.exclude(missing_since=None).exists() and erase_identity(alias, identity_id)
