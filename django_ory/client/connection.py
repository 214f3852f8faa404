"""Connections for ``transport``: one pool per origin, and one deadline for the whole of an answer.

A socket's timeout starts again with every byte. Each read here gets only what is left of the time, so a
server that drips holds us no longer than one that is silent.
"""

from __future__ import annotations

import io
import logging
import time
from datetime import timedelta
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any, cast

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

__all__ = ["NO_COOKIES", "OryAdapter", "OryRequest"]


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
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

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


class _DeadlineReader(io.RawIOBase):
    """Reads from a socket until a point in time that the socket's timeout at the start sets."""

    def __init__(self, raw: Any, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock
        self._deadline = time.monotonic() + (sock.gettimeout() or 0)  # a Transport always has a timeout

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)
        count: int | None = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _DeadlineResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_DeadlineReader(self.fp.detach(), sock))


class _Connection(HTTPConnection):
    response_class = _DeadlineResponse


class _SecureConnection(HTTPSConnection):
    response_class = _DeadlineResponse


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection
