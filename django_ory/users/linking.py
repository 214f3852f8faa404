"""Links identities to Django users and keeps the user's fields up to date.

All writes happen under a lock on the identity's row: an UPDATE that changes nothing. Unlike ``SELECT ... FOR
UPDATE``, this works on every database that Django supports. On SQLite the database is locked at the start of
the transaction.
"""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import DataError, IntegrityError, router, transaction
from django.db.models import F

from django_ory.adapter import OryAdapter, get_adapter
from django_ory.client import models as ory
from django_ory.models import Identity
from django_ory.resilience.log_throttle import throttled_log
from django_ory.signals import identity_linked, identity_synced
from django_ory.traits import get_trait
from django_ory.user_fields import clear_removed_fields, find_filled_fields

from .link_failures import MissingUsername, describe_error, explain_failure
from .rows import IdentitySnapshot, get_rows, identity_columns

logger = logging.getLogger("django_ory")

#: Of two requests that create the same user, the second finds the user of the first at its next attempt.
MAX_ATTEMPTS = 3


class EmailNotVerified(Exception):
    """The identity gets no user before its e-mail address is verified in Kratos."""


def is_outdated(row: Identity, snapshot: IdentitySnapshot) -> bool:
    """Return whether the snapshot is newer than the row and its user, and different."""
    if row.user_synced_at is not None and snapshot.database_time <= row.user_synced_at:
        return False
    return row.user_digest != snapshot.digest or row.state != snapshot.state


def link_user(snapshot: IdentitySnapshot) -> Identity | None:
    """Find or create the user of an identity that has none.

    Returns the row; None if the identity gets no user. Raises EmailNotVerified.
    """
    identity, adapter = snapshot.identity, get_adapter(snapshot.alias)
    failure_key = ("no user", snapshot.alias, identity.id, snapshot.digest)
    if failure_key in throttled_log:
        return None  # failed less than a minute ago
    found = adapter.find_user(identity)
    if found is None:
        if adapter.needs_verified_email(identity):
            logger.info(
                "No Django user for identity %s until its e-mail address is verified in Kratos: a user with "
                "this address exists.",
                identity.id,
            )
            raise EmailNotVerified
        if not adapter.is_open_for_signup(identity):
            return None
    failure: Exception
    for _attempt in range(MAX_ATTEMPTS):
        try:
            with _transaction():
                row, is_created = _link_locked(adapter, snapshot, found)
        except (IntegrityError, DataError) as error:
            failure = error
        except MissingUsername as error:
            failure = error
            break
        else:
            if is_created is not None:
                identity_linked.send_robust(Identity, identity=row, user=row.user, created=is_created)
            return row
    reason, remedy = explain_failure(adapter, identity, failure)
    throttled_log.warn(
        logger,
        failure_key,
        "Could not create a Django user for identity %s: %s. %s",
        identity.id,
        reason,
        remedy,
    )
    return None


def sync_user(snapshot: IdentitySnapshot) -> Identity | None:
    """Write the changes of an identity to its row and its user.

    Returns the row; None for a row that was deleted meanwhile.
    """
    with _transaction():
        row = _lock(snapshot)
        if row is None or row.user is None or not is_outdated(row, snapshot):
            return row
        try:
            with _transaction():
                _save_user(get_adapter(snapshot.alias), row, row.user, snapshot.identity)
        except (IntegrityError, DataError) as error:
            logger.warning(
                "Could not update the Django user of identity %s: %s.",
                snapshot.identity.id,
                describe_error(row.user, error),
            )
            row.user.refresh_from_db()
        _save_row(row, snapshot)
    identity_synced.send_robust(Identity, identity=row, created=False)
    return row


def relink_identity(row: Identity, user: AbstractBaseUser | None) -> Identity:
    """Link an identity to another user, or to none, as staff decided. Returns the updated row.

    The user's fields are updated at the next request of the identity. Its password and Django sessions stay.
    Raises IntegrityError if the user has another identity of this project.
    """
    rows = get_rows().filter(pk=row.pk)
    with _transaction():
        rows.update(alias=row.alias)  # locks the row
        row = rows.get()
        row.user = user  # type: ignore[assignment]
        row.user_synced_at, row.user_digest, row.filled_fields, row.recent_sessions = None, "", [], []
        row.save(update_fields=["user", "user_synced_at", "user_digest", "filled_fields", "recent_sessions"])
    if user is not None:
        identity_linked.send_robust(Identity, identity=row, user=user, created=False)
    return row


def _link_locked(
    adapter: OryAdapter, snapshot: IdentitySnapshot, found: AbstractBaseUser | None
) -> tuple[Identity, bool | None]:
    """Return the row, and whether its user is new; None if another request linked the identity meanwhile."""
    row = _lock(snapshot) or _create_row(snapshot)
    if row.user is not None:
        return row, None
    if found is not None:
        found = _lock_user(adapter, snapshot.identity, found)
    user: Any = found or adapter.new_user(snapshot.identity)
    if not user.get_username():
        raise MissingUsername
    disables_password = found is not None and not adapter.has_verified_email(found)
    _save_user(adapter, row, user, snapshot.identity, disables_password=disables_password)
    row.user = user
    _save_row(row, snapshot)
    return row, found is None


def _lock_user(
    adapter: OryAdapter, identity: ory.Identity, found: AbstractBaseUser
) -> AbstractBaseUser | None:
    """Lock the existing user to link. Returns None for a user that must not be linked any more."""
    type(found)._default_manager.filter(pk=found.pk).update(password=F("password"))
    again = adapter.find_user(identity)
    if again != found or get_rows().filter(alias=adapter.alias, user_id=found.pk).exists():
        return None
    return again


def _lock(snapshot: IdentitySnapshot) -> Identity | None:
    rows = get_rows().filter(**snapshot.key)
    return rows.get() if rows.update(alias=snapshot.alias) else None


def _create_row(snapshot: IdentitySnapshot) -> Identity:
    """Insert the row; if another request is faster, wait for that request and return its row."""
    try:
        with _transaction():
            return get_rows().create(**snapshot.key)
    except IntegrityError:
        row = _lock(snapshot)
        if row is None:
            raise
        return row


def _save_row(row: Identity, snapshot: IdentitySnapshot) -> None:
    if row.synced_at is None or snapshot.database_time > row.synced_at:  # never over a later response
        for name, value in identity_columns(row.alias, snapshot.identity).items():
            setattr(row, name, value)
        row.synced_at, row.missing_since = snapshot.database_time, None
    row.user_synced_at, row.user_digest = snapshot.database_time, snapshot.digest
    row.save()


def _save_user(
    adapter: OryAdapter,
    row: Identity,
    user: AbstractBaseUser,
    identity: ory.Identity,
    *,
    disables_password: bool = False,
) -> None:
    """Write only the fields that the adapter changed: another request may be changing other fields."""
    mapping, filled = adapter.settings.user_fields, set(row.filled_fields or [])
    if user._state.adding:
        user.save()
    else:
        before = _get_values(user)
        clear_removed_fields(user, identity.traits, mapping, filled=filled)
        adapter.populate_user(user, identity)
        if disables_password:
            user.set_unusable_password()  # ends the user's Django sessions, too
        changed = [name for name, value in _get_values(user).items() if before.get(name) != value]
        if changed:
            user.save(update_fields=changed)
    present = {name for name in filled if get_trait(identity.traits, mapping.get(name, "")) is not None}
    row.filled_fields = sorted(present | find_filled_fields(user, identity.traits, mapping))
    adapter.grant(user, identity)


def _get_values(user: AbstractBaseUser) -> dict[str, Any]:
    deferred = user.get_deferred_fields()
    names = {f.attname: f.name for f in user._meta.concrete_fields if not f.primary_key}
    return {name: getattr(user, attname) for attname, name in names.items() if attname not in deferred}


def _transaction() -> transaction.Atomic:
    return transaction.atomic(using=router.db_for_write(Identity))
