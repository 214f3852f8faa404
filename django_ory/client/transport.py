"""The only module that sends HTTP to Ory: base URL, credentials, timeout, size limit, errors and logging.

Redirects are never followed, cookies never stored, proxies and .netrc of the environment never read. A GET is
repeated once if its connection breaks (the server may have closed an idle one), unless a parameter can be
used only once. No other method is repeated.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable
from copy import copy
from typing import TYPE_CHECKING, Any, NamedTuple

from django_ory import __version__

from .error_responses import build_error
from .errors import OryServiceNotConfigured, OryUsageError
from .services import SERVICES, Service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from urllib3 import HTTPHeaderDict

    from .connection import ConnectionPool

DEFAULT_MAX_RESPONSE_BYTES = 32 * 1024 * 1024
DEFAULT_POOL_SIZE = 32
USER_AGENT = f"django-ory/{__version__}"

logger = logging.getLogger("django_ory.client")

_HOST = r"(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]\\]+)(?::(?P<port>[0-9]{1,5}))?"
# No user, query or fragment: they belong to a call.
_URL = re.compile(rf"(https?://{_HOST})((?:/[^\s?#\x00-\x20]*)?)")
_PROXY = re.compile(rf"http://(?:[^\s/?#@\\]+@)?{_HOST}/?")
_NOT_A_HEADER_VALUE = re.compile(r"[^\t\x20-\x7e\x80-\xff]")


class Timeout(NamedTuple):
    """Seconds for connecting, and for the whole call including the response."""

    connect: float
    total: float


class Reply(NamedTuple):
    """A successful response with its unparsed body."""

    status: int
    headers: HTTPHeaderDict
    content: bytes

    def __repr__(self) -> str:
        return f"<Reply {self.status}>"  # the rest contains cookies, tokens and personal data


class Call(NamedTuple):
    """A call that is about to be sent."""

    operation: str  #: method and path template
    service: Service
    method: str
    target: str  #: path and query
    headers: Mapping[str, str]  #: the call's own headers, without those that every call has
    body: bytes | None
    total: float = 0.0  #: the seconds that the whole call may take; ``Transport.send`` sets them
    allow_redirect: bool = False  #: a 3xx is a success
    allow_repeat: bool = False  #: may be sent once more if the connection breaks
    max_bytes: int | None = None  #: the limit for the response's body, besides the client's own

    def __repr__(self) -> str:
        return f"<Call {self.operation}>"  # the rest contains cookies, tokens and ids


#: Sends a call.
Send = Callable[[Call], Reply]
#: A function around every call. Returns the reply of ``send(call)``, or raises OryError.
Interceptor = Callable[[Call, Send], Reply]


class Transport:
    """Sends requests to the services of one Ory project. Threads share it; a fork gets a new session."""

    def __init__(
        self,
        urls: Mapping[str, str],
        *,
        api_key: str,
        total: float,
        pool: ConnectionPool,
        interceptor: Interceptor | None,
    ) -> None:
        if _NOT_A_HEADER_VALUE.search(api_key):
            raise OryUsageError("api_key must not contain line breaks or control characters.")
        self._total = total
        self._pool = pool
        self._interceptor = interceptor
        self._endpoints = {
            service: Endpoint(url, service, api_key)
            for service in SERVICES.values()
            if (url := urls[service.argument])
        }
        self._project_services = {
            service for service in self._endpoints if urls[service.argument] == urls["sdk_url"]
        }

    def send(self, call: Call) -> Reply:
        """Send a call and return the success.

        Raises OryTransportError, OryDecodeError, OryAPIError, and OryUsageError before anything is sent.
        """
        if call.service not in self._endpoints:
            raise OryServiceNotConfigured(
                f"{call.operation} needs the option {call.service.argument} of this client, which is not set."
            )
        for name, value in call.headers.items():
            if not isinstance(value, str):
                raise OryUsageError(f"{call.operation}: the header {name} must be text.")
            if _NOT_A_HEADER_VALUE.search(value):
                text = f"the header {name} must not contain line breaks or control characters."
                raise OryUsageError(f"{call.operation}: {text}")
        call = call._replace(total=self._total)
        if self._interceptor is None:
            return self._exchange(call)
        return self._interceptor(call, self._exchange)

    def _exchange(self, call: Call) -> Reply:
        endpoint = self._endpoints[call.service]
        started, outcome = time.monotonic(), "no answer"
        try:
            status, headers, content = self._pool.exchange(call, endpoint)
            outcome = str(status)
        finally:
            if logger.isEnabledFor(logging.DEBUG):
                logger.debug("%s %s %.0f ms", call.operation, outcome, (time.monotonic() - started) * 1000)
        if 200 <= status < 300 or (call.allow_redirect and 300 <= status < 400):
            return Reply(status, headers, content)
        raise build_error(status, _json_or_text(content), headers, call.operation)

    def shares_project_url(self, service: Service) -> bool:
        """Whether a service has the URL of the project (Ory Network) and not its own."""
        return service in self._project_services

    def with_total(self, seconds: float) -> Transport:
        """Return a transport over the same connections with another timeout for the whole call."""
        other = copy(self)
        other._total = seconds  # noqa: SLF001 (a copy of ourselves)
        return other

    def close(self) -> None:
        """Close every connection. A later call opens new ones."""
        self._pool.close()


class Endpoint:
    """The URL of a service, and the headers of every request to it."""

    __slots__ = ("headers", "origin", "path")

    def __init__(self, url: str, service: Service, api_key: str) -> None:
        parts = _URL.fullmatch(url)
        if parts is None or not _is_reachable(parts):
            raise OryUsageError(f"{service.argument} must be a plain URL such as https://ory.example.com.")
        self.origin = parts[1]
        self.path = parts[3].rstrip("/")
        self.headers = {"User-Agent": USER_AGENT, "Accept": "application/json"}
        if api_key and service.needs_api_key:
            self.headers["Authorization"] = f"Bearer {api_key}"


def is_proxy(url: str) -> bool:
    """Whether the text is the URL of an HTTP proxy, with or without a user and a password."""
    return _is_reachable(_PROXY.fullmatch(url))


def _is_reachable(url: re.Match[str] | None) -> bool:
    """Whether there is a URL, and its port is valid."""
    return url is not None and 0 < int(url["port"] or 80) < 65536


def _json_or_text(content: bytes) -> Any:
    """Return the parsed JSON of an error's body, or its text."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return content.decode("utf-8", "replace")
