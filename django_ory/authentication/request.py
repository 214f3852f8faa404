"""``request.ory``: who is asking, found out when somebody wants to know and not before."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.utils.asyncio import async_unsafe

from django_ory.adapter import get_adapter
from django_ory.clients import get_client
from django_ory.conf import DEFAULT_ALIAS, OryConfigurationError, aliases, get_settings
from django_ory.exceptions import SessionUnavailable
from django_ory.resilience.fork import call_in_child

from .credentials import Credential, find_credential
from .resolver import resolve
from .results import ANONYMOUS, SessionState, WhoamiResult

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from datetime import datetime

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest

    from django_ory.client import OryClient
    from django_ory.client.models import Identity, Session
    from django_ory.users.lookup import UserAccess

__all__ = ["OryRequest", "get_ory"]

T = TypeVar("T")

#: Calls to Kratos block a thread, so async code makes them here: Python's default pool is small and
#: everybody's.
_THREADS: dict[str, Any] = {"thread_sensitive": False}


def _make_executor() -> None:
    _THREADS["executor"] = ThreadPoolExecutor(64, thread_name_prefix="django_ory")


_make_executor()
call_in_child(_make_executor)  # the threads of the parent do not exist there
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class OryRequest:
    """Kratos' view of one request.

    In async code write ``ory = await request.ory`` first; afterwards every attribute is plain to read. Where
    the settings say ``"error"`` for a Kratos that does not answer, the attributes raise
    ``SessionUnavailable``, which the middleware turns into a 503; ``unavailable`` never raises.
    """

    # Defaults on the class: making one for a request that never asks must cost next to nothing.
    accessed = False  #: somebody asked: the response depends on the credential
    raised_unavailable = False  #: SessionUnavailable was raised
    _is_suppressed = False
    set_cookies: tuple[str, ...] = ()  #: Set-Cookie lines of Kratos that the response passes on
    seconds = 0.0  #: what it cost to find out
    _alias: str | None = None
    _tokenized: str | None = None
    _tokenized_known = False
    _answer: WhoamiResult | None = None
    _credential: Credential | None = None
    _user_access: UserAccess | None = None

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def __repr__(self) -> str:
        return f"<OryRequest {self._answer.state.value if self._answer else 'not asked'}>"

    # Who is asking.

    @property
    def alias(self) -> str:
        """The key in ``settings.ORY`` of the Ory project that serves this request."""
        if self._alias is None:
            known = aliases()
            self._alias = (
                get_adapter().resolve_alias(self.request)
                if len(known) > 1
                else (known[0] if known else DEFAULT_ALIAS)
            )
        return self._alias

    @property
    def client(self) -> OryClient:
        """The client for what a page asks next; its calls get what is left of the request's ``TIMEOUT``."""
        client = get_client(self.alias)
        left = get_settings(self.alias).timeout - self.seconds
        return client.with_timeout(max(left, 0.1)) if self.seconds > 0.1 else client

    @property
    def credential(self) -> Credential | None:
        """The secret that the request brought for Kratos, if any."""
        if not self.accessed:
            self._credential = find_credential(self.request, alias=self.alias)
            self.accessed = True
        return self._credential

    @property
    def whoami(self) -> WhoamiResult:
        """What Kratos said, whatever it was. Never raises because of Kratos."""
        if self._answer is None:
            if self.credential is not None:
                self._must_not_block()
                self._answer = self._resolve()
            else:
                self._answer = ANONYMOUS
        return self._answer

    @property
    def session(self) -> Session | None:
        """The Kratos session, None for strangers and for people who still owe the second factor."""
        return self._settled().session

    @property
    def identity(self) -> Identity | None:
        """The identity of the session."""
        session = self.session
        return session.identity if session else None

    @property
    def identity_if_loaded(self) -> Identity | None:
        """The same, if somebody has asked before. Asks nobody."""
        return self._answer.session.identity if self._answer and self._answer.session else None

    @property
    def is_authenticated(self) -> bool:
        """True if Kratos says that somebody is signed in, as far as it demands."""
        return self.session is not None

    @property
    def aal2_required(self) -> bool:
        """True if the person is signed in with the first factor and Kratos demands the second one."""
        return self._settled().state is SessionState.AAL2_REQUIRED

    @property
    def aal(self) -> str | None:
        """``"aal1"``, ``"aal2"``, or None."""
        session = self.session
        return session.authenticator_assurance_level if session else None

    @property
    def authenticated_at(self) -> datetime | None:
        """When the person last proved who they are."""
        session = self.session
        return session.authenticated_at if session else None

    @property
    def unavailable(self) -> bool:
        """True if Kratos did not say who is asking. Such a request counts as anonymous."""
        return self.whoami.state is SessionState.UNAVAILABLE

    @property
    def user(self) -> AbstractBaseUser | None:
        """The Django user of the identity; None if there is none or if it may not sign in."""
        return self._load_user().user

    @property
    def is_blocked(self) -> bool:
        """True if the identity has a Django user that may not sign in (``is_active`` is off)."""
        return self._load_user().blocked

    @property
    def needs_verified_email(self) -> bool:
        """True if the identity has no Django user until its e-mail address is verified: with
        ``LINK_BY_VERIFIED_EMAIL``, a user with this address exists.
        """
        return self._load_user().needs_verified_email

    @property
    def tokenized(self) -> str | None:
        """The session as a JWT, by the template ``TOKENIZE_AS``; None for strangers. Never cached."""
        if not self._tokenized_known:
            template = get_settings(self.alias).tokenize_as
            if not template:
                raise OryConfigurationError(f'settings.ORY["{self.alias}"] has no TOKENIZE_AS.')
            if self.credential is not None:
                self._must_not_block()
            answer = self._resolve(tokenize_as=template)
            if answer.state is not SessionState.UNAVAILABLE:  # that may be about the template alone
                self._answer = self._answer or answer
            self._tokenized = answer.session.tokenized if answer.session else None
            self._tokenized_known = True
        return self._tokenized if self.session is not None else None

    def refresh(self) -> WhoamiResult:
        """Ask Kratos again, past the cache."""
        if self.credential is not None:
            self._must_not_block()
        self._answer = self._resolve(fresh=True)
        self._user_access = None
        return self._answer

    def suppress_unavailable(self) -> None:
        """Do not raise SessionUnavailable from now on: the view has ended, or a 503 is being rendered."""
        self._is_suppressed = True

    # The same from async code.

    def __await__(self) -> Generator[Any, None, OryRequest]:
        return self._aload().__await__()

    async def auser(self) -> AbstractBaseUser | None:
        """``user`` for async code."""
        await self
        if self._user_access is None and self.session is not None:
            await sync_to_async(self._load_user)()
        return self.user

    async def atokenized(self) -> str | None:
        """``tokenized`` for async code."""
        return await self._in_thread(lambda: self.tokenized)

    async def arefresh(self) -> WhoamiResult:
        """``refresh`` for async code."""
        return await self._in_thread(self.refresh)

    async def _aload(self) -> OryRequest:
        if self._alias is None and len(aliases()) > 1:
            await sync_to_async(lambda: self.alias)()  # the adapter may look it up in the database
        if self._answer is None and self.credential is not None:
            self._answer = await self._in_thread(self._resolve)
        return self

    # Inside.

    def _load_user(self) -> UserAccess:
        if self._user_access is None:
            result = self._settled()
            self._user_access = self._resolve_user(result)
            if self._user_access.needs_verified_email and result.from_cache:
                fresh = self._resolve(fresh=True)  # the address may have been verified meanwhile
                if fresh.session is not None:
                    self._answer = fresh
                    self._user_access = self._resolve_user(fresh)
        return self._user_access

    def _resolve_user(self, result: WhoamiResult) -> UserAccess:
        from django_ory.users.lookup import NO_USER, resolve_user  # models: not before the apps are ready

        session = result.session
        if session is None or session.identity is None:
            return NO_USER
        return resolve_user(
            session.identity,
            alias=self.alias,
            requested_at=result.asked_at,
            session=session,
            request=self.request,
        )

    def _settled(self) -> WhoamiResult:
        answer = self.whoami
        if answer.state is SessionState.UNAVAILABLE and not self._is_suppressed and self._must_refuse():
            self.raised_unavailable = True
            raise SessionUnavailable
        return answer

    def _resolve(self, *, fresh: bool = False, tokenize_as: str | None = None) -> WhoamiResult:
        started = time.perf_counter()
        answer = resolve(
            self.request,
            self.alias,
            self.credential,
            fresh=fresh,
            stale=self._policy() == "stale",
            tokenize_as=tokenize_as,
            spent=self.seconds,
        )
        self.seconds += time.perf_counter() - started
        self.set_cookies = answer.set_cookies or self.set_cookies
        return answer

    async def _in_thread(self, call: Callable[[], T]) -> T:
        queued = time.perf_counter()

        def run() -> T:
            self.seconds += time.perf_counter() - queued  # waiting for a thread is part of the TIMEOUT
            try:
                return call()
            finally:
                close_old_connections()  # a cache in the database opens one in this thread

        return await sync_to_async(run, **_THREADS)()

    def _policy(self) -> str:
        settings = get_settings(self.alias)
        safe = self.request.method in SAFE_METHODS
        return settings.when_unavailable_safe if safe else settings.when_unavailable_unsafe

    def _must_refuse(self) -> bool:
        """Without an answer, not even an older one. What would change something is not let through as
        somebody else's.
        """
        policy = self._policy()
        return policy == "error" or (policy == "stale" and self.request.method not in SAFE_METHODS)

    @async_unsafe("In async code, write `await request.ory` (or `await request.auser()`) first.")
    def _must_not_block(self) -> None:
        """Asking Kratos waits for the network."""


def get_ory(request: HttpRequest) -> OryRequest:
    """``request.ory``, also where the middleware is missing."""
    ory = getattr(request, "ory", None)
    if not isinstance(ory, OryRequest):
        ory = OryRequest(request)
        request.ory = ory  # type: ignore[attr-defined]
    return ory
