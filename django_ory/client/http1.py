"""HTTP/1.1 for urllib3: one deadline for a whole exchange, and no bytes after a response.

A socket's timeout restarts with every address and every byte. Here each step gets the remaining time. Only
the system's lookup of a name has its own limits. The pools have no lock, which a fork could leave locked.

``http.client`` accepts heads that break the rules of HTTP and uses a connection again after any response
without a body. Bytes after such a response would be read as the response to the next request, which may be
another user's. Here a connection is used again only after a success with exactly one length.

``begin``, the attributes that it sets, ``_read_status``, ``_close_conn`` and ``_read_next_chunk_size`` are
undocumented parts of ``http.client``. It has no public way to see interim responses or bytes after the end,
and its parser for heads, made for mails, takes a fifth of the time of a call.
"""

from __future__ import annotations

import contextlib
import io
import queue
import re
import socket
import ssl
import struct
import time
from collections import deque
from http import HTTPStatus
from http.client import HTTPMessage, HTTPResponse
from typing import Any, cast

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    InvalidHeader,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
)
from urllib3.util import Timeout
from urllib3.util.connection import allowed_gai_family
from urllib3.util.wait import wait_for_read

MAX_INTERIM_RESPONSES = 100
MAX_HEAD_BYTES = 64 * 1024  # of a response and its interim responses

_WITHOUT_BODY = (HTTPStatus.NO_CONTENT, HTTPStatus.RESET_CONTENT, HTTPStatus.NOT_MODIFIED)
# A field of a head (RFC 9112 section 5). No name with a space, no line that continues the one before it.
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00\r\n]*)\r?\n")
_FRAMING = ("content-length", "transfer-encoding", "connection")
# Closing resets the connection. Otherwise its port stays reserved for a minute, and a flood of requests with
# invalid cookies would use up all ports.
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class _Reader(io.RawIOBase):
    """Reads from a socket until a point in time that the socket's timeout at the start sets."""

    def __init__(self, sock: socket.socket) -> None:
        self._raw = sock.makefile("rb", buffering=0)  # keeps the socket open until the response ends
        self._sock = sock
        self._deadline = time.monotonic() + (sock.gettimeout() or 0)  # a Transport always has a timeout
        self.is_at_end = False  # no more reads from the socket; only buffered bytes are left

    def makefile(self, mode: str) -> io.BufferedReader:
        """Return what ``http.client`` reads from. It takes this object for a socket."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self.is_at_end:
            return 0
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)
        return self._sock.recv_into(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class FramedResponse(HTTPResponse):
    """A response whose connection is closed unless nothing can follow it."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        self._sock = sock
        self._reader = _Reader(sock)
        super().__init__(self._reader, *args, **kwargs)  # type: ignore[arg-type]  # it only calls makefile

    def begin(self, **_: Any) -> None:
        """Read the head of the final response. Interim responses are skipped, except 101.

        Raises InvalidHeader for a head that breaks the rules of HTTP.
        """
        self._head_bytes_left = MAX_HEAD_BYTES
        for _number in range(MAX_INTERIM_RESPONSES + 1):
            version, status, reason = self._read_status()  # type: ignore[attr-defined]
            fields, framing = self._read_fields()
            if status >= 200 or status == HTTPStatus.SWITCHING_PROTOCOLS:
                break
        else:
            raise InvalidHeader("too many interim responses")
        if not version.startswith("HTTP/1."):
            raise InvalidHeader("an unknown version of HTTP")
        lengths, codings = framing["content-length"], framing["transfer-encoding"]
        self.code = self.status = status
        self.reason = reason.strip()
        self.version = 10 if version == "HTTP/1.0" else 11
        self.headers = self.msg = fields
        self.chunked = codings[:1] == ["chunked"]
        self.chunk_left = None
        has_body = status >= 200 and status not in _WITHOUT_BODY  # Ory's API has no HEAD
        self.length = _parse_length(lengths) if has_body and not self.chunked else None if has_body else 0
        has_one_length = len(lengths) + len(codings) == 1 and (self.chunked or bool(lengths))
        is_complete = has_body and has_one_length and status < 300 and self.version == 11
        self.will_close = not is_complete or "close" in ",".join(framing["connection"])
        if self.will_close:
            with contextlib.suppress(OSError):
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)

    def _read_fields(self) -> tuple[HTTPMessage, dict[str, list[str]]]:
        """Return the fields of a head, and the values of those that ``_FRAMING`` names, in lower case."""
        fields = HTTPMessage()
        framing: dict[str, list[str]] = {name: [] for name in _FRAMING}
        while (line := self.fp.readline(self._head_bytes_left + 1)) not in (b"\r\n", b"\n"):
            self._head_bytes_left -= len(line)
            field = _FIELD.fullmatch(line)
            if field is None or self._head_bytes_left < 0:
                raise InvalidHeader("a head that is too long, incomplete or not valid")
            name, value = field[1].decode(), field[2].rstrip(b" \t").decode("latin-1")
            fields[name] = value
            if (values := framing.get(name.lower())) is not None:
                values.append(value.lower())
        return fields, framing

    def _close_conn(self) -> None:
        self._reader.is_at_end = True
        if self.fp.peek(1):
            # Bytes after the end: a second response, for example.
            with contextlib.suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)
        super()._close_conn()  # type: ignore[misc]

    def _read_next_chunk_size(self) -> int:
        size: int = super()._read_next_chunk_size()  # type: ignore[misc]
        if size < 0:  # http.client would hand it to read(), and -1 means everything there
            raise ValueError("a chunk of a negative size")
        return size


def _parse_length(lines: list[str]) -> int | None:
    """Return the value of the Content-Length fields, None without one. Raises InvalidHeader."""
    values = {value.strip() for line in lines for value in line.split(",")}
    if not values:
        return None
    length = values.pop()
    if values or not (length.isascii() and length.isdigit() and len(length) < 19):
        raise InvalidHeader("several lengths, or one that is not a number")
    return int(length)


def is_silent(sock: socket.socket) -> bool:
    """Whether an idle connection is open and has nothing to read. Call it only before a request.

    The byte that may be read is not lost: a connection that is not silent must be closed.
    """
    sock.settimeout(0)
    try:
        sock.recv(1)  # in contrast to select, reads the session tickets that TLS 1.3 sends after a handshake
    except (BlockingIOError, ssl.SSLWantReadError, TimeoutError):
        return True
    except OSError:
        pass
    return False


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
