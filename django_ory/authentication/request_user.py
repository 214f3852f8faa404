"""``request.user`` and ``request.auser()``: the user of Django's session, else of the identity, or anonymous.

The identity's user is set without Django's ``login()``: ``session_owner`` keeps the data of two users apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.middleware.csrf import rotate_token
from django.utils.functional import SimpleLazyObject

from .session_owner import SessionOwnership

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase
    from django.http import HttpRequest

    from .request import OryRequest

__all__ = ["RequestUser", "is_set"]


class RequestUser:
    """The user of one request, loaded on first access."""

    # Defaults on the class: making one for a request that never asks must cost next to nothing.
    _user: Any = None

    def __init__(self, request: HttpRequest, ory: OryRequest) -> None:
        self.request = request
        self.ory = ory
        self.ownership = SessionOwnership(request, ory)
        self._django_user: Any = request.__dict__.get("user")
        self._django_auser: Any = request.__dict__.get("auser")

    def get(self) -> Any:
        """For ``request.user``."""
        if self._user is None:
            self.ownership.check()
            session = self._session()
            user, is_named = self._django_user, session is not None and SESSION_KEY in session
            if user is not None and (is_named or is_set(user)) and user.is_authenticated:
                self._user = user
            elif self.ory.credential is None:
                self._user = AnonymousUser()  # the shortest way, for most visitors of most sites
            else:
                self._user = self.ory.user or AnonymousUser()
                if is_named and session is not None and self._user.is_authenticated:
                    session.flush()  # its user does not exist any more
                    rotate_token(self.request)
        return self._user

    async def aget(self) -> Any:
        """For ``request.auser()``."""
        if self._user is None:
            await self.ownership.acheck()
            session = self._session()
            user, is_named = self._django_user, session is not None and await session.ahas_key(SESSION_KEY)
            if is_named and self._django_auser is not None:
                user = await self._django_auser()
            if user is not None and (is_named or is_set(user)) and user.is_authenticated:
                self._user = user
            else:
                self._user = await self.ory.auser() or AnonymousUser()
                if is_named and session is not None and self._user.is_authenticated:
                    await session.aflush()
                    rotate_token(self.request)
        return self._user

    def _session(self) -> SessionBase | None:
        """The Django session of the browser's cookie; reading it may cost a query."""
        session: SessionBase | None = getattr(self.request, "session", None)
        return session if session is not None and session.session_key is not None else None


def is_set(user: Any) -> bool:
    """True for a user that other code put on the request outright, not a lazy one."""
    return type(user) is not SimpleLazyObject
