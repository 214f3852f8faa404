"""``request.user`` and ``request.auser()``: Django's own signed-in user, else the identity's, else nobody.

The identity's user comes without Django's ``login()``, which would empty a Django session that another person
filled. So a session is marked when somebody's request writes to it, and the next person gets an empty one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.middleware.csrf import rotate_token
from django.utils.functional import SimpleLazyObject

if TYPE_CHECKING:
    from typing import TypeGuard

    from django.contrib.sessions.backends.base import SessionBase
    from django.http import HttpRequest

    from .request import OryRequest

__all__ = ["RequestUser"]

#: In the Django session: whose it is, if the person was signed in through Ory.
OWNER = "_ory_identity"


class RequestUser:
    """The user of one request, found out when somebody wants to know."""

    # Defaults on the class: making one for a request that never asks must cost next to nothing.
    _user: Any = None

    def __init__(self, request: HttpRequest, ory: OryRequest) -> None:
        self.request = request
        self.ory = ory
        self._djangos: Any = request.__dict__.get("user")
        self._adjangos: Any = request.__dict__.get("auser")

    def get(self) -> Any:
        """For ``request.user``."""
        if self._user is None:
            session = self._session()
            djangos, named = self._djangos, session is not None and SESSION_KEY in session
            if djangos is not None and (named or _is_set(djangos)) and djangos.is_authenticated:
                self._user = djangos
            elif self.ory.credential is None:
                self._user = AnonymousUser()  # the shortest way, for most visitors of most sites
            else:
                self._user = self.ory.user or AnonymousUser()
                if self._belongs_to_another(session):
                    session.flush()
                    rotate_token(self.request)
        return self._user

    async def aget(self) -> Any:
        """For ``request.auser()``."""
        if self._user is None:
            session = self._session()
            djangos, named = self._djangos, session is not None and await session.ahas_key(SESSION_KEY)
            if named and self._adjangos is not None:
                djangos = await self._adjangos()
            if djangos is not None and (named or _is_set(djangos)) and djangos.is_authenticated:
                self._user = djangos
            else:
                self._user = await self.ory.auser() or AnonymousUser()
                if self._belongs_to_another(session):
                    await session.aflush()
                    rotate_token(self.request)
        return self._user

    @property
    def has_to_sign(self) -> bool:
        """Whether the Django session was written to for somebody known. To sign it may cost a query."""
        session = None if self.ory.known_identity is None else getattr(self.request, "session", None)
        return session is not None and session.modified and not session.is_empty()

    def sign_session(self) -> None:
        """After the view: write down whose the Django session is, if something is written anyway."""
        if self.has_to_sign and SESSION_KEY not in self.request.session:
            self.request.session.setdefault(OWNER, self._owner())

    def _owner(self) -> str | None:
        """Who it is in Ory, as a session is marked with it, if somebody has asked."""
        identity = self.ory.known_identity
        return f"{self.ory.alias}:{identity.id}" if identity else None

    def _session(self) -> SessionBase | None:
        """The Django session if the browser brought one, untouched so far; reading it may cost a query."""
        session: SessionBase | None = getattr(self.request, "session", None)
        return session if session is not None and session.session_key is not None else None

    def _belongs_to_another(self, session: SessionBase | None) -> TypeGuard[SessionBase]:
        """Whether the Django session, read already, is not this person's."""
        if session is None or not self._user.is_authenticated:
            return False
        owner = self._owner()
        return SESSION_KEY in session or session.get(OWNER, owner) != owner


def _is_set(user: Any) -> bool:
    """True for a user that somebody put on the request outright, not Django's lazy one."""
    return type(user) is not SimpleLazyObject
