"""The circuit breakers of a client: calls that would only wait for a timeout fail at once.

One circuit breaker per service. While a service hangs, all calls to it raise OryCircuitOpen. The calls of a
single visitor do so if they fail although the service answers others.
"""

from __future__ import annotations

import hashlib
import re
import time
from functools import partial
from typing import TYPE_CHECKING

from .client import (
    OryCircuitOpen,
    OryClient,
    OryError,
    OryResponseTooLarge,
    OryServerError,
    OryTimeout,
    OryTransportError,
)
from .client.services import HYDRA_ADMIN, HYDRA_PUBLIC, KRATOS_ADMIN, KRATOS_PUBLIC
from .resilience.caller_slots import CallerSlots
from .resilience.circuit_breaker import CircuitBreaker
from .resilience.failing_callers import FailingCallers

if TYPE_CHECKING:
    from .client.transport import Call, Reply, Send
    from .conf import OrySettings

__all__ = ["FailFast", "is_outage"]

#: Responses of a gateway whose service is down. A 500 does not count: one bad cookie may cause it.
GATEWAY_STATUSES = frozenset({502, 503, 504})
#: A probe that takes longer has failed. Short, so that the circuit closes soon after the service is back.
PROBE_SECONDS = 1.5
#: Calls for one session or flow that a process makes at a time; browsers open about six connections.
MAX_CALLS_PER_VISITOR = 3


class FailFast:
    """The interceptor of an alias: rejects the calls that would only wait for a timeout.

    ``client`` is for the probes and must have no interceptor.
    """

    def __init__(self, settings: OrySettings, client: OryClient) -> None:
        self._probe_seconds = min(settings.timeout, PROBE_SECONDS)
        client = client.with_timeout(self._probe_seconds)
        #: By the name of the service.
        self.breakers = {
            service.name: CircuitBreaker(
                partial(_is_up, client, service.name),
                probe_seconds=self._probe_seconds,
                retry_seconds=settings.breaker_seconds,
            )
            for service in (KRATOS_PUBLIC, KRATOS_ADMIN, HYDRA_PUBLIC, HYDRA_ADMIN)
        }
        self._session_cookie = re.compile(settings.session_cookie_pattern)
        self._failing = FailingCallers()
        self._slots = CallerSlots(slots=MAX_CALLS_PER_VISITOR)

    def __call__(self, call: Call, send: Send) -> Reply:
        breaker = self.breakers.get(call.service.name)
        if breaker is None:
            return send(total=call.total)
        visitors = self._visitors(call)
        if not visitors:
            return self._send(call, send, breaker)
        # Simultaneous requests of one visitor must not keep the service busy. The first response may show
        # that the others need not be sent.
        began = time.monotonic()
        free = self._slots.take(visitors[0], seconds=call.total)
        try:
            left = call.total - (time.monotonic() - began)
            if not free or left <= 0:
                text = f"not sent, other calls for this visitor took {call.total:g} s"
                raise OryCircuitOpen(text, operation=call.operation)
            return self._send(call._replace(total=left), send, breaker)
        finally:
            if free:
                self._slots.give_back(visitors[0])

    def _send(self, call: Call, send: Send, breaker: CircuitBreaker) -> Reply:
        if self._failing or not breaker.is_closed:
            self._check(call, breaker)
        since = time.monotonic()
        try:
            reply = send(total=call.total)
        except OryError as error:
            self._record(call, breaker, error, since)
            raise
        breaker.succeeded()
        if self._failing:
            self._failing.succeeded(self._visitors(call))
        return reply

    def _check(self, call: Call, breaker: CircuitBreaker) -> None:
        name = call.service.name
        if not breaker.allows(self._caller(call)):
            if breaker.is_open and call.service is KRATOS_PUBLIC:
                self._failing.clear()  # the service failed for all
            raise OryCircuitOpen(f"not sent, {name} failed a moment ago", operation=call.operation)
        if self._failing and not self._failing.allow(self._visitors(call), seconds=call.total):
            text = f"not sent, {name} failed a moment ago for this visitor"
            raise OryCircuitOpen(text, operation=call.operation)

    def _record(self, call: Call, breaker: CircuitBreaker, error: OryError, since: float) -> None:
        if not is_outage(error):
            breaker.succeeded()
            if isinstance(error, OryResponseTooLarge):
                self._failing.reject(self._visitors(call))
            elif self._failing:
                self._failing.succeeded(self._visitors(call))
        elif not (isinstance(error, OryTimeout) and call.total < 0.9 * self._probe_seconds):
            # A call with less time than the probe may have needed no more than the usual time.
            answered_at = breaker.answered_at
            breaker.failed(self._caller(call), since=since)
            if isinstance(error, OryTimeout) and not breaker.is_open:  # other failures hold no worker
                self._failing.failed(self._visitors(call), since=since, answered_at=answered_at)

    def _visitors(self, call: Call) -> tuple[bytes, ...]:
        """Fingerprints of the flow or the credentials in a call to Kratos; () for other calls."""
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

    def _caller(self, call: Call) -> bytes | None:
        """A fingerprint of the parts of a call that the caller chose; None if there are none."""
        if visitors := self._visitors(call):
            return visitors[0]
        if call.method == "GET" and "?" not in call.target and "{" not in call.operation:
            return None
        return _fingerprint(call.method, call.target)


def is_outage(error: OryError) -> bool:
    """Whether the next call would most likely fail with this error as well, after some time."""
    if isinstance(error, OryServerError):
        return error.status in GATEWAY_STATUSES
    return isinstance(error, OryTransportError)


def _is_up(client: OryClient, service: str) -> bool:
    """Whether the service responds. A 503 is a failure: the service does not reach its database."""
    try:
        client.is_ready(service=service)
    except OryError as error:
        return not is_outage(error)
    return True


def _fingerprint(*parts: str) -> bytes:
    return hashlib.sha256("\0".join(parts).encode()).digest()
