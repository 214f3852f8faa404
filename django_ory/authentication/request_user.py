"""``request.user`` and ``request.auser()``: the user of Django's session, else of the identity, or anonymous.

The identity's user is set without Django's ``login()``; ``session_owner`` separates the data of two users.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.csrf import rotate_token
from django.utils.functional import SimpleLazyObject

from .request import OryRequest
from .session_owner import SessionOwnership, record_owner


class RequestUser:
    """The user of one request, loaded on first access."""

    _user: Any = None
    _ownership: SessionOwnership | None = None

    def __init__(self, request: HttpRequest, ory: OryRequest) -> None:
        self.request, self.ory = request, ory
        self._django_user: Any = request.__dict__.get("user")
        self._django_auser: Any = request.__dict__.get("auser")
        self._session_key: str | None = getattr(getattr(request, "session", None), "session_key", None)
        if self._session_key is not None:  # of the cookie; nothing is loaded yet
            self._ownership = SessionOwnership(request, ory)

    def get(self) -> Any:
        """Return the user for ``request.user``."""
        if self._user is None:
            if self._ownership is not None:
                self._ownership.check()
            session: Any = getattr(self.request, "session", None)
            is_named = session is not None and session.session_key is not None and SESSION_KEY in session
            user = self._django_user
            if (
                user is not None
                and (is_named or type(user) is not SimpleLazyObject)
                and user.is_authenticated
            ):
                self._user = user
            elif self.ory.credential is None:
                self._user = AnonymousUser()
            else:
                self._user = self.ory.user or AnonymousUser()
                if is_named and self._user.is_authenticated:
                    session.flush()  # its user does not exist any more
                    rotate_token(self.request)
        return self._user

    async def aget(self) -> Any:
        """Return the user for ``request.auser()``."""
        if self._user is None:
            if self._ownership is not None:
                await self._ownership.acheck()
            session: Any = getattr(self.request, "session", None)
            has_key = session is not None and session.session_key is not None
            is_named = has_key and await session.ahas_key(SESSION_KEY)
            user = self._django_user
            if is_named and self._django_auser is not None:
                user = await self._django_auser()
            if user is not None and (is_named or is_set(user)) and user.is_authenticated:
                self._user = user
            else:
                self._user = await self.ory.auser() or AnonymousUser()
                if is_named and self._user.is_authenticated:
                    await session.aflush()
                    rotate_token(self.request)
        return self._user

    def finish_session(self, response: HttpResponseBase) -> None:
        """Prepare the Django session for SessionMiddleware, after the view. May query the database.

        The owner of a written session is recorded, unless the session is not saved because of an error.
        """
        session = getattr(self.request, "session", None)
        if getattr(session, "modified", False) and response.status_code < 500:
            record_owner(self.request, self.ory, former_key=self._session_key)
        # The body of a streaming response is produced later and may be the first to load the session.
        if self._ownership is not None and not response.streaming:
            self._ownership.release()


def is_set(user: Any) -> bool:
    """Whether other code set the user, instead of the lazy user of AuthenticationMiddleware."""
    return type(user) is not SimpleLazyObject
