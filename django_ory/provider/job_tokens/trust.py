"""The trust of Hydra in the issuer of one job and one user.

Each row of ``JobGrant`` has an issuer of its own: Hydra stores the keys of an issuer as one set, and deletes
a key for all subjects of the issuer together. The name has no slash, because Hydra 2.3 does not find such
sets.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from django_ory.client import OryConflict, OryError, OryNotFound
from django_ory.mirror.issuers import add_issuer, delete_issuer, list_issuers
from django_ory.models import JobGrant

if TYPE_CHECKING:  # needs PyJWT, which a revocation does not
    from .keys import SigningKey

__all__ = ["build_issuer_name", "end_trust", "ensure_trust", "renew_trust", "try_to_end_trust"]

logger = logging.getLogger("django_ory.provider")

#: How long Hydra trusts an issuer, and how long before the end the trust is renewed. Hydra 2.3 does not
#: check the end for assertions with a key id, so ``manage.py ory_trust_issuer`` deletes what is over.
TRUST_TIME = timedelta(days=30)
RENEWAL_TIME = timedelta(days=7)
JOB_TRUST_FIELDS = ("trust_id", "trust_kid", "trust_scope", "trust_expires_at")


def build_issuer_name(row: JobGrant) -> str:
    """Return the claim ``iss`` of a job."""
    return f"django-ory-job-{row.issuer_id}"


def ensure_trust(row: JobGrant, *, key: SigningKey) -> None:
    """Let Hydra trust the issuer of a row, with this key, for the scopes of the row.

    Raises OryError if Hydra failed. The call can be repeated.
    """
    now = timezone.now()
    is_current = (
        bool(row.trust_id)
        and row.trust_kid == key.kid
        and set(row.scope) <= set(row.trust_scope)
        and row.trust_expires_at is not None
        and row.trust_expires_at > now + RENEWAL_TIME
    )
    if is_current:
        return
    end_trust(row)
    trusted, expires_at = sorted(set(row.scope)), now + TRUST_TIME
    try:
        row.trust_id = _add(row, key=key, scopes=trusted, expires_at=expires_at)
    except OryConflict:  # an answer was lost, or another process was faster
        _delete_all(row)
        row.trust_id = _add(row, key=key, scopes=trusted, expires_at=expires_at)
    row.trust_kid, row.trust_scope, row.trust_expires_at = key.kid, trusted, expires_at
    _save(row)


def end_trust(row: JobGrant) -> None:
    """Let Hydra no longer trust the issuer of a row. Raises OryError if Hydra failed."""
    if row.trust_id:
        with suppress(OryNotFound):
            delete_issuer(row.alias, row.trust_id)
    row.trust_id, row.trust_kid, row.trust_scope, row.trust_expires_at = "", "", [], None
    _save(row)


def renew_trust(alias: str, *, key: SigningKey | None) -> dict[str, int]:
    """End the trust in revoked jobs, unused jobs and former keys; renew that in the others.

    Args:
        alias: The key in ``settings.ORY``.
        key: The key that signs; None to end the trust in all jobs.

    Returns the numbers of jobs that are ``trusted`` and ``ended``. Raises OryError if Hydra failed.
    """
    counts = {"trusted": 0, "ended": 0}
    oldest = timezone.now() - TRUST_TIME
    is_unused = Q(last_used_at__lt=oldest) | Q(last_used_at=None, created_at__lt=oldest)
    over = Q(revoked_at__isnull=False) | is_unused
    rows = JobGrant.objects.filter(alias=alias)
    for row in rows.exclude(trust_id="").filter(over if key else Q()):
        end_trust(row)
        counts["ended"] += 1
    if key is None:
        return counts
    for row in rows.exclude(over):
        ensure_trust(row, key=key)
        counts["trusted"] += 1
    return counts


def try_to_end_trust(row: JobGrant) -> None:
    """End the trust in a revoked job. A failure is only logged: this site issues no tokens for it anyway."""
    try:
        end_trust(row)
    except OryError as error:
        logger.warning(
            "Job %s is revoked, but Hydra (project %s) still trusts its issuer: %s. "
            "manage.py ory_trust_issuer will end that.",
            row.log_name,
            row.alias,
            error,
        )


def _add(row: JobGrant, *, key: SigningKey, scopes: list[str], expires_at: datetime) -> str:
    added = add_issuer(
        row.alias,
        issuer=build_issuer_name(row),
        jwk=key.public_jwk,
        expires_at=expires_at.astimezone(UTC),
        scope=scopes,
        subject=row.subject,
    )
    return added.id or ""


def _delete_all(row: JobGrant) -> None:
    for found in list_issuers(row.alias, page_size=100, issuer=build_issuer_name(row)).items:
        if found.issuer == build_issuer_name(row) and found.id:
            with suppress(OryNotFound):
                delete_issuer(row.alias, found.id)


def _save(row: JobGrant) -> None:
    # An update, not save(): the row may have been deleted in the meantime.
    JobGrant.objects.filter(pk=row.pk).update(**{name: getattr(row, name) for name in JOB_TRUST_FIELDS})
