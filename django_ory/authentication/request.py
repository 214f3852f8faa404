"""``request.ory``: the Kratos session of a request, looked up on first use and at most once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from asgiref.sync import sync_to_async
from django.db import close_old_connections

from django_ory.adapter import get_adapter
from django_ory.clients import get_client
from django_ory.conf import DEFAULT_ALIAS, OryConfigurationError, aliases, get_settings
from django_ory.exceptions import SessionUnavailable
from django_ory.resilience.fork import call_in_child

from .credentials import Credential, find_credential
from .resolver import get_resolver
from .results import ANONYMOUS, SessionState, WhoamiResult

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from datetime import datetime

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest

    from django_ory.client import OryClient
    from django_ory.client.models import Identity, Session
    from django_ory.users.lookup import UserAccess

T = TypeVar("T")

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

#: For ``sync_to_async``. Python's default pool is small, and other code uses it as well.
_THREADS: dict[str, Any] = {"thread_sensitive": False}


def _create_executor() -> None:
    _THREADS["executor"] = ThreadPoolExecutor(64, thread_name_prefix="django_ory")


_create_executor()
call_in_child(_create_executor)  # the threads of the parent do not exist there


class OryRequest:
    """The Kratos session of one request.

    In async code write ``ory = await request.ory`` first; afterwards every attribute can be read. If Kratos
    is unavailable and the settings require an error, the attributes raise ``SessionUnavailable``, which the
    middleware turns into a 503. ``whoami`` and ``unavailable`` never raise it.
    """

    # Class attributes are the defaults, because most requests of most sites use none of them.
    accessed = False  #: the credential was read, so the response depends on it
    raised_unavailable = False  #: SessionUnavailable was raised
    set_cookies: tuple[str, ...] = ()  #: Set-Cookie lines of Kratos to relay with the response
    form_cookies: tuple[str, ...] = ()  #: Set-Cookie lines of Kratos for a form inside of the page
    is_private = False  #: the page has such a form, so it must not be cached
    seconds = 0.0  #: time spent on calls to Ory
    _is_suppressed = False
    _whoami: WhoamiResult | None = None
    _user_access: UserAccess | None = None

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def __repr__(self) -> str:
        return f"<OryRequest {self._whoami.state.value if self._whoami else 'not loaded'}>"

    @cached_property
    def alias(self) -> str:
        """The key in ``settings.ORY`` of the Ory project for this request."""
        names = aliases()
        if len(names) > 1:
            return get_adapter().resolve_alias(self.request)
        return names[0] if names else DEFAULT_ALIAS

    @cached_property
    def credential(self) -> Credential | None:
        """The Kratos credential of the request, if any. A secret."""
        self.accessed = True
        return find_credential(self.request, alias=self.alias)

    @property
    def client(self) -> OryClient:
        """The client for further calls. They get what is left of the request's ``TIMEOUT``."""
        client = get_client(self.alias)
        left = get_settings(self.alias).timeout - self.seconds
        return client.with_timeout(max(left, 0.1)) if self.seconds > 0.1 else client

    @property
    def whoami(self) -> WhoamiResult:
        """The result of the session lookup. Never raises SessionUnavailable."""
        return self._whoami or self._load()

    @property
    def session(self) -> Session | None:
        """The Kratos session. None for anonymous users and while the second factor is required first.

        Read-only if ``SESSION_CACHE_SECONDS`` is set, because requests share it then.
        ``session.model_copy(deep=True)`` can be changed.
        """
        return self._get_whoami().session

    @property
    def identity(self) -> Identity | None:
        """The identity of the session."""
        session = self.session
        return session.identity if session else None

    @property
    def identity_if_loaded(self) -> Identity | None:
        """The identity of the session if the lookup was made already. Makes no call."""
        return self._whoami.session.identity if self._whoami and self._whoami.session else None

    @property
    def session_id_if_loaded(self) -> str:
        """The id of the session if the lookup was made already, else "". Makes no call."""
        return self._whoami.session.id if self._whoami and self._whoami.session else ""

    @property
    def is_authenticated(self) -> bool:
        """Whether the request has a valid Kratos session with the factors that Kratos requires."""
        return self.session is not None

    @property
    def aal2_required(self) -> bool:
        """Whether the user is signed in with one factor and Kratos requires the second one."""
        return self._get_whoami().state is SessionState.AAL2_REQUIRED

    @property
    def aal(self) -> str | None:
        """``"aal1"``, ``"aal2"``, or None."""
        session = self.session
        return session.authenticator_assurance_level if session else None

    @property
    def authenticated_at(self) -> datetime | None:
        """The time of the last sign-in, which may be a second factor or a confirmation."""
        session = self.session
        return session.authenticated_at if session else None

    @property
    def unavailable(self) -> bool:
        """Whether the session is unknown because Kratos is unavailable. The user is anonymous then."""
        return self.whoami.state is SessionState.UNAVAILABLE

    @property
    def user(self) -> AbstractBaseUser | None:
        """The Django user of the identity; None if there is none or if it may not sign in."""
        return self._load_user().user

    @property
    def is_blocked(self) -> bool:
        """Whether the identity has a Django user that may not sign in (``is_active`` is off)."""
        return self._load_user().blocked

    @property
    def needs_verified_email(self) -> bool:
        """Whether the identity has no Django user until its e-mail address is verified: with
        ``LINK_BY_VERIFIED_EMAIL``, a user with this address exists.
        """
        return self._load_user().needs_verified_email

    @cached_property
    def tokenized(self) -> str | None:
        """The session as a JWT, by the template ``TOKENIZE_AS``; None for anonymous users. Never cached."""
        template = get_settings(self.alias).tokenize_as
        if not template:
            raise OryConfigurationError(f'settings.ORY["{self.alias}"] has no TOKENIZE_AS.')
        result = self._load(tokenize_as=template)
        return result.session.tokenized if self.session and result.session else None

    def refresh(self) -> WhoamiResult:
        """Look the session up again, without the cache."""
        self._user_access = None
        return self._load(fresh=True)

    def suppress_unavailable(self) -> None:
        """Do not raise SessionUnavailable from now on: the view has ended, or a 503 is being rendered."""
        self._is_suppressed = True

    def set_anonymous(self) -> None:
        """Make the request anonymous, because its session has ended."""
        self._whoami, self._user_access = ANONYMOUS, None

    # For async code.

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
        if "alias" not in self.__dict__ and len(aliases()) > 1:
            await sync_to_async(lambda: self.alias)()  # the adapter may query the database
        if self._whoami is None and self.credential is not None:
            await self._in_thread(self._load)
        return self

    async def _in_thread(self, call: Callable[[], T]) -> T:
        queued = time.perf_counter()

        def run() -> T:
            self.seconds += time.perf_counter() - queued  # waiting for a thread is part of the TIMEOUT
            try:
                return call()
            finally:
                close_old_connections()  # a cache in the database opens one in this thread

        return await sync_to_async(run, **_THREADS)()

    # The lookup.

    def _load(self, *, fresh: bool = False, tokenize_as: str | None = None) -> WhoamiResult:
        """Look the session up, and keep the result."""
        if self.credential is None:
            self._whoami = ANONYMOUS
            return ANONYMOUS
        started, resolver = time.perf_counter(), get_resolver(self.alias)
        result = resolver.resolve(
            self.credential, request=self.request, fresh=fresh, tokenize_as=tokenize_as, spent=self.seconds
        )
        self.seconds += time.perf_counter() - started
        self.set_cookies = result.set_cookies or self.set_cookies
        if tokenize_as:
            if result.state is not SessionState.UNAVAILABLE:  # else the reason may be the template
                self._whoami = self._whoami or result
            return result
        if result.state is SessionState.UNAVAILABLE and self._policy == "stale":
            result = resolver.get_stale(self.credential) or result
        self._whoami = result
        return result

    def _get_whoami(self) -> WhoamiResult:
        """Return the result. Raises SessionUnavailable if the settings require it.

        With the policy "stale" and without a cached session, requests that change data are rejected.
        """
        result = self._whoami or self._load()
        if result.state is SessionState.UNAVAILABLE and not self._is_suppressed:
            policy = self._policy
            if policy == "error" or (policy == "stale" and self.request.method not in SAFE_METHODS):
                self.raised_unavailable = True
                raise SessionUnavailable
        return result

    @property
    def _policy(self) -> str:
        settings = get_settings(self.alias)
        is_safe = self.request.method in SAFE_METHODS
        return settings.when_unavailable_safe if is_safe else settings.when_unavailable_unsafe

    def _load_user(self) -> UserAccess:
        if self._user_access is None:
            from django_ory.users.lookup import NO_USER, resolve_user  # models: not before the apps are ready

            result = self._get_whoami()
            session = result.session
            if session is None or session.identity is None:
                self._user_access = NO_USER
                return NO_USER
            self._user_access = resolve_user(
                session.identity,
                alias=self.alias,
                requested_at=result.asked_at,
                session=session,
                request=self.request,
                digest=result.user_digest,
            )
            if self._user_access.needs_verified_email and result.from_cache:
                # The address may have been verified meanwhile. Without a new session, the cached one counts.
                if self._load(fresh=True).session is None:
                    self._whoami = result
                else:
                    self._user_access = None
                    return self._load_user()
        return self._user_access


def get_ory(request: HttpRequest) -> OryRequest:
    """Return ``request.ory``, also where the middleware is missing."""
    ory = getattr(request, "ory", None)
    if not isinstance(ory, OryRequest):
        ory = OryRequest(request)
        request.ory = ory  # type: ignore[attr-defined]
    return ory
