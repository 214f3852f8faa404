"""The end of a response, and whether its connection may be used again.

``http.client`` skips interim responses with status 100 only, and uses a connection again after any response
that has no body. Bytes after such a response would be read as the response to the next request, which may be
another user's. Here a connection is used again only after a success with exactly one length.

The overridden methods ``_read_status``, ``_close_conn`` and ``_read_next_chunk_size`` are private parts of
``http.client``: it has no public way to see interim responses or bytes after the end.
"""

from __future__ import annotations

import contextlib
import io
import socket
import ssl
import struct
import time
from http import HTTPStatus
from http.client import HTTPResponse
from typing import Any

from urllib3.exceptions import InvalidHeader

__all__ = ["FramedResponse", "is_silent"]

MAX_INTERIM_RESPONSES = 100
MAX_INTERIM_BYTES = 64 * 1024  # of all interim responses to a request

_WITHOUT_BODY = (HTTPStatus.NO_CONTENT, HTTPStatus.RESET_CONTENT)
# Closing resets the connection. Otherwise its port stays reserved for a minute, and a flood of requests with
# invalid cookies would use up all ports.
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class _DeadlineReader(io.RawIOBase):
    """Reads from a socket until a point in time that the socket's timeout at the start sets."""

    def __init__(self, raw: Any, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock
        self._deadline = time.monotonic() + (sock.gettimeout() or 0)  # a Transport always has a timeout
        self.is_at_end = False  # no more reads from the socket; only buffered bytes are left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self.is_at_end:
            return 0
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)
        count: int | None = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class FramedResponse(HTTPResponse):
    """A response whose connection is closed unless nothing can follow it."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._sock = sock
        self._reader = _DeadlineReader(self.fp.detach(), sock)
        self.fp = io.BufferedReader(self._reader)

    def begin(self) -> None:
        """Read the head of the final response."""
        super().begin()
        if not self._is_complete_success():
            self.will_close = True
            with contextlib.suppress(OSError):
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)

    def _read_status(self) -> tuple[str, int, str]:
        """The status line of the final response. Interim responses are skipped, except 101."""
        left = MAX_INTERIM_BYTES
        for _ in range(MAX_INTERIM_RESPONSES + 1):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if status >= 200 or status == HTTPStatus.SWITCHING_PROTOCOLS:
                return version, status, reason
            while (line := self.fp.readline(left)).strip():
                left -= len(line)
            if not left:
                break
        raise InvalidHeader("too many interim responses")

    def _is_complete_success(self) -> bool:
        """Whether the response is a success with exactly one length, so that no bytes can follow it."""
        lines = self.headers.get_all("Content-Length", [])
        if self.chunked:
            has_one_length = not lines
        else:
            has_one_length = len(lines) == 1 and lines[0].isascii() and lines[0].isdigit()
            if not has_one_length and len({each.strip() for line in lines for each in line.split(",")}) > 1:
                raise InvalidHeader("several lengths")
            has_one_length = has_one_length and "Transfer-Encoding" not in self.headers
        is_success = 200 <= self.status < 300 and self.status not in _WITHOUT_BODY
        return is_success and has_one_length and not self.headers.defects

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
