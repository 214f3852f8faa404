"""The usual case in one query, planned once: an identity whose row and user are as they were at the last
request.

Django's ORM spends more time on planning the same join again than a database on running it, and this runs on
every request of every signed-in person. Whatever is not as it was is left to ``users``.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db import connections, router

from django_ory.models import Identity

from .login_signal import is_announced

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.db.models import Model

    from django_ory.client.models import Session

    from .rows import Seen

__all__ = ["Known", "find_known_user"]

#: Columns of the identity's row that come along.
EXTRA = ("state", "user_digest", "recent_sessions")
_KEY = Identity._meta.get_field("identity_id")


class Known(NamedTuple):
    """``linked``: the identity has a user. ``user``: that user, if nothing is to be done but to let it in."""

    linked: bool
    user: AbstractBaseUser | None = None


def find_known_user(seen: Seen, session: Session) -> Known:
    """The user of an identity, if both are active, unchanged, and the session was announced before."""
    model, using = get_user_model(), router.db_for_read(Identity)
    if model._meta.parents:
        return Known(linked=True)  # its columns are in several tables: not the usual case
    connection = connections[using]
    plan = _plan(model, using)
    key = _KEY.get_db_prep_value(seen.key["identity_id"], connection)
    with connection.cursor() as cursor:
        cursor.execute(plan.statement, [seen.alias, key])
        row = cursor.fetchone()
    if row is None:
        return Known(linked=False)
    *values, state, digest, recent = row
    is_usual = (
        state == seen.state == Identity.State.ACTIVE
        and digest == seen.digest
        and is_announced(_parsed(recent), session)
    )
    if not is_usual:
        return Known(linked=True)
    for position, column in plan.converted:
        for convert in _converters(column, connection):
            values[position] = convert(values[position], column, connection)
    user = model.from_db(using, plan.names, values)
    return Known(linked=True, user=user if user.is_active else None)


class Plan(NamedTuple):
    """The statement for one user model on one database, and how its row becomes a user."""

    statement: str
    names: list[str]  #: attributes of the model, in the order of the columns
    converted: list[tuple[int, Any]]  #: columns whose values the database keeps in another form


@cache
def _plan(model: type[Model], using: str) -> Plan:
    connection = connections[using]
    quote = connection.ops.quote_name
    row, user = Identity._meta, model._meta
    pk: Any = user.pk
    fields = user.concrete_fields
    columns = [f"u.{quote(str(field.column))}" for field in fields]
    columns += [f"i.{quote(name)}" for name in EXTRA]
    # Every part of it is a name from the models' own definitions.
    statement = (
        f"SELECT {', '.join(columns)} FROM {quote(row.db_table)} i "  # noqa: S608
        f"INNER JOIN {quote(user.db_table)} u ON u.{quote(pk.column)} = i.{quote('user_id')} "
        f"WHERE i.{quote('alias')} = %s AND i.{quote('identity_id')} = %s"
    )
    cols = [(position, field.get_col(user.db_table)) for position, field in enumerate(fields)]
    converted = [(position, col) for position, col in cols if _converters(col, connection)]
    return Plan(statement, [field.attname for field in fields], converted)


def _converters(column: Any, connection: Any) -> list[Any]:
    """As Django's own queries apply them. Not kept: those of the database belong to one connection."""
    return [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]


def _parsed(value: Any) -> Any:
    """JSON as the database gave it: some parse it themselves."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return None
