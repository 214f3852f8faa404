"""The result of a sync."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

__all__ = ["SyncReport"]


@dataclass(kw_only=True)
class SyncReport:
    """The changes that a sync made to the rows of one alias, or would make with ``dry_run``.

    Attributes:
        alias: The key in ``settings.ORY``.
        seen: The number of resources that were read.
        created, updated, unchanged: The number of rows.
        missing: The number of rows that this sync marked.
        unreadable: Ids of resources that could not be read, "" for each without a valid id.
        failed: Ids of resources whose rows could not be written. The log has the reasons.
        complete: False if the sync stopped before the end of the list, so no row was marked as missing. The
            next sync continues after the last page.
        dry_run: Nothing was written.
        continued_from: The start of the interrupted sync that this one continued. The counts are those of
            the rest.
        changed_since: Only identities with a session since then were read; None for a complete sync.
        seconds: The duration.
        waited_seconds: The part of ``seconds`` that was waited because of Ory's rate limit.

    """

    alias: str
    seen: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    missing: int = 0
    unreadable: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    complete: bool = True
    dry_run: bool = False
    continued_from: datetime | None = None
    changed_since: datetime | None = None
    seconds: float = 0.0
    waited_seconds: float = 0.0
