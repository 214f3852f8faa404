"""Finds the Django user of an identity: one query if nothing has changed since the last request.

Sends ``user_logged_in`` once per Kratos session; the identity's row lists these sessions. Sessions that the
list no longer contains are older than all sessions of the list, so older sessions count as sent. Otherwise
the signal would be sent again for each request of a user with many devices.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in
from django.db import connections, router, transaction
from django.db.models import F
from django.http import HttpRequest

from django_ory.client import models as ory
from django_ory.models import Identity

from .linking import EmailNotVerified, is_outdated, link_user, sync_user
from .rows import IdentitySnapshot, get_rows

BACKEND = "django_ory.backends.OryBackend"

#: Sessions per identity.
MAX_SESSIONS = 50

RecentSessions = list[list[str]]  #: [session id, time of sign-in as ISO 8601 in UTC], oldest first

_IDENTITY_ID = Identity._meta.get_field("identity_id")
_RECENT: Any = Identity._meta.get_field("recent_sessions")
#: Columns of the identity's row that the query for the user returns, under these names.
ROW_COLUMNS = {
    "_ory_state": F("ory_identities__state"),
    "_ory_digest": F("ory_identities__user_digest"),
    "_ory_sessions": F("ory_identities__recent_sessions"),
}


@dataclass(frozen=True, slots=True)
class UserAccess:
    """The Django user of an identity, or the reason why there is none.

    ``blocked``: there is a user that may not sign in. ``needs_verified_email``: there is no
    user until the e-mail address of the identity is verified.
    """

    user: AbstractBaseUser | None = None
    blocked: bool = False
    needs_verified_email: bool = False


NO_USER = UserAccess()
NEEDS_VERIFIED_EMAIL = UserAccess(needs_verified_email=True)


def resolve_user(
    identity: ory.Identity,
    *,
    alias: str,
    requested_at: float | None = None,
    session: ory.Session | None = None,
    request: HttpRequest | None = None,
    digest: str = "",
) -> UserAccess:
    """Return the Django user of an identity from Kratos. Create, link or update the user if necessary.

    Args:
        alias: the key of the Ory project in ``settings.ORY``.
        requested_at: when the identity was requested, in seconds since the epoch. Default: now.
        session: the Kratos session. ``user_logged_in`` is sent for a new session.
        request: for that signal.
        digest: the result of ``build_user_digest``, if known.
    """
    requested_at = time.time() if requested_at is None else requested_at
    snapshot = IdentitySnapshot(alias, identity, requested_at, digest)
    user, is_current = _find_linked_user(snapshot, session)
    if user is not None and is_current:
        user.backend = BACKEND  # as authenticate() does
        return UserAccess(user)
    try:
        row = link_user(snapshot) if user is None else _get_row(snapshot)
    except EmailNotVerified:
        return NEEDS_VERIFIED_EMAIL
    if row is None:
        return NO_USER
    access = _check_user(row, snapshot)
    if access.user is not None and session is not None:
        send_login_signal(row, access.user, session, request)
    return access


def _find_linked_user(
    snapshot: IdentitySnapshot, session: ory.Session | None
) -> tuple[AbstractBaseUser | None, bool]:
    """Return the linked user, and whether the user may sign in without a further query.

    That is the case if identity and user are active and unchanged, and the login signal was sent.
    """
    linked = fetch_linked_user(snapshot.identity.id, alias=snapshot.alias)
    if linked is None:
        return None, False
    is_current = (
        linked.is_active
        and (snapshot.identity.state or Identity.State.ACTIVE) == Identity.State.ACTIVE
        and linked.digest == snapshot.digest
        and (session is None or is_login_signal_sent(linked.recent_sessions, session))
    )
    return linked.user, is_current


class LinkedUser(NamedTuple):
    """The Django user of an identity, and columns of the identity's row."""

    user: AbstractBaseUser
    is_active: bool  #: both the user and the identity
    digest: str
    recent_sessions: Any


def fetch_linked_user(identity_id: str, *, alias: str) -> LinkedUser | None:
    """Return the linked user of an identity, which must be a UUID, without a call to Kratos."""
    model, using = get_user_model(), router.db_for_read(Identity)
    query, connection = _get_query(model, using), connections[using]
    key = _IDENTITY_ID.get_db_prep_value(identity_id, connection)
    with connection.cursor() as cursor:
        cursor.execute(query.sql, [alias, key])
        row = cursor.fetchone()
    if row is None:
        return None
    *values, state, digest, recent = row
    recent = _RECENT.from_db_value(recent, None, connection)
    for position, column in query.converted:
        for convert in (*connection.ops.get_db_converters(column), *column.get_db_converters(connection)):
            values[position] = convert(values[position], column, connection)
    user = model.from_db(using, query.names, values)
    return LinkedUser(user, user.is_active and state == Identity.State.ACTIVE, digest, recent)


class UserQuery(NamedTuple):
    """The query for the user of an identity, for one user model and database."""

    sql: str  #: parameters: alias, identity id
    names: list[str]  #: attributes of the user, in the order of the columns
    converted: list[tuple[int, Any]]  #: columns with values that Django converts


@cache
def _get_query(model: type[AbstractBaseUser], using: str) -> UserQuery:
    """Compile the query once. Every request of a signed-in user runs this query, and compiling takes longer
    than executing. ``Manager.raw()`` takes twice as long.

    Uses Django's internal SQL compiler. Converters are not kept, because they belong to one connection.
    """
    connection, fields = connections[using], model._meta.concrete_fields
    users: Any = model._base_manager.using(using)
    users = users.filter(ory_identities__alias="", ory_identities__identity_id=UUID(int=0))
    users = users.annotate(**ROW_COLUMNS)
    columns = [field.get_col(field.model._meta.db_table) for field in fields]
    return UserQuery(
        sql=users.query.get_compiler(using).as_sql()[0],
        names=[field.attname for field in fields],
        converted=[
            (position, column)
            for position, column in enumerate(columns)
            if connection.ops.get_db_converters(column) or column.get_db_converters(connection)
        ],
    )


def _get_row(snapshot: IdentitySnapshot) -> Identity | None:
    row = Identity.objects.select_related("user").defer("data").filter(**snapshot.key).first()
    if row is None or row.user is None:  # meanwhile
        return link_user(snapshot)
    return sync_user(snapshot) if is_outdated(row, snapshot) else row


def _check_user(row: Identity, snapshot: IdentitySnapshot) -> UserAccess:
    user = row.user
    if user is None:
        return NO_USER
    # The row may have been deactivated after this identity was requested.
    is_active = snapshot.state == Identity.State.ACTIVE and row.state != Identity.State.INACTIVE
    if not (user.is_active and is_active):
        return UserAccess(blocked=True)
    user.backend = BACKEND
    return UserAccess(user)


def send_login_signal(
    row: Identity, user: AbstractBaseUser, session: ory.Session, request: HttpRequest | None
) -> None:
    """Send ``user_logged_in``, unless this process or another has sent the signal for this session."""
    if is_login_signal_sent(row.recent_sessions, session):
        return
    rows = get_rows().filter(pk=row.pk)
    with transaction.atomic(using=rows.db):
        rows.update(alias=row.alias)  # locks the row
        recent = rows.values_list("recent_sessions", flat=True).first()
        if recent is None or is_login_signal_sent(recent, session):
            return
        rows.update(recent_sessions=add_session(recent, session))
    user_logged_in.send(sender=user.__class__, request=request, user=user)


def is_login_signal_sent(recent: RecentSessions, session: ory.Session) -> bool:
    """Return whether the signal was sent for this session."""
    if session.id in [entry[0] for entry in recent]:
        return True
    return len(recent) >= MAX_SESSIONS and _signed_in_at(session) <= recent[0][1]


def add_session(recent: RecentSessions, session: ory.Session) -> RecentSessions:
    """Return the list with this session, shortened to the newest ``MAX_SESSIONS``."""
    entries = [*recent, [session.id, _signed_in_at(session)]]
    return sorted(entries, key=lambda entry: entry[1])[-MAX_SESSIONS:]


def _signed_in_at(session: ory.Session) -> str:
    at = session.authenticated_at or session.issued_at or datetime.fromtimestamp(0, UTC)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="microseconds")
