"""From an identity to its Django user, by the link in ``models.Identity``: one query when nothing has
changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth.signals import user_logged_in

from django_ory.models import Identity

from .announced import is_announced
from .identity_rows import identity_key
from .linking import announce_session, is_newer, link_user, sync_user

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest

    from django_ory.client import models as ory

__all__ = ["BACKEND", "NOBODY", "Entrance", "entrance_for_session", "user_for_identity"]

BACKEND = "django_ory.backends.OryBackend"


@dataclass(frozen=True, slots=True)
class Entrance:
    """The Django side of a session. ``shut_out``: there is a user, and it may not come in."""

    user: AbstractBaseUser | None = None
    shut_out: bool = False


NOBODY = Entrance()


def user_for_identity(alias: str, identity: ory.Identity) -> AbstractBaseUser | None:
    """The Django user of an identity that Kratos vouches for, made or brought up to date if need be.

    None if the identity or the user is inactive, or if there is no user for it.
    """
    row = _row(alias, identity)
    return _admit(row, identity).user if row else None


def entrance_for_session(request: HttpRequest | None, alias: str, session: ory.Session) -> Entrance:
    """The same for a Kratos session. ``user_logged_in`` is sent when it is seen for the first time."""
    identity = session.identity
    row = _row(alias, identity) if identity else None
    if row is None or identity is None:
        return NOBODY
    entrance = _admit(row, identity)
    user = entrance.user
    if user and not is_announced(row.recent_sessions, session) and announce_session(row, session):
        user_logged_in.send(sender=user.__class__, request=request, user=user)
    return entrance


def _row(alias: str, identity: ory.Identity) -> Identity | None:
    rows = Identity.objects.select_related("user").defer("data")
    row = rows.filter(**identity_key(alias, identity)).first()
    if row is None or row.user is None:
        return link_user(alias, identity)
    if is_newer(identity, row.user_synced_at):
        return sync_user(alias, identity)
    return row


def _admit(row: Identity, identity: ory.Identity) -> Entrance:
    user = row.user
    if user is None:
        return NOBODY
    if not user.is_active or (identity.state or "active") != "active":
        return Entrance(shut_out=True)
    if row.state == Identity.State.INACTIVE and not is_newer(identity, row.updated_at):
        return Entrance(shut_out=True)  # switched off after this answer was given
    user.backend = BACKEND  # as Django's authenticate() does
    return Entrance(user)
