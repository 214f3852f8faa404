"""The one place that sends HTTP to Ory: base URL, credentials, time, size, errors and the log line.

Redirects are never followed, cookies never kept, proxies and .netrc of the environment never read. A GET
whose connection broke is sent once more (an idle connection that the server had closed); nothing else is ever
repeated.
"""

from __future__ import annotations

import json
import logging
import os
import re
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import requests
import urllib3.exceptions
from urllib3 import HTTPHeaderDict
from urllib3.util import Timeout as WireTimeout

from django_ory import __version__

from .connection import NO_COOKIES, OryAdapter, OryRequest
from .errors import (
    OryConnectionError,
    OryResponseTooLarge,
    OryServiceNotConfigured,
    OryTimeout,
    OryUsageError,
    error_for,
)
from .services import SERVICES, Service

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DEFAULT_MAX_RESPONSE_BYTES", "Reply", "Timeout", "Transport"]

DEFAULT_MAX_RESPONSE_BYTES = 32 * 1024 * 1024
USER_AGENT = f"django-ory/{__version__}"

logger = logging.getLogger("django_ory.client")

# No user, query or fragment: what belongs to a call is not part of where a service is.
_URL = re.compile(
    r"(https?://(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]\\]+)(?::[0-9]{1,5})?)((?:/[^\s?#\x00-\x20]*)?)"
)
_NOT_A_HEADER_VALUE = re.compile(r"[^\t\x20-\x7e\x80-\xff]")
_TIMEOUTS = (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)
_TLS_FAILURES = (requests.exceptions.SSLError, urllib3.exceptions.SSLError)
_FAILURES = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)


class Timeout(NamedTuple):
    """Seconds until a connection is given up, and until the whole call is, answer included."""

    connect: float
    total: float


class Reply(NamedTuple):
    """A success as it came: the body is not parsed yet."""

    status: int
    headers: HTTPHeaderDict
    content: bytes


class Transport:
    """Sends requests to the services of one Ory project. Threads share it; a fork gets a new session."""

    def __init__(
        self,
        urls: Mapping[str, str],
        *,
        api_key: str,
        timeout: Timeout,
        pool_size: int,
        max_response_bytes: int,
        ca_bundle: str | None,
    ) -> None:
        if _NOT_A_HEADER_VALUE.search(api_key):
            raise OryUsageError("api_key has a line break or a control character.")
        self._timeout = timeout
        self._pool_size = pool_size
        self._max_response_bytes = max_response_bytes
        self._verify: str | bool = ca_bundle or True
        self._endpoints = {
            service: _Endpoint(url, service, api_key)
            for service in SERVICES.values()
            if (url := urls[service.argument])
        }
        self._current: tuple[int, requests.Session] | None = None

    def send(
        self,
        operation: str,
        service: Service,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        redirect: bool = False,
    ) -> Reply:
        """Send one request and return the success.

        ``operation`` is for errors and the log: method and path template. ``redirect`` says that a 3xx is a
        success.
        Raises OryTransportError, OryResponseTooLarge, OryAPIError, and OryUsageError before anything is sent.
        """
        endpoint = self._endpoints.get(service)
        if endpoint is None:
            raise OryServiceNotConfigured(
                f"{operation} needs {service.argument}, which this client was not given."
            )
        for name, value in headers.items():
            if _NOT_A_HEADER_VALUE.search(value):
                raise OryUsageError(
                    f"{operation}: the value for the header {name} has a line break or a control character."
                )
        request = OryRequest(
            method, endpoint.origin, endpoint.path + target, {**endpoint.headers, **headers}, body
        )
        if body is not None:
            request.headers["Content-Length"] = str(len(body))
        started = time.monotonic()
        response, content = self._exchange(request, operation, service, started + self._timeout.total)
        status = response.status_code
        if logger.isEnabledFor(logging.DEBUG):
            logger.debug("%s %s %.0f ms", operation, status, (time.monotonic() - started) * 1000)
        if 200 <= status < 300 or (redirect and 300 <= status < 400):
            return Reply(status, response.raw.headers, content)
        raise error_for(status, _loose(content), response.headers, operation)

    def close(self) -> None:
        """Close every connection. A later call opens new ones."""
        current, self._current = self._current, None
        if current is not None:
            current[1].close()

    def _exchange(
        self, request: OryRequest, operation: str, service: Service, deadline: float
    ) -> tuple[requests.Response, bytes]:
        repeatable = request.method == "GET"
        while True:
            try:
                return self._attempt(request, operation, deadline)
            except _TIMEOUTS as error:
                text = f"no answer from {service.name} within {self._timeout.total:g} s"
                raise OryTimeout(text, operation=operation) from _innermost(error)
            except _FAILURES as error:
                if not repeatable or isinstance(error, _TLS_FAILURES) or time.monotonic() >= deadline:
                    cause = _innermost(error)
                    text = f"no connection to {service.name} ({type(cause).__name__})"
                    raise OryConnectionError(text, operation=operation) from cause
            repeatable = False

    def _attempt(
        self, request: OryRequest, operation: str, deadline: float
    ) -> tuple[requests.Response, bytes]:
        session = self._current_session()
        timeout: Any = WireTimeout(
            connect=self._timeout.connect, total=max(deadline - time.monotonic(), 0.001)
        )
        if getattr(requests.Session.send, "__wrapped__", None) is not None:
            # OpenTelemetry and its like wrap this method: go where they listen.
            response = session.send(
                request, stream=True, timeout=timeout, verify=self._verify, allow_redirects=False
            )
        else:
            adapter = session.get_adapter(request.url or "")
            response = adapter.send(request, stream=True, timeout=timeout, verify=self._verify)
        return response, self._read(response, operation)

    def _read(self, response: requests.Response, operation: str) -> bytes:
        raw, limit = response.raw, self._max_response_bytes
        length = raw.length_remaining  # None for a chunked body, and for one that ends with the connection
        if length is not None and length <= limit and "Content-Encoding" not in raw.headers:
            whole: bytes = raw.read()
            return whole
        if length is None or length <= limit:
            content: bytes = raw.read(limit + 1, decode_content=True)
            if len(content) <= limit:
                raw.release_conn()
                return content
        response.raw.close()
        raise OryResponseTooLarge(
            f"the answer is larger than {limit} bytes", operation=operation, status=response.status_code
        )

    def _current_session(self) -> requests.Session:
        current = self._current
        if current is None or current[0] != os.getpid():
            # No lock, which a fork could leave locked: two threads may make one each, and the last stays.
            current = self._current = (os.getpid(), _new_session(self._pool_size))
        return current[1]


class _Endpoint:
    """Where a service is, and the headers that every request to it carries."""

    __slots__ = ("headers", "origin", "path")

    def __init__(self, url: str, service: Service, api_key: str) -> None:
        parts = _URL.fullmatch(url)
        if parts is None:
            raise OryUsageError(f"{service.argument} must be a plain URL such as https://ory.example.com.")
        self.origin = parts[1]
        self.path = parts[2].rstrip("/")
        self.headers = {"User-Agent": USER_AGENT, "Accept": "application/json"}
        if api_key and service.private:
            self.headers["Authorization"] = f"Bearer {api_key}"


def _new_session(pool_size: int) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.cookies = NO_COOKIES
    session.adapters.clear()
    session.mount("http", OryAdapter(pool_size=pool_size))
    return session


def _loose(content: bytes) -> Any:
    """The JSON of an error's body, or its text if it is none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return content.decode("utf-8", "replace")


def _innermost(error: BaseException) -> BaseException:
    """What the network itself said. The wrappers around it quote the URL, and a URL may hold a code."""
    while True:
        inner = getattr(error, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((item for item in reversed(error.args) if isinstance(item, BaseException)), None)
        if inner is None:
            return error
        error = inner
