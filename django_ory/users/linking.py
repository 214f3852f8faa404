"""Writing the link between an identity and its Django user, under a lock on the identity's row.

The lock is an UPDATE that changes nothing: unlike ``SELECT ... FOR UPDATE`` it works on every database of
Django's, and on SQLite it makes the transaction a writing one from its first statement.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.db import DataError, IntegrityError, router, transaction
from django.db.models import F

from django_ory.adapter import get_adapter
from django_ory.models import Identity
from django_ory.resilience.log_throttle import once_per_window
from django_ory.signals import identity_linked, identity_synced
from django_ory.traits import get_trait
from django_ory.user_fields import clear_removed_fields, find_filled_fields

from .link_failures import MissingUsername, describe_error, explain_failure
from .login_signal import add_session, is_announced
from .rows import Seen, identity_columns

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

    from django_ory.adapter import OryAdapter
    from django_ory.client import models as ory

__all__ = ["EmailNotVerified", "announce_session", "is_behind", "link_user", "relink_identity", "sync_user"]

logger = logging.getLogger("django_ory")

#: Two requests that make the same user wait for each other, and the second finds it. A third try is no race
#: any more.
ATTEMPTS = 3


class EmailNotVerified(Exception):
    """The identity gets no user before its e-mail address is verified in Kratos."""


def is_behind(row: Identity, seen: Seen) -> bool:
    """True if Kratos says something else than what the row and its user were made from, and says it later."""
    if row.user_synced_at is not None and seen.at <= row.user_synced_at:
        return False
    return row.user_digest != seen.digest or row.state != seen.state


def link_user(seen: Seen) -> Identity | None:
    """Find or make the user of an identity that has none.

    Returns the row; None if the identity gets no user. Raises EmailNotVerified.
    """
    identity = seen.identity
    adapter = get_adapter(seen.alias)
    cause = ("no user", seen.alias, identity.id, seen.digest)
    if cause in once_per_window:
        return None  # it did not work a moment ago
    found = adapter.find_user(identity)
    if found is None:
        if adapter.needs_verified_email(identity):
            logger.info(
                "Identity %s gets no Django user until its e-mail address is verified in Kratos: a user with "
                "this address exists.",
                identity.id,
            )
            raise EmailNotVerified
        if not adapter.is_open_for_signup(identity):
            return None
    failure: Exception
    for _attempt in range(ATTEMPTS):
        try:
            with transaction.atomic(using=_database()):
                row, created = _link_locked(adapter, seen, found)
        except (IntegrityError, DataError) as error:
            failure = error
        except MissingUsername as error:
            failure = error
            break
        else:
            if created is not None:
                identity_linked.send_robust(Identity, identity=row, user=row.user, created=created)
            return row
    reason, remedy = explain_failure(adapter, identity, failure)
    once_per_window.warn(
        logger, cause, "Could not create a Django user for identity %s: %s. %s", identity.id, reason, remedy
    )
    return None


def sync_user(seen: Seen) -> Identity | None:
    """Take over what Kratos changed, into the row and its user. Returns the row, None if it has gone
    meanwhile.
    """
    with transaction.atomic(using=_database()):
        row = _lock(seen)
        if row is None or row.user is None or not is_behind(row, seen):
            return row
        try:
            with transaction.atomic(using=_database()):
                _save_user(get_adapter(seen.alias), row, row.user, seen.identity)
        except (IntegrityError, DataError) as error:
            logger.warning(
                "The user of identity %s keeps its fields: %s.",
                seen.identity.id,
                describe_error(row.user, error),
            )
            row.user.refresh_from_db()
        _save_row(row, seen)
    identity_synced.send_robust(Identity, identity=row, created=False)
    return row


def relink_identity(row: Identity, user: AbstractBaseUser | None) -> Identity:
    """Link an identity to another user, or to none, as staff decided. Returns the updated row.

    The user's fields follow at the next request of the identity. Its password and Django sessions stay.
    Raises IntegrityError if the user has another identity of this project.
    """
    rows = Identity.objects.using(_database()).filter(pk=row.pk)
    with transaction.atomic(using=_database()):
        rows.update(alias=row.alias)  # the lock
        row = rows.get()
        row.user = user  # type: ignore[assignment]
        row.user_synced_at, row.user_digest, row.filled_fields, row.recent_sessions = None, "", [], []
        row.save(update_fields=["user", "user_synced_at", "user_digest", "filled_fields", "recent_sessions"])
    if user is not None:
        identity_linked.send_robust(Identity, identity=row, user=user, created=False)
    return row


def announce_session(row: Identity, session: ory.Session) -> bool:
    """Note that ``user_logged_in`` is about to be sent for this session. False if another process was
    quicker.
    """
    rows = Identity.objects.using(_database()).filter(pk=row.pk)
    with transaction.atomic(using=_database()):
        rows.update(alias=row.alias)
        recent = rows.values_list("recent_sessions", flat=True).first()
        if is_announced(recent, session):
            return False
        return bool(rows.update(recent_sessions=add_session(recent, session)))


def _link_locked(
    adapter: OryAdapter, seen: Seen, found: AbstractBaseUser | None
) -> tuple[Identity, bool | None]:
    """Returns the row, and whether its user is new; None if another request has linked it meanwhile."""
    row = _lock(seen) or _create_row(seen)
    if row.user is not None:
        return row, None
    if found is not None:
        found = _lock_user(adapter, seen.identity, found)
    user: Any = found or adapter.new_user(seen.identity)
    if not user.get_username():
        raise MissingUsername
    disables_password = found is not None and not adapter.has_verified_email(found)
    _save_user(adapter, row, user, seen.identity, disables_password=disables_password)
    row.user = user
    _save_row(row, seen)
    return row, found is None


def _lock_user(
    adapter: OryAdapter, identity: ory.Identity, found: AbstractBaseUser
) -> AbstractBaseUser | None:
    """Lock the existing user to link. Returns None if the user must not be linked any more."""
    type(found)._default_manager.filter(pk=found.pk).update(password=F("password"))
    again = adapter.find_user(identity)
    others = Identity.objects.using(_database()).filter(alias=adapter.alias)
    if again != found or others.filter(user_id=found.pk).exists():
        return None
    return again


def _lock(seen: Seen) -> Identity | None:
    rows = Identity.objects.using(_database()).filter(**seen.key)
    return rows.get() if rows.update(alias=seen.alias) else None


def _create_row(seen: Seen) -> Identity:
    """Insert the row; when another request was quicker, wait for it (the database does) and take its row."""
    try:
        with transaction.atomic(using=_database()):
            return Identity.objects.using(_database()).create(**seen.key)
    except IntegrityError:
        row = _lock(seen)
        if row is None:
            raise
        return row


def _save_row(row: Identity, seen: Seen) -> None:
    if row.synced_at is None or seen.at > row.synced_at:  # never over a later answer
        for name, value in identity_columns(row.alias, seen.identity).items():
            setattr(row, name, value)
        row.synced_at, row.missing_since = seen.at, None
    row.user_synced_at, row.user_digest = seen.at, seen.digest
    row.save()


def _save_user(
    adapter: OryAdapter,
    row: Identity,
    user: AbstractBaseUser,
    identity: ory.Identity,
    *,
    disables_password: bool = False,
) -> None:
    """Write only the fields that the adapter changed: another request may be changing the others."""
    mapping, filled = adapter.settings.user_fields, set(row.filled_fields or [])
    if user._state.adding:
        user.save()
    else:
        before = _values(user)
        clear_removed_fields(user, identity.traits, mapping, filled=filled)
        adapter.populate_user(user, identity)
        if disables_password:
            user.set_unusable_password()  # ends the user's Django sessions, too
        changed = [name for name, value in _values(user).items() if before.get(name) != value]
        if changed:
            user.save(update_fields=changed)
    present = {name for name in filled if get_trait(identity.traits, mapping.get(name, "")) is not None}
    row.filled_fields = sorted(present | find_filled_fields(user, identity.traits, mapping))
    adapter.grant(user, identity)


def _values(user: AbstractBaseUser) -> dict[str, Any]:
    deferred = user.get_deferred_fields()
    names = {f.attname: f.name for f in user._meta.concrete_fields if not f.primary_key}
    return {name: getattr(user, attname) for attname, name in names.items() if attname not in deferred}


def _database() -> str:
    return router.db_for_write(Identity)
