"""The Django session belongs to one identity. Other visitors of the browser never read its data.

The first write of a request with a known identity records the owner in the session. The owner is compared
with the request when the data are loaded. This covers views that read the session before ``request.user``.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.middleware.csrf import rotate_token

from .request import get_ory
from .results import SessionState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from .request import OryRequest

__all__ = ["SESSION_OWNER_KEY", "SessionOwnership"]

#: In the Django session: alias and id of the identity that it belongs to.
SESSION_OWNER_KEY = "_ory_identity"

#: The states in which the identity of the request is unknown.
UNDECIDED = frozenset({SessionState.UNAVAILABLE, SessionState.AAL2_REQUIRED})

#: The keys that ``login()`` writes.
LOGIN_KEYS = frozenset({SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY})

#: True while data are loaded and their owner is compared. A nested load (``aload`` that calls ``load``, an
#: adapter that reads the session to choose the alias) returns the data as they are stored.
_is_nested: ContextVar[bool] = ContextVar("django_ory_session_load", default=False)


class SessionOwnership:
    """Compares and records the owner of one request's Django session.

    =============================  ===========================================
    The request is by              The data of a session with an owner
    =============================  ===========================================
    the owner                      are loaded
    another or no identity         are deleted (``flush``)
    an unknown identity            are not loaded and not deleted
    =============================  ===========================================

    The identity is unknown while Kratos is unavailable or demands the second factor first. While it is
    unavailable a write is not saved, and with the setting ``"error"`` loading raises
    ``SessionUnavailable``. Before the second factor a write replaces the data.
    """

    # Defaults on the class: making one for a request without a session must cost next to nothing.
    _session: Any = None
    _key: str | None = None
    _is_checked = False
    _is_released = False

    def __init__(self, request: HttpRequest, ory: OryRequest) -> None:
        self.request, self.ory = request, ory
        session: Any = getattr(request, "session", None)
        if getattr(session, "session_key", None) is not None:  # of the cookie; nothing is loaded yet
            self._session, self._key = session, session.session_key
            # On the instance: the class is the site's choice (SESSION_ENGINE).
            self._stored_load, self._stored_aload = session.load, session.aload
            session.load, session.aload = self._load, self._aload

    # Reading.

    def check(self) -> None:
        """Compare the owner of a session that was loaded before the middleware."""
        if self._session is None or self._is_checked:
            return
        owner = self._session.get(SESSION_OWNER_KEY)
        if owner is None or self._is_checked:
            return
        with _nested():
            may_read = self._compare(owner)
        self._is_checked = True
        if may_read is False:
            self._flush()
        elif may_read is None:
            self._hide()

    async def acheck(self) -> None:
        """``check`` for async code."""
        if self._session is None or self._is_checked:
            return
        owner = await self._session.aget(SESSION_OWNER_KEY)
        if owner is None or self._is_checked:
            return
        with _nested():
            await self.ory
            may_read = self._compare(owner)
        self._is_checked = True
        if may_read is False:
            await self._aflush()
        elif may_read is None:
            self._hide()

    def release(self, response: HttpResponseBase) -> None:
        """Stop comparing after the view: SessionMiddleware must save the session of any owner.

        Not for streaming responses: their body is produced later and may be the first to load the session.
        """
        self._is_released = not response.streaming

    def _load(self) -> Any:
        with _nested() as is_outermost:
            data = self._stored_load()
            if not is_outermost or self._is_released:
                return data
            may_read = self._compare(data[SESSION_OWNER_KEY]) if SESSION_OWNER_KEY in data else True
            self._is_checked = True
        if may_read is False:
            self._flush()
        return data if may_read else {}

    async def _aload(self) -> Any:
        with _nested() as is_outermost:
            data = await self._stored_aload()
            if not is_outermost or self._is_released:
                return data
            may_read: bool | None = True
            if SESSION_OWNER_KEY in data:
                await self.ory
                may_read = self._compare(data[SESSION_OWNER_KEY])
            self._is_checked = True
        if may_read is False:
            await self._aflush()
        return data if may_read else {}

    def _compare(self, owner: str) -> bool | None:
        """Whether the request is the owner's; None, and the data stay as stored, if that is unknown."""
        if self.ory.identity is not None:
            return owner == _get_owner(self.ory)
        if self.ory.whoami.state not in UNDECIDED:
            return False
        session = self._session
        self._stored_save, self._stored_asave = session.save, session.asave
        session.save, session.asave = self._save, self._asave
        return None

    def _flush(self) -> None:
        self._session.flush()
        rotate_token(self.request)  # another visitor may know the CSRF token

    async def _aflush(self) -> None:
        await self._session.aflush()
        rotate_token(self.request)

    def _hide(self) -> None:
        self._session.clear()
        self._session.modified = False

    # Saving in place of data that were not loaded.

    def _save(self, must_create: bool = False) -> None:
        if must_create or self._may_save():
            self._stored_save(must_create=must_create)

    async def _asave(self, must_create: bool = False) -> None:
        if must_create or self._may_save():
            await self._stored_asave(must_create=must_create)

    def _may_save(self) -> bool:
        session = self._session
        if session.session_key != self._key:
            return True  # flushed, or with a key of its own
        return bool(session.modified and (SESSION_KEY in session or not self.ory.unavailable))

    # Writing.

    @property
    def must_be_recorded(self) -> bool:
        """Whether the request's identity is known and wrote to the session. Recording may cost queries."""
        session = None if self.ory.identity_if_loaded is None else getattr(self.request, "session", None)
        return session is not None and session.modified and not session.is_empty()

    def record(self) -> None:
        """After the view: record the owner of a session that was written, once, under a new session key.

        A session of a Django user (``login()``) belongs to that user.
        """
        if not self.must_be_recorded:
            return
        session, owner = self.request.session, _get_owner(self.ory)
        if SESSION_KEY in session or session.get(SESSION_OWNER_KEY) == owner:
            return
        if self._key is not None and session.session_key == self._key:
            session.cycle_key()  # another visitor may know the key
        session[SESSION_OWNER_KEY] = owner
        if not self.request.META.get("CSRF_COOKIE_NEEDS_UPDATE"):  # else the response holds the token
            rotate_token(self.request)


@receiver(user_logged_in, dispatch_uid="django_ory.authentication.session_owner")
def own_login(*, request: HttpRequest | None, user: AbstractBaseUser, **_: Any) -> None:
    """Let a ``login()`` in a request with a known identity end with that identity's Kratos session.

    An impersonation (django-hijack) is such a login. As between two Django users, the data of the former user
    are removed.
    """
    session = getattr(request, "session", None)
    if request is None or session is None or not _is_login(request, user):
        return
    ory = get_ory(request)
    if session.pop(SESSION_OWNER_KEY, None) is not None and ory.user != user:
        for key in [key for key in session.keys() if key not in LOGIN_KEYS]:  # noqa: SIM118 (not a mapping)
            del session[key]
    if (owner := _get_owner(ory)) is not None:
        session[SESSION_OWNER_KEY] = owner


def _is_login(request: HttpRequest, user: AbstractBaseUser) -> bool:
    """False for the signal of a new Kratos session, which is sent without ``login()``."""
    if request.__dict__.get("user", user) is not user or not request.session.modified:
        return False
    return bool(request.session.get(SESSION_KEY) == user._meta.pk.value_to_string(user))


def _get_owner(ory: OryRequest) -> str | None:
    """The identity as a session names it, if it is known already."""
    identity = ory.identity_if_loaded
    return f"{ory.alias}:{identity.id}" if identity else None


@contextmanager
def _nested() -> Iterator[bool]:
    """Mark the block as nested. Yields whether it is the outermost one."""
    was_nested = _is_nested.get()
    token = _is_nested.set(True)
    try:
        yield not was_nested
    finally:
        _is_nested.reset(token)
