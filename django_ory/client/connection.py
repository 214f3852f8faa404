"""HTTP over requests: one pool of connections per origin, without cookies and settings of the environment.

The only module of the client that imports requests. Loaded with the first client, because the import takes
longer than that of all other modules together.
"""

from __future__ import annotations

import logging
import os
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import requests
import urllib3.exceptions
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar

from .errors import OryConnectionError, OryDecodeError, OryResponseTooLarge, OryTimeout
from .http1 import Deadline, DeadlinePool, SecureDeadlinePool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .transport import Call, Endpoint

EXCERPT = 64 * 1024  # of an error with a body that is larger than the client accepts

_TIMEOUTS = (TimeoutError, requests.Timeout, urllib3.exceptions.TimeoutError)
_CONNECT_TIMEOUTS = (requests.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError)
_TLS_FAILURES = (requests.exceptions.SSLError, urllib3.exceptions.SSLError)
# There is a connection, so repeating the call would not help.
_UNREADABLE = (
    urllib3.exceptions.DecodeError,
    urllib3.exceptions.InvalidHeader,
    requests.exceptions.ContentDecodingError,
    requests.exceptions.InvalidHeader,
)
_FAILURES = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)


# urllib3 writes every URL to its debug log, and a query may contain a code or a token.
_origins: set[tuple[str | None, int | None]] = set()


def _drop_query(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple) and record.args[1:3] in _origins:
        record.args = tuple(
            value.partition("?")[0] if isinstance(value, str) else value for value in record.args
        )
    return True


logging.getLogger("urllib3.connectionpool").addFilter(_drop_query)


class PreparedCall(PreparedRequest):
    """A prepared request with its origin and target, so that the URL is not parsed again."""

    path_url: str = ""  # a property in requests

    def __init__(self, call: Call, endpoint: Endpoint) -> None:
        super().__init__()
        self.method = call.method
        self.origin = endpoint.origin
        self.path_url = endpoint.path + call.target
        self.url = self.origin + self.path_url
        headers = {**endpoint.headers, **call.headers}
        if call.body is not None:
            headers["Content-Length"] = str(len(call.body))
        self.headers = headers  # type: ignore[assignment]  # a plain dict: the names are spelled as requests does
        self.body = call.body


class _NoCookies(RequestsCookieJar):
    """A cookie jar that stays empty: one client serves many browsers."""

    def set_cookie(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing."""

    def extract_cookies(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: the base class takes a lock, which a fork could leave locked."""


NO_COOKIES = _NoCookies()


class _Response(Response):
    """A response without a cookie jar of its own: making one takes longer than all the rest."""

    # For a redirect, Session.send would read the body and prepare the next request.
    is_redirect = False

    def __init__(self, request: PreparedRequest, raw: Any) -> None:
        self._content: Any = False
        self._content_consumed = False
        self._next = None
        self.status_code = raw.status
        self.headers = raw.headers
        self.raw = raw
        self.url = request.url or ""
        self.encoding = None
        self.history = []
        self.reason = raw.reason
        self.cookies = NO_COOKIES
        self.elapsed = timedelta(0)
        self.request = request


_POOLS: dict[str, Any] = {"http": DeadlinePool, "https": SecureDeadlinePool}


class OryHTTPAdapter(HTTPAdapter):
    """The adapter of requests without cookies, guessed encodings and settings of the environment.

    ``proxy``: the URL of an HTTP proxy for every call, or "".
    """

    def __init__(self, *, pool_size: int, proxy: str) -> None:
        self._pools: dict[str, Any] = {}  # by origin
        self._proxies = {"http": proxy, "https": proxy} if proxy else None
        super().__init__(pool_connections=pool_size, pool_maxsize=pool_size, max_retries=0)

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any
    ) -> None:
        super().init_poolmanager(connections, maxsize, block, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **proxy_kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def get_connection_with_tls_context(
        self,
        request: Any,
        verify: Any,
        proxies: Mapping[str, str] | None = None,
        cert: Any = None,
    ) -> Any:
        pool = self._pools.get(request.origin)
        if pool is None:
            pool = super().get_connection_with_tls_context(request, verify, self._proxies, cert)
            _origins.add((pool.host, pool.port))
            HTTPAdapter.cert_verify(self, pool, request.url, verify, cert)  # type: ignore[no-untyped-call]
            self._pools[request.origin] = pool
        return pool

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Do nothing: done once per pool, above."""

    def request_url(self, request: Any, proxies: Any) -> str:
        is_forwarded = self._proxies and request.origin.startswith("http:")
        target: str = request.url if is_forwarded else request.path_url
        return target

    build_response = _Response  # type: ignore[assignment]  # made from a request and urllib3's response

    def close(self) -> None:
        self._pools.clear()
        super().close()


class ConnectionPool:
    """Exchanges requests for responses. Threads share it; the child of a fork gets new connections."""

    def __init__(
        self, *, connect: float, pool_size: int, max_response_bytes: int, ca_bundle: str | None, proxy: str
    ) -> None:
        self._connect = connect
        self._pool_size = pool_size
        self._max_response_bytes = max_response_bytes
        self._verify: str | bool = ca_bundle or True
        self._proxy = proxy
        self._current: tuple[int, requests.Session, OryHTTPAdapter] | None = None

    def close(self) -> None:
        """Close every connection. A later exchange opens new ones."""
        current, self._current = self._current, None
        # Connections of the parent belong to the parent, and a lock of its pools may never be free here.
        if current is not None and current[0] == os.getpid():
            current[1].close()

    def exchange(self, call: Call, endpoint: Endpoint) -> tuple[int, Any, bytes]:
        """Send a call to an endpoint and return status, headers and the whole body.

        The limits for the body are those of the call and of the pool.
        Raises OryTimeout, OryConnectionError, OryDecodeError, OryResponseTooLarge.
        """
        request = PreparedCall(call, endpoint)
        operation, server, total = call.operation, call.service.name, call.total
        deadline, allow_repeat = time.monotonic() + total, call.allow_repeat
        limit = min(self._max_response_bytes, call.max_bytes or self._max_response_bytes)
        while True:
            try:
                return self._attempt(request, operation, deadline, limit)
            except _FAILURES as error:
                cause = _innermost(error)
                if isinstance(error, _TIMEOUTS) or _is_timeout(cause):
                    late = f"no answer from {server} within {total:g} s"
                    if isinstance(error, _CONNECT_TIMEOUTS) or isinstance(cause, _CONNECT_TIMEOUTS):
                        late = f"no connection to {server} within {min(self._connect, total):g} s"
                    raise OryTimeout(late, operation=operation) from cause
                if isinstance(error, _UNREADABLE):
                    text = f"the response is not valid HTTP ({type(error).__name__})"
                    raise OryDecodeError(text, operation=operation) from cause
                if not allow_repeat or isinstance(error, _TLS_FAILURES) or time.monotonic() >= deadline:
                    text = f"no connection to {server} ({type(cause).__name__})"
                    raise OryConnectionError(text, operation=operation) from cause
            allow_repeat = False

    def _attempt(
        self, request: PreparedCall, operation: str, deadline: float, limit: int
    ) -> tuple[int, Any, bytes]:
        current = self._current
        if current is None or current[0] != os.getpid():
            # No lock, which a fork could leave locked: two threads may make one each, and the last one stays.
            current = self._current = self._open()
        timeout: Any = Deadline(connect=self._connect, until=deadline)
        if getattr(requests.Session.send, "__wrapped__", None) is not None:
            # OpenTelemetry and others wrap this method.
            response = current[1].send(
                request, stream=True, timeout=timeout, verify=self._verify, allow_redirects=False
            )
        else:
            response = current[2].send(request, stream=True, timeout=timeout, verify=self._verify)
        raw = response.raw
        try:
            return response.status_code, raw.headers, _read(raw, operation, limit)
        except Exception:
            raw.close()  # not every error of urllib3 does
            raise

    def _open(self) -> tuple[int, requests.Session, OryHTTPAdapter]:
        session = requests.Session()
        session.trust_env = False
        session.cookies = NO_COOKIES
        session.adapters.clear()
        adapter = OryHTTPAdapter(pool_size=self._pool_size, proxy=self._proxy)
        session.mount("http", adapter)
        return os.getpid(), session, adapter


def _read(raw: Any, operation: str, limit: int) -> bytes:
    """Return the whole body of a success, and the beginning of an error that is too large."""
    length = raw.length_remaining  # None for a chunked body, and for one that ends with the connection
    may_fit = length is None or length <= limit
    if may_fit and length is not None and "Content-Encoding" not in raw.headers:
        whole: bytes = raw.read()
        return whole
    is_error = raw.status >= 300
    content = b""
    if may_fit or is_error:
        content = raw.read(limit + 1 if may_fit else EXCERPT, decode_content=True)
        if may_fit and len(content) <= limit:
            raw.release_conn()
            return bytes(content)
    raw.close()
    if is_error:
        return content[: min(limit, EXCERPT)]
    raise OryResponseTooLarge(
        f"the answer is larger than {limit} bytes",
        operation=operation,
        status=raw.status,
        request_id=raw.headers.get("X-Request-Id", ""),
    )


def _is_timeout(error: BaseException) -> bool:
    # urllib3 derives the error of a refused connection from that of a slow one.
    return isinstance(error, _TIMEOUTS) and not isinstance(error, urllib3.exceptions.NewConnectionError)


def _innermost(error: BaseException) -> BaseException:
    """Return the original error. The wrappers around it contain the URL, and a URL may contain a code."""
    while True:
        inner = getattr(error, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((item for item in reversed(error.args) if isinstance(item, BaseException)), None)
        if inner is None:
            return error
        error = inner
