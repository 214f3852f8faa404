"""Writes the rows that link new identities to their users."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, router, transaction

from django_ory.authentication.invalidation import invalidate_identity
from django_ory.models import Identity
from django_ory.signals import identity_linked, identity_synced
from django_ory.users.rows import get_rows, identity_columns

from .findings import ImportFinding
from .identity_creation import CreatedIdentity

__all__ = ["PasswordEnd", "link_identities"]

#: What becomes of the password in Django, after Kratos has its hash.
PasswordEnd = Literal["keep", "unusable"]


def link_identities(
    alias: str, created: Sequence[CreatedIdentity], *, requested_at: datetime, after: PasswordEnd
) -> dict[Any, ImportFinding]:
    """Write a row for each identity, linked to the user, and end the passwords in Django with ``unusable``.

    Args:
        alias: The key in ``settings.ORY``.
        created: Identities that exist in Kratos.
        requested_at: When they were requested.
        after: What becomes of the password in Django. Only passwords with a hash in Kratos end.

    Returns the findings by the key of the user: a row that could not be written, a changed password.
    """
    rows = [_build_row(alias, each, requested_at) for each in created]
    findings: dict[Any, ImportFinding] = {}
    try:
        with _transaction():
            get_rows().bulk_create(rows)
            findings |= _end_passwords(created, after)
    except IntegrityError:  # a row was created meanwhile, or a user deleted: one by one
        rows = []
        for each in created:
            try:
                with _transaction():
                    rows.append(_link_one(alias, each, requested_at))
                    findings |= _end_passwords([each], after)
            except IntegrityError:
                findings[each.prepared.user.pk] = ImportFinding(
                    code="row_not_written", details={"identity": each.identity.id}
                )
    for row in rows:
        identity_synced.send_robust(Identity, identity=row, created=True)
        identity_linked.send_robust(Identity, identity=row, user=row.user, created=False)
    for each in created:
        if each.is_found:  # it may have signed in before
            invalidate_identity(UUID(each.identity.id), alias=alias)
    return findings


def _build_row(alias: str, created: CreatedIdentity, requested_at: datetime) -> Identity:
    return Identity(
        alias=alias,
        identity_id=UUID(created.identity.id),
        user=created.prepared.user,
        synced_at=requested_at,
        **identity_columns(alias, created.identity),
    )


def _link_one(alias: str, created: CreatedIdentity, requested_at: datetime) -> Identity:
    """Create the row, or link the row that a sync or a sign-in has created. Raises IntegrityError."""
    new = _build_row(alias, created, requested_at)
    rows = get_rows().filter(alias=alias, identity_id=new.identity_id)
    if not rows.update(alias=alias):  # locks the row
        new.save(force_insert=True)
        return new
    row = rows.get()
    if row.user_id not in (None, created.prepared.user.pk):
        raise IntegrityError("the identity has another user")
    row.user = created.prepared.user
    row.save(update_fields=["user"])
    return row


def _end_passwords(created: Sequence[CreatedIdentity], after: PasswordEnd) -> dict[Any, ImportFinding]:
    """End the passwords that are still those of the import."""
    findings = {}
    users = get_user_model()._base_manager.using(router.db_for_write(Identity))
    for each in created:
        user = each.prepared.user
        if after == "unusable" and each.prepared.has_hash:
            unchanged = users.filter(pk=user.pk, password=user.password)
            if not unchanged.update(password=make_password(None)):
                findings[user.pk] = ImportFinding(code="password_changed")
    return findings


def _transaction() -> transaction.Atomic:
    return transaction.atomic(using=router.db_for_write(Identity))
