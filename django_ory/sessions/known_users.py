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

from .announced import is_announced

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.db.models import Model

    from django_ory.client.models import Session

    from .identity_rows import Seen

__all__ = ["Known", "find_known_user"]

#: Columns of the identity's row that come along, under names that no user model has.
EXTRA = {
    "state": "ory_row_state",
    "user_digest": "ory_row_user_digest",
    "recent_sessions": "ory_row_recent_sessions",
}


class Known(NamedTuple):
    """``linked``: the identity has a user. ``user``: that user, if nothing is to be done but to let it in."""

    linked: bool
    user: AbstractBaseUser | None = None


def find_known_user(seen: Seen, session: Session) -> Known:
    """The user of an identity, if both are active, unchanged, and the session was announced before."""
    model, using = get_user_model(), router.db_for_read(Identity)
    if model._meta.parents:
        return Known(linked=True)  # its columns are in several tables: not the usual case
    field = Identity._meta.get_field("identity_id")
    key = field.get_db_prep_value(seen.key["identity_id"], connections[using])
    rows = model._base_manager  # noqa: SLF001 (documented; the default one may hide people)
    for user in rows.raw(_statement(model, using), [seen.alias, key], using=using):
        state, digest, recent = (user.__dict__.pop(name) for name in EXTRA.values())
        is_usual = (
            user.is_active
            and state == seen.state == Identity.State.ACTIVE
            and digest == seen.digest
            and is_announced(_parsed(recent), session)
        )
        return Known(linked=True, user=user if is_usual else None)
    return Known(linked=False)


@cache
def _statement(model: type[Model], using: str) -> str:
    quote = connections[using].ops.quote_name
    row, user = Identity._meta, model._meta
    pk: Any = user.pk
    columns = [f"u.{quote(str(field.column))}" for field in user.concrete_fields]
    columns += [f"i.{quote(name)} AS {quote(alias)}" for name, alias in EXTRA.items()]
    # Every part of it is a name from the models' own definitions.
    return (
        f"SELECT {', '.join(columns)} FROM {quote(row.db_table)} i "  # noqa: S608
        f"INNER JOIN {quote(user.db_table)} u ON u.{quote(pk.column)} = i.{quote('user_id')} "
        f"WHERE i.{quote('alias')} = %s AND i.{quote('identity_id')} = %s"
    )


def _parsed(value: Any) -> Any:
    """JSON as the database gave it: some parse it themselves."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return None
