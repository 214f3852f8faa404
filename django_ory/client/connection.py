"""Connections for ``transport``: one pool per origin, and one deadline for the whole of an answer.

A socket's timeout starts again with every byte. Each read here gets only what is left of the time, so a
server that drips holds us no longer than one that is silent.
"""

from __future__ import annotations

import io
import time
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

__all__ = ["OryAdapter", "OryRequest"]


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
        self.headers = CaseInsensitiveDict(headers)
        self.body = body


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
        origin = request.origin if isinstance(request, OryRequest) else ""
        pool = self._pools.get(origin)
        if pool is None:
            pool = super().get_connection_with_tls_context(request, verify, proxies=proxies, cert=cert)
            if origin:
                self._pools[origin] = pool
        return pool

    def build_response(self, req: PreparedRequest, resp: Any) -> Response:
        response = Response()
        response.status_code = resp.status
        response.headers = CaseInsensitiveDict(resp.headers)
        response.raw = resp
        response.reason = resp.reason
        response.url = req.url or ""
        response.request = req
        return response

    def close(self) -> None:
        self._pools.clear()
        super().close()


class _DeadlineReader(io.RawIOBase):
    """Reads from a socket until a point in time that the socket's timeout at the start sets."""

    def __init__(self, raw: Any, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock
        seconds = sock.gettimeout()
        self._deadline = None if seconds is None else time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._deadline is not None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("timed out")
            self._sock.settimeout(left)
        count: int | None = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        if not self.closed:
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
