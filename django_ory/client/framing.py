"""Reads the head of a response, finds its end, and decides whether its connection may be used again.

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
import re
import socket
import ssl
import struct
import time
from http import HTTPStatus
from http.client import HTTPMessage, HTTPResponse
from typing import Any

from urllib3.exceptions import InvalidHeader

__all__ = ["FramedResponse", "is_silent"]

MAX_INTERIM_RESPONSES = 100
MAX_HEAD_BYTES = 64 * 1024  # of a response and its interim responses

_WITHOUT_BODY = (HTTPStatus.NO_CONTENT, HTTPStatus.RESET_CONTENT, HTTPStatus.NOT_MODIFIED)
# A field of a head (RFC 9112 section 5). No name with a space, no line that continues the one before it.
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00\r\n]*)\r?\n")
_FRAMING = ("content-length", "transfer-encoding", "connection")
# Closing resets the connection. Otherwise its port stays reserved for a minute, and a flood of requests with
# invalid cookies would use up all ports.
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class _DeadlineReader(io.RawIOBase):
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
        self._reader = _DeadlineReader(sock)
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
