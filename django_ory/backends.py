"""The authentication backend: the Django user of a Kratos session, with Django's permissions."""

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

    For code that has fetched a session; the middleware does not call it. User names and passwords are for
    other backends: passwords of Ory are only sent to Kratos.
    """

    def authenticate(  # type: ignore[override]  # (credentials are keywords; this backend takes one of its own)
        self,
        request: HttpRequest | None,
        *,
        ory_session: Session,
        alias: str = DEFAULT_ALIAS,
    ) -> AbstractBaseUser | None:
        """Return the user of a session from whoami; None for an invalid session or a blocked user."""
        from django_ory.authentication.resolver import is_usable
        from django_ory.users.lookup import resolve_user

        if ory_session.identity is None or not is_usable(ory_session, time.time()):
            return None
        return resolve_user(ory_session.identity, alias=alias).user

    async def aauthenticate(self, request: HttpRequest | None, **credentials: Any) -> AbstractBaseUser | None:  # type: ignore[override]
        """``authenticate`` for async code."""
        return await sync_to_async(self.authenticate)(request, **credentials)
