"""Connections of urllib3 with one deadline for a whole exchange: connect, TLS, send and read share it.

A socket's timeout restarts with every address and every byte. Here each step gets the remaining time only.
The lookup of a name cannot be interrupted: the system's resolver has its own limits. The pools have no lock,
which a fork could leave locked.
"""

from __future__ import annotations

import queue
import socket
import time
from collections import deque
from typing import Any, cast

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
)
from urllib3.util import Timeout
from urllib3.util.connection import allowed_gai_family
from urllib3.util.wait import wait_for_read

from .framing import FramedResponse, is_silent

__all__ = ["Deadline", "DeadlinePool", "SecureDeadlinePool"]


class Deadline(Timeout):
    """The timeout of one exchange that ends at ``until``, by the clock of ``time.monotonic``."""

    def __init__(self, *, connect: float, until: float) -> None:
        super().__init__(connect=connect, total=max(until - time.monotonic(), 0.001))
        self.until = until

    def clone(self) -> Deadline:
        """Return itself with the remaining time. urllib3 clones a timeout for each step of an exchange."""
        self.total = max(self.until - time.monotonic(), 0.001)
        return self


class _Stack:
    """The part of ``queue.LifoQueue`` that urllib3 uses, without the lock.

    In the child of a fork the garbage collector empties the pools of its parent. A lock that another thread
    held at the fork would never be free there.
    """

    def __init__(self, maxsize: int) -> None:
        self._maxsize = maxsize
        self._items: deque[Any] = deque()  # its append and pop are atomic

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        if len(self._items) >= self._maxsize:
            raise queue.Full
        self._items.append(item)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        try:
            return self._items.pop()
        except IndexError:
            raise queue.Empty from None

    def qsize(self) -> int:
        return len(self._items)


class _Connection(HTTPConnection):
    response_class = FramedResponse
    deadline = 0.0  # the pool sets it for each request, on the clock of time.monotonic
    answered_early = False  # a response began before the whole request was sent

    @property
    def is_connected(self) -> bool:
        """Whether the pool may use the connection again. Unread bytes would be part of another response."""
        return self.sock is not None and not self.answered_early and is_silent(self.sock)

    def connect(self) -> None:
        super().connect()
        self.answered_early = False
        if not is_silent(self.sock):
            raise ConnectionAbortedError("a response before the request")

    def _new_conn(self) -> socket.socket:
        """Connect to the first address that answers. They share the time, lookup included, evenly."""
        until = time.monotonic() + float(self.timeout or 0)
        try:
            found = socket.getaddrinfo(
                self._dns_host.strip("[]"), self.port, allowed_gai_family(), socket.SOCK_STREAM
            )
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except UnicodeError as error:
            raise LocationParseError("the host's name has no IDNA form") from error
        refusal: OSError = TimeoutError("timed out")
        for index, (family, kind, protocol, _, address) in enumerate(found):
            left = until - time.monotonic()
            if left <= 0:
                break
            connected = socket.socket(family, kind, protocol)
            try:
                for option in self.socket_options or ():
                    connected.setsockopt(*option)
                connected.settimeout(left / (len(found) - index))
                connected.connect(address)
                connected.settimeout(max(until - time.monotonic(), 0.001))  # the time for TLS
            except OSError as error:
                connected.close()
                refusal = error
            else:
                return connected
        if isinstance(refusal, TimeoutError):
            raise ConnectTimeoutError(self, "no connection in time") from refusal
        raise NewConnectionError(self, str(refusal)) from refusal

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        rest = memoryview(data)
        while rest:
            left = self.deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("timed out")
            self.sock.settimeout(left)
            rest = rest[self.sock.send(rest) :]
            if rest and wait_for_read(self.sock, timeout=0):
                self.answered_early = True


class _SecureConnection(_Connection, HTTPSConnection):
    def connect(self) -> None:
        try:
            super().connect()
        except TimeoutError as error:  # of the handshake, or of a proxy
            raise ConnectTimeoutError(self, "no secure connection in time") from error


class DeadlinePool(HTTPConnectionPool):
    """A pool of plain connections. ``timeout`` must be a Deadline."""

    ConnectionCls = _Connection
    QueueCls = cast("Any", _Stack)

    def _make_request(self, conn: Any, *args: Any, **options: Any) -> Any:
        conn.deadline = options["timeout"].until
        return super()._make_request(conn, *args, **options)


class SecureDeadlinePool(DeadlinePool, HTTPSConnectionPool):
    """The same, for TLS."""

    ConnectionCls = _SecureConnection

    def _prepare_proxy(self, conn: Any) -> None:
        conn.deadline = time.monotonic() + conn.timeout  # asking the proxy is a part of connecting
        super()._prepare_proxy(conn)
