"""The one place that sends HTTP to Ory: base URL, credentials, time, size, errors and the log line.

Redirects are never followed, cookies never kept, proxies and .netrc of the environment never read. A GET
whose connection broke is sent once more (an idle connection that the server had closed), unless what it says
is good for one use; nothing else is ever repeated.
"""

from __future__ import annotations

import json
import logging
import re
import time
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from django_ory import __version__

from .errors import OryServiceNotConfigured, OryUsageError, error_for
from .services import SERVICES, Service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from urllib3 import HTTPHeaderDict

    from .connection import OryRequest

__all__ = [
    "DEFAULT_MAX_RESPONSE_BYTES",
    "DEFAULT_POOL_SIZE",
    "Call",
    "Interceptor",
    "Reply",
    "Send",
    "Timeout",
    "Transport",
    "is_proxy",
]

DEFAULT_MAX_RESPONSE_BYTES = 32 * 1024 * 1024
DEFAULT_POOL_SIZE = 32
USER_AGENT = f"django-ory/{__version__}"

logger = logging.getLogger("django_ory.client")

_HOST = r"(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]\\]+)(?::(?P<port>[0-9]{1,5}))?"
# No user, query or fragment: what belongs to a call is not part of where a service is.
_URL = re.compile(rf"(https?://{_HOST})((?:/[^\s?#\x00-\x20]*)?)")
_PROXY = re.compile(rf"http://(?:[^\s/?#@\\]+@)?{_HOST}/?")
_NOT_A_HEADER_VALUE = re.compile(r"[^\t\x20-\x7e\x80-\xff]")


class Timeout(NamedTuple):
    """Seconds until a connection is given up, and until the whole call is, answer included."""

    connect: float
    total: float


class Reply(NamedTuple):
    """A success as it came: the body is not parsed yet."""

    status: int
    headers: HTTPHeaderDict
    content: bytes

    def __repr__(self) -> str:
        return f"<Reply {self.status}>"  # the rest is cookies, tokens and people


class Call(NamedTuple):
    """A call that is about to be sent, as an interceptor receives it."""

    operation: str  #: method and path template
    service: Service
    method: str
    target: str  #: path and query
    headers: Mapping[str, str]  #: the call's own headers, without those that every call carries
    total: float  #: the seconds that the whole call may take

    def __repr__(self) -> str:
        return f"<Call {self.operation}>"  # the rest is cookies, tokens and ids


class Send(Protocol):
    """Sends an intercepted call. ``total``: the seconds that the whole call may take."""

    def __call__(self, *, total: float) -> Reply: ...


class Interceptor(Protocol):
    """A function around every call. Returns the reply of ``send``, or raises OryError."""

    def __call__(self, call: Call, send: Send) -> Reply: ...


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
        proxy: str,
        interceptor: Interceptor | None = None,
    ) -> None:
        if _NOT_A_HEADER_VALUE.search(api_key):
            raise OryUsageError("api_key has a line break or a control character.")
        if proxy and not is_proxy(proxy):
            raise OryUsageError("proxy must be a URL such as http://user:password@proxy.example.com:3128.")
        from . import connection  # loads requests: not before there is a client

        self._request = connection.OryRequest
        self._channel = connection.Channel(
            connect=timeout.connect,
            pool_size=pool_size,
            max_response_bytes=max_response_bytes,
            ca_bundle=ca_bundle,
            proxy=proxy,
        )
        self._total = timeout.total
        self._interceptor = interceptor
        self._endpoints = {
            service: _Endpoint(url, service, api_key)
            for service in SERVICES.values()
            if (url := urls[service.argument])
        }
        self._of_the_project = {
            service for service in self._endpoints if urls[service.argument] == urls["sdk_url"]
        }

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
        once: bool = False,
        max_bytes: int | None = None,
    ) -> Reply:
        """Send one request and return the success.

        ``operation`` is for errors and the log: method and path template. ``redirect`` says that a 3xx is a
        success, ``once`` that not even a GET may be repeated, ``max_bytes`` that the body may be no larger.
        Raises OryTransportError, OryDecodeError, OryAPIError, and OryUsageError before anything is sent.
        """
        endpoint = self._endpoints.get(service)
        if endpoint is None:
            raise OryServiceNotConfigured(
                f"{operation} needs {service.argument}, which this client was not given."
            )
        for name, value in headers.items():
            if not isinstance(value, str):
                raise OryUsageError(f"{operation}: the value for the header {name} must be text.")
            if _NOT_A_HEADER_VALUE.search(value):
                raise OryUsageError(
                    f"{operation}: the value for the header {name} has a line break or a control character."
                )
        request = self._request(
            method, endpoint.origin, endpoint.path + target, {**endpoint.headers, **headers}, body
        )
        if body is not None:
            request.headers["Content-Length"] = str(len(body))
        send = partial(
            self._exchange,
            request,
            operation,
            service,
            redirect=redirect,
            repeat=method == "GET" and not once,
            max_bytes=max_bytes,
        )
        if self._interceptor is None:
            return send(total=self._total)
        return self._interceptor(Call(operation, service, method, target, headers, self._total), send)

    def _exchange(
        self,
        request: OryRequest,
        operation: str,
        service: Service,
        *,
        redirect: bool,
        repeat: bool,
        max_bytes: int | None,
        total: float,
    ) -> Reply:
        started, outcome = time.monotonic(), "no answer"
        try:
            response, content = self._channel.exchange(
                request,
                operation=operation,
                server=service.name,
                total=total,
                repeat=repeat,
                max_bytes=max_bytes,
            )
            outcome = str(response.status_code)
        finally:
            if logger.isEnabledFor(logging.DEBUG):
                logger.debug("%s %s %.0f ms", operation, outcome, (time.monotonic() - started) * 1000)
        status = response.status_code
        if 200 <= status < 300 or (redirect and 300 <= status < 400):
            return Reply(status, response.raw.headers, content)
        raise error_for(status, _loose(content), response.headers, operation)

    def is_of_the_project(self, service: Service) -> bool:
        """Whether a service is reached under the project's own URL: Ory Network's, not a port of its own."""
        return service in self._of_the_project

    def with_total(self, seconds: float) -> Transport:
        """The same connections, and another time for the whole of a call."""
        other = copy(self)
        other._total = seconds  # noqa: SLF001 (a copy of ourselves)
        return other

    def close(self) -> None:
        """Close every connection. A later call opens new ones."""
        self._channel.close()


class _Endpoint:
    """Where a service is, and the headers that every request to it carries."""

    __slots__ = ("headers", "origin", "path")

    def __init__(self, url: str, service: Service, api_key: str) -> None:
        parts = _URL.fullmatch(url)
        if parts is None or not _is_reachable(parts):
            raise OryUsageError(f"{service.argument} must be a plain URL such as https://ory.example.com.")
        self.origin = parts[1]
        self.path = parts[3].rstrip("/")
        self.headers = {"User-Agent": USER_AGENT, "Accept": "application/json"}
        if api_key and service.private:
            self.headers["Authorization"] = f"Bearer {api_key}"


def is_proxy(url: str) -> bool:
    """Whether it is the URL of an HTTP proxy, with or without a user and a password."""
    return _is_reachable(_PROXY.fullmatch(url))


def _is_reachable(url: re.Match[str] | None) -> bool:
    """Whether it is a URL, and its port, if it has one, a port."""
    return url is not None and 0 < int(url["port"] or 80) < 65536


def _loose(content: bytes) -> Any:
    """The JSON of an error's body, or its text if it is none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return content.decode("utf-8", "replace")
