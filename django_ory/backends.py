"""The authentication backend: a Kratos session becomes a Django user, with Django's permissions."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async
from django.contrib.auth.backends import ModelBackend

from .conf import DEFAULT_ALIAS

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest

    from .client.models import Session

__all__ = ["OryBackend"]


class OryBackend(ModelBackend):
    """``authenticate(request, ory_session=session)``. Permissions and ``get_user`` are those of
    ``ModelBackend``.

    The middleware needs no call of this: it is for code that has a session in hand. User name and password
    are left to the other backends; Kratos alone sees passwords.
    """

    def authenticate(  # type: ignore[override]  # (credentials are keywords; this backend takes one of its own)
        self,
        request: HttpRequest | None,
        *,
        ory_session: Session,
        alias: str = DEFAULT_ALIAS,
    ) -> AbstractBaseUser | None:
        """The user of a session that whoami returned, or None if nobody may sign in with it."""
        from django_ory.authentication.resolver import is_usable
        from django_ory.users.lookup import resolve_user

        if ory_session.identity is None or not is_usable(ory_session, time.time()):
            return None
        return resolve_user(ory_session.identity, alias=alias).user

    async def aauthenticate(self, request: HttpRequest | None, **credentials: Any) -> AbstractBaseUser | None:  # type: ignore[override]
        """``authenticate`` for async code."""
        return await sync_to_async(self.authenticate)(request, **credentials)
