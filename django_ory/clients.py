"""One client per alias, shared by the process: ``get_client().to_session(...)``.

Its calls to Kratos and Hydra fail at once while the service hangs (``FailFast``).
"""

from __future__ import annotations

import hashlib
import re
import time
from functools import partial
from typing import Any, TypeVar

from django.utils.asyncio import async_unsafe

from .client import (
    OryCircuitOpen,
    OryClient,
    OryError,
    OryResponseTooLarge,
    OryServerError,
    OryTimeout,
    OryTransportError,
    Timeout,
)
from .client.services import HYDRA_ADMIN, HYDRA_PUBLIC, KRATOS_ADMIN, KRATOS_PUBLIC, SERVICES
from .client.transport import Call, Reply, Send
from .conf import OrySettings, PerAlias, get_settings
from .resilience.circuit_breaker import CircuitBreaker
from .resilience.failing_callers import FailingCallers

__all__ = ["get_client", "new_client"]

Client = TypeVar("Client", bound=OryClient)

#: Responses of a gateway if the service behind it is down. A 500 does not count: a single cookie may cause
#: one.
GATEWAY_STATUSES = frozenset({502, 503, 504})
#: A probe that takes longer has failed. Short, so that the circuit closes soon after the service is back.
PROBE_SECONDS = 1.5


@PerAlias
def get_client(alias: str) -> OryClient:
    """Return the client for ``settings.ORY[alias]``. Thread-safe and fork-safe, so one per process.

    In an event loop its calls raise ``SynchronousOnlyOperation``.
    """
    return OryClient(**_arguments(alias), interceptor=get_fail_fast(alias))


@PerAlias
def get_fail_fast(alias: str) -> FailFast:
    """Return the interceptor of the client of an alias."""
    return FailFast(get_settings(alias), new_client(OryClient, alias))


def reset_circuit_breakers() -> None:
    """Close every circuit and forget every failing visitor, as in a new process."""
    for fail_fast in get_fail_fast.results():
        fail_fast.reset()


def new_client(kind: type[Client], alias: str) -> Client:
    """Return another client with the same settings, of a subclass of OryClient, without circuit breakers."""
    return kind(**_arguments(alias))


def _arguments(alias: str) -> dict[str, Any]:
    s = get_settings(alias)
    return {
        **{service.argument: getattr(s, service.argument) for service in SERVICES.values()},
        "api_key": s.api_key,
        "timeout": Timeout(connect=s.connect_timeout, total=s.timeout),
        "max_response_bytes": s.max_response_bytes,
        "pool_size": s.pool_size,
        "ca_bundle": s.ca_bundle or None,
        "proxy": s.proxy,
    }


class FailFast:
    """The interceptor of an alias: rejects the calls that would only wait for a timeout.

    There is one circuit breaker per service: while a service hangs, all calls to it raise OryCircuitOpen. The
    calls of a single visitor do so if they fail although the service answers others.
    """

    def __init__(self, settings: OrySettings, client: OryClient) -> None:
        """``client`` is for the probes and must have no interceptor."""
        self._probe_seconds = min(settings.timeout, PROBE_SECONDS)
        self._retry_seconds = settings.breaker_seconds
        self._client = client.with_timeout(self._probe_seconds)
        self._session_cookie = re.compile(settings.session_cookie_pattern)
        self.reset()

    def reset(self) -> None:
        """Close every circuit and forget every failing visitor."""
        self.breakers = {
            service: CircuitBreaker(
                partial(_is_up, self._client, service.name),
                probe_seconds=self._probe_seconds,
                retry_seconds=self._retry_seconds,
            )
            for service in (KRATOS_PUBLIC, KRATOS_ADMIN, HYDRA_PUBLIC, HYDRA_ADMIN)
        }
        self._failing = FailingCallers()

    @async_unsafe(
        "Calls of get_client() wait for the network: use sync_to_async(..., thread_sensitive=False)."
    )
    def __call__(self, call: Call, send: Send) -> Reply:
        breaker = self.breakers.get(call.service)
        if breaker is None:
            return send(call)
        since = time.monotonic()
        if not breaker.is_closed or self._failing.used_until > since:
            call = self._check(call, breaker, since)
        try:
            reply = send(call)
        except OryError as error:
            self._record_error(call, breaker, error, since)
            raise
        if self._failing.used_until > since:
            self._failing.record_success(self._find_visitors(call))
        return reply

    def _check(self, call: Call, breaker: CircuitBreaker, now: float) -> Call:
        """Return the call with the time that is left for it. Raises OryCircuitOpen."""
        if not breaker.allows_calls(wait=call.total):
            if call.service is KRATOS_PUBLIC:
                self._failing.clear()  # the service failed for all visitors
            text = f"not sent, {call.service.name} failed a moment ago"
            raise OryCircuitOpen(text, operation=call.operation)
        if self._failing.rejects(self._find_visitors(call), seconds=call.total):
            text = f"not sent, {call.service.name} failed a moment ago for this visitor"
            raise OryCircuitOpen(text, operation=call.operation)
        return call._replace(total=max(call.total - (time.monotonic() - now), 0.001))

    def _record_error(self, call: Call, breaker: CircuitBreaker, error: OryError, since: float) -> None:
        if _fails_for_others(error):
            breaker.record_failure()
            # Other failures do not take long. A timeout shorter than that of a probe may be normal.
            if (
                isinstance(error, OryTimeout)
                and self._retry_seconds
                and call.total >= 0.9 * self._probe_seconds
            ):
                self._failing.record_failure(self._find_visitors(call), since=since)
        elif isinstance(error, OryResponseTooLarge):
            self._failing.record_failure(self._find_visitors(call), since=since, is_own=True)
        elif self._failing.used_until > since:
            self._failing.record_success(self._find_visitors(call))

    def _find_visitors(self, call: Call) -> tuple[bytes, ...]:
        """Return fingerprints of the flow or the credentials in a call to Kratos; () for other calls."""
        if call.service is not KRATOS_PUBLIC or call.method != "GET":
            return ()
        path, _, query = call.target.partition("?")
        if query.startswith("id="):
            return (_fingerprint(query),)
        cookie = call.headers.get("Cookie", "")
        # One by one: beside the session cookie that counts there may be others, made up for each request.
        session_cookies = [
            each for each in cookie.split("; ") if self._session_cookie.fullmatch(each.partition("=")[0])
        ]
        values = [*(session_cookies or [cookie]), call.headers.get("X-Session-Token", "")]
        return tuple(_fingerprint(path, value) for value in values if value)


def _fails_for_others(error: OryError) -> bool:
    """Whether other calls to the service would most likely fail as well. Decides for the circuit breaker."""
    if isinstance(error, OryServerError):
        return error.status in GATEWAY_STATUSES
    return isinstance(error, OryTransportError)


def _is_up(client: OryClient, service: str) -> bool:
    """Whether the service responds. A 503 is a failure: the service does not reach its database."""
    try:
        client.is_ready(service=service)
    except OryError as error:
        return not _fails_for_others(error)
    return True


def _fingerprint(*parts: str) -> bytes:
    return hashlib.sha256("\0".join(parts).encode()).digest()
