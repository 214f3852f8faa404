"""Deletes accounts: in Kratos with all sessions, in Hydra with all consents, then the Django user.

A row of ``AccountDeletion`` is written first and deleted last. Each step in between can be repeated, so an
interrupted deletion is continued from the row: by the user, or by ``ory_delete_due_accounts``.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, router, transaction
from django.db.models import QuerySet
from django.utils import timezone

from django_ory.adapter import get_adapter
from django_ory.client import OryNotFound
from django_ory.clients import get_client
from django_ory.mirror.identities import delete_identity, set_identity_state
from django_ory.models import AccountDeletion, Identity
from django_ory.models.rows import store_row
from django_ory.signals import account_deleted

__all__ = [
    "DeletionIncomplete",
    "DeletionState",
    "cancel_deletion",
    "continue_deletion",
    "list_unfinished_deletions",
    "request_deletion",
]

logger = logging.getLogger("django_ory.accounts")


class DeletionIncomplete(Exception):
    """A step failed after the account was deactivated. Repeat ``continue_deletion``.

    The text is for operators and has no personal data.
    """


class DeletionState(Enum):
    """The result of ``continue_deletion``."""

    DELETED = "deleted"
    SCHEDULED = "scheduled"  #: deactivated, and not due yet
    CANCELED = "canceled"  #: the account was activated again, in Kratos or in the admin


def request_deletion(
    identity_id: UUID | str, *, user: AbstractBaseUser | None, grace: timedelta, alias: str
) -> AccountDeletion:
    """Store the request of a signed-in user. Nothing is changed in Ory; call ``continue_deletion`` next.

    An earlier request of this identity is replaced: its user is signed in, so the account is active.
    """
    now = timezone.now()
    values: dict[str, Any] = {
        "user": user,
        "requested_at": now,
        "due_at": now + grace,
        "deactivated_at": None,
        "started_at": None,
    }
    key: dict[str, Any] = {"alias": alias, "identity_id": UUID(str(identity_id))}
    rows = AccountDeletion.objects.all()
    try:
        store_row(rows, key, values)
    except IntegrityError:  # another process has just deleted the user
        store_row(rows, key, {**values, "user": None})
    row = rows.get(**key)
    logger.info(
        "Account deletion requested: identity %s (project %s), due %s.",
        row.identity_id,
        alias,
        row.due_at.isoformat(timespec="seconds"),
    )
    return row


def continue_deletion(row: AccountDeletion) -> DeletionState:
    """Do the steps of a deletion that are not done yet, and those that are due.

    Returns the state afterwards.

    Raises:
        OryError: a call failed. The row is kept; repeat the call.
        DeletionIncomplete: sessions or consents could not be ended, or the adapter failed. The row is kept;
            repeat the call.
    """
    try:
        row.refresh_from_db()
    except AccountDeletion.DoesNotExist:
        return DeletionState.CANCELED
    if row.deactivated_at is None:
        if not _deactivate(row):
            return DeletionState.CANCELED
    elif _is_active(row):
        _delete_row(row)
        logger.info("Account deletion canceled: identity %s is active again.", row.identity_id)
        return DeletionState.CANCELED
    if row.due_at > timezone.now():
        return DeletionState.SCHEDULED
    # From here on, cancel_deletion has no effect. It deletes the row only before.
    if not AccountDeletion.objects.filter(pk=row.pk).update(started_at=timezone.now()):
        return DeletionState.CANCELED
    if not delete_identity(row.alias, row.identity_id).has_ended_sessions:
        raise DeletionIncomplete("The identity is deleted, but not all consents in Hydra were revoked.")
    _close_user(row)
    return DeletionState.DELETED


def cancel_deletion(row: AccountDeletion) -> bool:
    """Activate the account again, and delete the request. Sessions and consents have ended and stay so.

    Returns False if the deletion has begun, or if the identity does not exist. Raises OryError if Kratos
    fails; the request is kept then.
    """
    current = AccountDeletion.objects.filter(pk=row.pk, requested_at=row.requested_at, started_at=None)
    if not current.exists():
        return False
    try:
        # Kratos first: without a row, the account would stay inactive.
        set_identity_state(row.alias, row.identity_id, Identity.State.ACTIVE)
    except OryNotFound:
        return False
    is_canceled, _rows = current.delete()
    if is_canceled:
        logger.info("Account deletion canceled: identity %s (project %s).", row.identity_id, row.alias)
    return bool(is_canceled)


def end_restore_link(identity_id: UUID | str, *, alias: str) -> None:
    """Make the link in the mail invalid, before staff deactivate the account. The deletion goes on."""
    rows = AccountDeletion.objects.filter(alias=alias, identity_id=UUID(str(identity_id)))
    rows.update(requested_at=timezone.now())  # the link is for the request of one moment


def list_unfinished_deletions(alias: str) -> QuerySet[AccountDeletion]:
    """Return the deletions that are due, and those that were interrupted before the deactivation."""
    rows = AccountDeletion.objects.filter(alias=alias)
    return rows.filter(due_at__lte=timezone.now()) | rows.filter(deactivated_at=None)


def _deactivate(row: AccountDeletion) -> bool:
    """Deactivate the identity and end its sessions, so that no new session or consent can begin.

    Returns False if the request was canceled in the meantime; the identity is active again then.
    """
    with suppress(OryNotFound):  # deleted by an interrupted deletion, or in Kratos
        change = set_identity_state(row.alias, row.identity_id, Identity.State.INACTIVE)
        if not change.has_ended_sessions:
            raise DeletionIncomplete("The identity is inactive, but not all of its sessions were ended.")
    row.deactivated_at = timezone.now()
    if AccountDeletion.objects.filter(pk=row.pk).update(deactivated_at=row.deactivated_at):
        return True
    with suppress(OryNotFound):
        set_identity_state(row.alias, row.identity_id, Identity.State.ACTIVE)
    return False


def _is_active(row: AccountDeletion) -> bool:
    """Return whether the identity was activated after the request."""
    try:
        identity = get_client(row.alias).admin_get_identity(str(row.identity_id))
    except OryNotFound:
        return False
    return identity.state == Identity.State.ACTIVE


def _close_user(row: AccountDeletion) -> None:
    """Apply the policy of the adapter to the Django user, and delete the row, in one transaction.

    Raises DeletionIncomplete, and keeps the row, if the adapter raises.
    """
    user = row.user  # before the transaction: see store_row
    with transaction.atomic(using=router.db_for_write(AccountDeletion)):
        if not _delete_row(row):
            return  # another process has finished
        if user is not None and not Identity.objects.filter(user=user).exists():
            try:
                get_adapter(row.alias).close_user(user)
            except Exception as error:  # close_user is the project's; its errors may contain personal data
                name = type(error).__name__
                raise DeletionIncomplete(f"close_user of the adapter raised {name}.") from error
    logger.info("Account deleted: identity %s (project %s).", row.identity_id, row.alias)
    account_deleted.send_robust(AccountDeletion, alias=row.alias, identity_id=row.identity_id, user=user)


def _delete_row(row: AccountDeletion) -> bool:
    deleted, _rows = AccountDeletion.objects.filter(pk=row.pk).delete()
    return bool(deleted)
