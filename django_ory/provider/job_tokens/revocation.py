"""Revokes jobs. Does not need PyJWT."""

from __future__ import annotations

from django.utils import timezone

from django_ory.models import JobGrant
from django_ory.provider.audit import record_event

from .trust import try_to_end_trust

__all__ = ["revoke_job"]


def revoke_job(row: JobGrant) -> None:
    """Revoke a job for good. Its last token is valid for at most five minutes.

    The row is written first, and decides: a failure of Hydra is only logged. Records ``grant.revoked``,
    unless the job was revoked before.
    """
    is_changed = JobGrant.objects.filter(pk=row.pk, revoked_at=None).update(revoked_at=timezone.now())
    try_to_end_trust(row)
    if is_changed:
        record_event(
            "grant.revoked",
            alias=row.alias,
            client_id=row.client_id,
            subject=row.subject,
            user=row.user,
            scope=row.scope,
            audience=row.audience,
            reason=f"job:{row.job}",
        )
