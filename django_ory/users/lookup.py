"""From an identity to its Django user, by the link in ``models.Identity``: one query when nothing has
changed.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.contrib.auth.signals import user_logged_in

from django_ory.models import Identity

from .known_users import find_known_user
from .linking import EmailNotVerified, announce_session, is_behind, link_user, sync_user
from .login_signal import is_announced
from .rows import Seen
from .user_access import NEEDS_VERIFIED_EMAIL, NO_USER, UserAccess

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest

    from django_ory.authentication.results import WhoamiResult
    from django_ory.client import models as ory

__all__ = ["BACKEND", "entrance_for_answer", "user_for_identity"]

BACKEND = "django_ory.backends.OryBackend"


def user_for_identity(
    alias: str, identity: ory.Identity, *, asked_at: float | None = None
) -> AbstractBaseUser | None:
    """The Django user of an identity that Kratos vouches for, made or brought up to date if need be.

    ``asked_at``: when Kratos was asked, in seconds since the epoch; just now if not given. None if the
    identity or the user is inactive, if there is no user for it, or if its e-mail address must be verified
    first.
    """
    seen = Seen(alias, identity, time.time() if asked_at is None else asked_at)
    try:
        row = _row(seen)
    except EmailNotVerified:
        return None
    return _admit(row, seen).user if row else None


def entrance_for_answer(request: HttpRequest | None, alias: str, answer: WhoamiResult) -> UserAccess:
    """The same for an answer of whoami. ``user_logged_in`` is sent when its session is new."""
    session = answer.session
    if session is None or session.identity is None:
        return NO_USER
    seen = Seen(alias, session.identity, answer.asked_at)
    known = find_known_user(seen, session)
    if known.user is not None:
        return _let_in(known.user)
    try:
        row = _row(seen) if known.linked else link_user(seen)
    except EmailNotVerified:
        return NEEDS_VERIFIED_EMAIL
    if row is None:
        return NO_USER
    entrance = _admit(row, seen)
    user = entrance.user
    if user and not is_announced(row.recent_sessions, session) and announce_session(row, session):
        user_logged_in.send(sender=user.__class__, request=request, user=user)
    return entrance


def _row(seen: Seen) -> Identity | None:
    row = Identity.objects.select_related("user").defer("data").filter(**seen.key).first()
    if row is None or row.user is None:
        return link_user(seen)
    return sync_user(seen) if is_behind(row, seen) else row


def _admit(row: Identity, seen: Seen) -> UserAccess:
    user = row.user
    if user is None:
        return NO_USER
    if not user.is_active or seen.state != Identity.State.ACTIVE:
        return UserAccess(blocked=True)
    if row.state == Identity.State.INACTIVE:
        return UserAccess(blocked=True)  # switched off after this answer was given
    return _let_in(user)


def _let_in(user: AbstractBaseUser) -> UserAccess:
    user.backend = BACKEND  # as Django's authenticate() does
    return UserAccess(user)
