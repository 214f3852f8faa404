"""How ``transport`` reaches a server: requests without what an API client does not need, one pool per origin.

Nothing else here imports requests, and only a client that is made loads this: it takes longer to import than
all the rest.
"""

from __future__ import annotations

import logging
import os
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import requests
import urllib3.exceptions
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar
from urllib3.util import Timeout as WireTimeout

from .deadline import DeadlinePool, SecureDeadlinePool
from .errors import OryConnectionError, OryResponseTooLarge, OryTimeout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .transport import Timeout

__all__ = ["Channel", "OryRequest"]

_TIMEOUTS = (requests.Timeout, urllib3.exceptions.TimeoutError)
_TLS_FAILURES = (requests.exceptions.SSLError, urllib3.exceptions.SSLError)
_FAILURES = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)


# urllib3 writes every URL to its debug log, and a query of Ory's may hold a code or a token.
_logged_without_query: set[tuple[str, int | None]] = set()


def _drop_query(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple) and record.args[1:3] in _logged_without_query:
        record.args = tuple(
            value.partition("?")[0] if isinstance(value, str) else value for value in record.args
        )
    return True


logging.getLogger("urllib3.connectionpool").addFilter(_drop_query)


class OryRequest(PreparedRequest):
    """A prepared request that knows its origin and target, so that nobody has to parse the URL again."""

    path_url: str = ""  # a property in requests
    origin: str = ""

    def __init__(
        self, method: str, origin: str, target: str, headers: dict[str, str], body: bytes | None
    ) -> None:
        super().__init__()
        self.method = method
        self.origin = origin
        self.path_url = target
        self.url = origin + target
        self.headers = headers  # type: ignore[assignment]  # a plain one: half the time of requests' own, same spelling
        self.body = body


class _NoCookies(RequestsCookieJar):
    """A jar that stays empty: what Ory sets belongs to a browser, and a client serves many."""

    def set_cookie(self, *args: Any, **kwargs: Any) -> None:
        """Keep nothing."""


NO_COOKIES = _NoCookies()


class OryResponse(Response):
    """A response without a cookie jar of its own, which is most of what making one costs."""

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


class OryAdapter(HTTPAdapter):
    """The adapter of requests without what an API client does not need: proxies, cookies, encodings."""

    def __init__(self, *, pool_size: int) -> None:
        self._pools: dict[str, Any] = {}
        super().__init__(pool_connections=pool_size, pool_maxsize=pool_size, max_retries=0)

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any
    ) -> None:
        super().init_poolmanager(connections, maxsize, block, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": DeadlinePool, "https": SecureDeadlinePool}

    def get_connection_with_tls_context(
        self,
        request: PreparedRequest,
        verify: Any,
        proxies: Mapping[str, str] | None = None,
        cert: Any = None,
    ) -> Any:
        origin = cast("OryRequest", request).origin
        pool = self._pools.get(origin)
        if pool is None:
            pool = super().get_connection_with_tls_context(request, verify, proxies=None, cert=cert)
            _logged_without_query.add((pool.host, pool.port))
            HTTPAdapter.cert_verify(self, pool, request.url or "", verify, cert)  # type: ignore[no-untyped-call]
            self._pools[origin] = pool
        return pool

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Done once per pool, above."""

    def request_url(self, request: PreparedRequest, proxies: Any) -> str:
        return request.path_url

    def build_response(self, req: PreparedRequest, resp: Any) -> Response:
        return OryResponse(req, resp)

    def close(self) -> None:
        self._pools.clear()
        super().close()


class Channel:
    """Exchanges requests for answers. Threads share it; a fork gets a new session."""

    def __init__(
        self, *, timeout: Timeout, pool_size: int, max_response_bytes: int, ca_bundle: str | None
    ) -> None:
        self._timeout = timeout
        self._pool_size = pool_size
        self._max_response_bytes = max_response_bytes
        self._verify: str | bool = ca_bundle or True
        self._current: tuple[int, requests.Session] | None = None

    def close(self) -> None:
        """Close every connection. A later exchange opens new ones."""
        current, self._current = self._current, None
        if current is not None:
            current[1].close()

    def exchange(
        self, request: OryRequest, *, operation: str, server: str, deadline: float
    ) -> tuple[requests.Response, bytes]:
        """Send a request, the second time if it is a GET and the connection broke; read the whole answer.

        ``server`` is for the errors' text; ``deadline`` is on the clock of ``time.monotonic``.
        Raises OryTimeout, OryConnectionError, OryResponseTooLarge.
        """
        repeatable = request.method == "GET"
        while True:
            try:
                return self._attempt(request, operation, deadline)
            except _FAILURES as error:
                cause = _innermost(error)
                if isinstance(error, _TIMEOUTS) or isinstance(cause, TimeoutError):
                    text = f"no answer from {server} within {self._timeout.total:g} s"
                    raise OryTimeout(text, operation=operation) from cause
                if not repeatable or isinstance(error, _TLS_FAILURES) or time.monotonic() >= deadline:
                    text = f"no connection to {server} ({type(cause).__name__})"
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


def _new_session(pool_size: int) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.cookies = NO_COOKIES
    session.adapters.clear()
    session.mount("http", OryAdapter(pool_size=pool_size))
    return session


def _innermost(error: BaseException) -> BaseException:
    """What the network itself said. The wrappers around it quote the URL, and a URL may hold a code."""
    while True:
        inner = getattr(error, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((item for item in reversed(error.args) if isinstance(item, BaseException)), None)
        if inner is None:
            return error
        error = inner
