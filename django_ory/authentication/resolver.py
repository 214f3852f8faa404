"""Finds the Kratos session of a credential: in the cache, in a call that is in progress, or by a call."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.asyncio import async_unsafe

from django_ory.client import AAL2Required, OryClient, OryDecodeError, OryError, OryUnauthorized
from django_ory.client.identifiers import UUID_PATTERN
from django_ory.client.models import Session
from django_ory.client.models.read_only import make_read_only
from django_ory.clients import get_client, reset_circuit_breakers
from django_ory.conf import PerAlias, get_settings
from django_ory.http.responses import report_outage
from django_ory.resilience.fork import call_in_child
from django_ory.resilience.log_throttle import throttled_log
from django_ory.resilience.single_flight import SingleFlight
from django_ory.schemas.fetch import get_schema_store
from django_ory.tokens.verification import clear_token_state

from .credentials import Credential
from .results import ANONYMOUS, UNAVAILABLE, SessionState, WhoamiResult
from .session_cache import SessionCache

OPERATION = "GET /sessions/whoami"

#: Seconds of the TIMEOUT that may be used up before a call gets a shorter one.
MAX_UNCOUNTED_SECONDS = 0.02
#: Seconds that Kratos' clock may differ. A Date header that differs more was not written by Kratos.
MAX_CLOCK_OFFSET_SECONDS = 300.0


class Resolver:
    """The session lookup of one Ory project in this process: settings, client, cache, calls in progress."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self.settings = get_settings(alias)
        self.client = get_client(alias)
        self.cache = SessionCache(self.settings)
        self._calls: SingleFlight[WhoamiResult] = SingleFlight()

    @async_unsafe("In async code, write `await request.ory` (or `await request.auser()`) first.")
    def resolve(
        self,
        credential: Credential,
        *,
        request: HttpRequest,
        fresh: bool = False,
        tokenize_as: str | None = None,
        spent: float = 0.0,
    ) -> WhoamiResult:
        """Return the session of a credential. Never raises OryError.

        Args:
            credential: the request's credential.
            request: the argument of the signal ``ory_unavailable``.
            fresh: bypass the cache.
            tokenize_as: also get the session as a JWT, by this template. The result is not cached.
            spent: seconds of ``TIMEOUT`` that the request has used up.

        """
        if not self.settings.kratos_public_url:
            return ANONYMOUS
        deadline = time.monotonic() + self.settings.timeout - spent
        if not self.cache.is_enabled or credential.is_ambiguous or tokenize_as:
            return self._call(credential, request, deadline, tokenize_as)
        fingerprint = credential.fingerprint(self.alias)
        cached = None if fresh else self.cache.get(fingerprint)
        if cached is not None:
            return cached

        def call() -> WhoamiResult:
            result = self._call(credential, request, deadline)
            if result.session is not None:
                make_read_only(result.session)  # other requests may wait for this result
            self.cache.set(fingerprint, result)
            return result

        if fresh:  # a call that is in progress may have been answered before
            return call()
        seconds = max(0.0, deadline - time.monotonic()) + MAX_UNCOUNTED_SECONDS
        # A call of another thread may have ended after the lookup above.
        result, is_shared = self._calls.share(
            fingerprint, lambda: self.cache.get(fingerprint) or call(), wait=seconds
        )
        return call() if is_shared and self.cache.is_outdated(result) else result

    def get_stale(self, credential: Credential) -> WhoamiResult | None:
        """Return a cached session of at most ``STALE_SECONDS``, for use while Kratos is unavailable."""
        cached = self.cache.get(credential.fingerprint(self.alias), stale=True)
        return cached._replace(stale=True) if cached is not None and cached.session is not None else None

    def invalidate(self, credential: Credential) -> bool:
        """Remove the cached session of a credential, and let no request join a call that is in progress."""
        fingerprint = credential.fingerprint(self.alias)
        self._calls.drop(fingerprint)
        return not self.cache.is_enabled or self.cache.delete(fingerprint)

    def invalidate_identity(self, identity_id: UUID | str, *, until: float = 0.0) -> bool:
        """Ignore cached sessions of an identity. See ``SessionCache.invalidate_identity``."""
        return not self.cache.is_enabled or self.cache.invalidate_identity(identity_id, until=until)

    def _call(
        self,
        credential: Credential,
        request: HttpRequest,
        deadline: float,
        tokenize_as: str | None = None,
    ) -> WhoamiResult:
        """Call whoami. 401 is anonymous, and 403 ``session_aal2_required`` is AAL2_REQUIRED.

        Other responses (timeouts, HTML, other statuses) are UNAVAILABLE, and reported.
        """
        left = deadline - time.monotonic()
        if left <= 0:
            return UNAVAILABLE
        client = self.client
        if left < self.settings.timeout - MAX_UNCOUNTED_SECONDS:
            client = client.with_timeout(left)
        name = "cookie" if credential.kind == "cookie" else "x_session_token"
        arguments: dict[str, Any] = {name: credential.value}
        if tokenize_as:
            arguments["tokenize_as"] = tokenize_as
        started = time.time()
        try:
            info = client.with_http_info.to_session(**arguments)
            header_id = info.headers.get("x-kratos-authenticated-identity-id")
            if header_id and info.data.identity is not None and header_id != info.data.identity.id:
                raise OryDecodeError("header and body have different identities", operation=OPERATION)
        except OryUnauthorized:
            return WhoamiResult(state=SessionState.ANONYMOUS, asked_at=started)
        except AAL2Required:
            return WhoamiResult(state=SessionState.AAL2_REQUIRED, asked_at=started)
        except OryError as error:
            report_outage(request, error, alias=self.alias, what="Session lookup failed")
            return UNAVAILABLE
        offset = read_clock_offset(info.headers)
        if not is_usable(info.data, started + offset):
            # Kratos responds with 401 for such a session, so this one is not cached.
            return WhoamiResult(state=SessionState.ANONYMOUS, asked_at=started, cache_for=0.0)
        cache_for = info.headers.get("ory-session-cache-for", "") if self.cache.is_enabled else ""
        return WhoamiResult(
            state=SessionState.SIGNED_IN,
            session=info.data,
            set_cookies=tuple(info.set_cookies),
            cache_for=float(cache_for[:9]) if cache_for.isascii() and cache_for.isdigit() else None,
            asked_at=started,
            clock_offset=offset,
        )


@PerAlias
def get_resolver(alias: str) -> Resolver:
    """Return the resolver of ``settings.ORY[alias]``, one per process."""
    return Resolver(alias)


call_in_child(get_resolver.clear)  # the threads of the calls in progress do not exist there


def clear_process_state() -> None:
    """Clear circuit breakers, calls in progress, anonymous results, schemas, keys and log throttling."""
    reset_circuit_breakers()
    get_resolver.clear()
    get_schema_store.clear()
    clear_token_state()
    throttled_log.clear()


def read_clock_offset(headers: Mapping[str, str]) -> float:
    """Return how many seconds Kratos' clock is ahead of this machine's, by the headers of a response."""
    try:
        offset = parsedate_to_datetime(headers.get("date", "")).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return offset if 2 <= abs(offset) <= MAX_CLOCK_OFFSET_SECONDS else 0.0  # the header has whole seconds


def is_usable(session: Session, now: float) -> bool:
    """Return whether a session signs a user in.

    It must be active, not expired, and of an active identity with a valid id. ``now``: seconds since the
    epoch, by Kratos' clock.
    """
    identity = session.identity
    if not session.active or identity is None or (identity.state or "active") != "active":
        return False
    if session.expires_at is not None and session.expires_at.timestamp() <= now:
        return False
    return UUID_PATTERN.fullmatch(identity.id) is not None


def expect_kratos(client: OryClient) -> None:
    """Call whoami without a credential. Only Kratos responds with a 401 of its own, which is JSON.

    Raises OryError if another server responds, or none.
    """
    try:
        client.to_session()
    except OryUnauthorized as error:
        if isinstance(error.body, dict) and isinstance(error.body.get("error"), dict):
            return
        raise
    raise OryDecodeError("a session was returned without a credential", operation=OPERATION)
