"""Removes an identity from this site: its row, and its personal data in other rows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from django_ory.adapter import get_adapter
from django_ory.models import Identity, Invitation, JobGrant, WebhookDelivery

from .identity_rows import IDENTITY_MIRROR
from .personal_values import list_personal_values

__all__ = ["erase_identity"]

MAX_VERIFIED_ADDRESSES = 100  # of one identity; a query has a limited number of parameters


def erase_identity(alias: str, identity_id: UUID) -> bool:
    """Delete the row of an identity, and remove its personal data from the other tables of this site.

    - The admin's history keeps who did what and when. Names become the id, and messages with a value of the
      identity become empty.
    - Invitations that the identity has used, and those to one of its verified addresses, lose the address. An
      open one is revoked first: without an address it would be valid for everyone. Other texts of traits do
      not count: anyone could enter the address of another person and delete the account.
    - Web hook deliveries of the identity are deleted.
    - Jobs that act for the identity are revoked.

    Ory and the Django user are not changed. Values are only found if the row has them: an identity that was
    never synced, or without ``MIRROR_PERSONAL_DATA``, has none.

    Args:
        alias: The key in ``settings.ORY``.
        identity_id: The id in Kratos.

    Returns:
        Whether there was a row.
    """
    rows = IDENTITY_MIRROR.get_rows(alias).filter(identity_id=identity_id)
    row = rows.first()  # before the transaction: see store_row
    with transaction.atomic(using=rows.db):
        WebhookDelivery.objects.filter(alias=alias, identity_id=identity_id).delete()
        jobs = JobGrant.objects.filter(alias=alias, subject=get_adapter(alias).get_subject(str(identity_id)))
        jobs.filter(revoked_at=None).update(revoked_at=timezone.now())
        jobs.update(user=None)
        if row is None:
            return False
        values = list_personal_values(row)
        _clean_history(row, values)
        _clean_invitations(row)
        row.delete()
    return True


def _clean_history(row: Identity, values: list[str]) -> None:
    if not apps.is_installed("django.contrib.admin"):
        return
    from django.contrib.admin.models import LogEntry

    kind = ContentType.objects.get_for_model(Identity)
    for entry in LogEntry.objects.filter(content_type=kind, object_id=str(row.pk)):
        changes: dict[str, Any] = {}
        if entry.object_repr != row.log_name:
            changes["object_repr"] = row.log_name
        if any(value in entry.change_message for value in values):
            changes["change_message"] = ""
        if changes:
            LogEntry.objects.filter(pk=entry.pk).update(**changes)


def _clean_invitations(row: Identity) -> None:
    is_theirs = Q(used_by=row.label) if row.label else Q(pk__in=())
    for address in (row.data.get("verifiable_addresses") or [])[:MAX_VERIFIED_ADDRESSES]:
        value = address.get("value")
        if value and address.get("verified") is True:
            is_theirs |= Q(email__iexact=value) | Q(used_by__iexact=value)
    now = timezone.now()
    for invitation in Invitation.objects.filter(is_theirs, alias=row.alias):
        is_open = invitation.status == Invitation.Status.OPEN
        revoked_at = now if is_open else invitation.revoked_at
        Invitation.objects.filter(pk=invitation.pk).update(email="", used_by="", revoked_at=revoked_at)
