"""The Django session belongs to one identity. Other users of the browser never read its data.

The first write of a request with a known identity records the owner in the session. The owner is compared
with the request's identity when the data are loaded, also in views that read the session before
``request.user``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from .request import OryRequest, get_ory
from .results import SessionState

#: In the Django session: alias and id of the owner.
SESSION_OWNER_KEY = "_ory_identity"

#: The states in which the identity of the request is unknown.
UNKNOWN_IDENTITY = frozenset({SessionState.UNAVAILABLE, SessionState.AAL2_REQUIRED})

#: The keys that ``login()`` writes.
LOGIN_KEYS = frozenset({SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY})

#: True while data are loaded and their owner is compared. A nested load (``aload`` that calls ``load``, an
#: adapter that reads the session to choose the alias) returns the data as they are stored.
_is_nested: ContextVar[bool] = ContextVar("django_ory_session_load", default=False)


class SessionOwnership:
    """Compares the owner of the Django session that the browser's cookie names.

    =============================  ===========================================
    The request is by              The data of a session with an owner
    =============================  ===========================================
    the owner                      are loaded
    another or no identity         are deleted (``flush``)
    an unknown identity            are not loaded and not deleted
    =============================  ===========================================

    The identity is unknown while Kratos is unavailable or requires the second factor first. While Kratos is
    unavailable a write is not saved, and with the setting ``"error"`` loading raises
    ``SessionUnavailable``. Before the second factor a write replaces the data.
    """

    def __init__(self, request: HttpRequest, ory: OryRequest) -> None:
        self.request, self.ory = request, ory
        session: Any = request.session
        self._session, self._key = session, session.session_key
        #: Loaded before the middleware, so the owner was not compared.
        self._is_unchecked = session.accessed
        self._is_released = False
        # On the instance: the class is the site's choice (SESSION_ENGINE).
        self._stored_load, self._stored_aload = session.load, session.aload
        session.load, session.aload = self._load, self._aload

    def check(self) -> None:
        """Compare the owner of data that were loaded before the middleware."""
        if self._is_unchecked and (owner := self._session.get(SESSION_OWNER_KEY)) is not None:
            with _nested():
                may_read = self._may_read(owner)
            if may_read is False:
                self._flush()
            elif may_read is None:
                self._session.clear()
                self._session.modified = False
        self._is_unchecked = False

    async def acheck(self) -> None:
        """``check`` for async code."""
        if self._is_unchecked:
            if self._session.get(SESSION_OWNER_KEY) is not None:
                await self.ory
            await sync_to_async(self.check)()

    def release(self) -> None:
        """Stop comparing after the view: SessionMiddleware must save the session of any owner."""
        self._is_released = True

    def _load(self) -> Any:
        with _nested() as is_outermost:
            data = self._stored_load()
            if not is_outermost or self._is_released or SESSION_OWNER_KEY not in data:
                return data
            may_read = self._may_read(data[SESSION_OWNER_KEY])
        if may_read is False:
            self._flush()
        return data if may_read else {}

    async def _aload(self) -> Any:
        with _nested() as is_outermost:
            data = await self._stored_aload()
            if not is_outermost or self._is_released or SESSION_OWNER_KEY not in data:
                return data
            await self.ory
            may_read = self._may_read(data[SESSION_OWNER_KEY])
        if may_read is False:
            await sync_to_async(self._flush)()
        return data if may_read else {}

    def _may_read(self, owner: str) -> bool | None:
        """Whether the session is the request's own. None if that is unknown; then the stored data stay."""
        if self.ory.identity is not None:
            return owner == _get_owner(self.ory)
        if self.ory.whoami.state not in UNKNOWN_IDENTITY:
            return False
        session = self._session
        self._stored_save, self._stored_asave = session.save, session.asave
        session.save, session.asave = self._save, self._asave
        return None

    def _flush(self) -> None:
        self._session.flush()
        rotate_token(self.request)  # another user of the browser may know the CSRF token

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


def record_owner(request: HttpRequest, ory: OryRequest, *, former_key: str | None) -> None:
    """Record the owner of a session that the view has written, once, under a new session key.

    Does nothing for an unknown or missing identity, and for the session of a Django user (``login()``), which
    belongs to that user. ``former_key``: the session key that the browser sent.
    """
    session, owner = request.session, _get_owner(ory)
    if owner is None or session.is_empty() or SESSION_KEY in session:
        return
    if session.get(SESSION_OWNER_KEY) == owner:
        return
    if former_key is not None and session.session_key == former_key:
        session.cycle_key()  # another user of the browser may know the key
    session[SESSION_OWNER_KEY] = owner
    if not request.META.get("CSRF_COOKIE_NEEDS_UPDATE"):  # else the response contains the token
        rotate_token(request)


@receiver(user_logged_in, dispatch_uid="django_ory.authentication.session_owner")
def set_owner(*, request: HttpRequest | None, user: AbstractBaseUser, **_: Any) -> None:
    """Record the identity at a ``login()``, so that the login ends with that identity's Kratos session.

    An impersonation (django-hijack) is such a login. As between two Django users, the data of the former user
    are removed.
    """
    session = getattr(request, "session", None)
    if request is None or session is None or not is_login(request, user):
        return
    ory = get_ory(request)
    if session.pop(SESSION_OWNER_KEY, None) is not None and ory.user != user:
        for key in [key for key in session.keys() if key not in LOGIN_KEYS]:  # noqa: SIM118 (not a mapping)
            del session[key]
    if (owner := _get_owner(ory)) is not None:
        session[SESSION_OWNER_KEY] = owner


def is_login(request: HttpRequest, user: AbstractBaseUser) -> bool:
    """Whether ``user_logged_in`` was sent by ``login()``, not for a new Kratos session."""
    if request.__dict__.get("user", user) is not user or not request.session.modified:
        return False
    return bool(request.session.get(SESSION_KEY) == user._meta.pk.value_to_string(user))


def _get_owner(ory: OryRequest) -> str | None:
    """The identity as a session stores it; None if the identity is unknown. Never calls Kratos."""
    identity = ory.identity_if_loaded
    return f"{ory.alias}:{identity.id}" if identity else None


@contextmanager
def _nested() -> Iterator[bool]:
    """Mark the block as nested. Yields whether this block is the outermost one."""
    was_nested = _is_nested.get()
    token = _is_nested.set(True)
    try:
        yield not was_nested
    finally:
        _is_nested.reset(token)
