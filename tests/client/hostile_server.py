"""A server that violates HTTP: ``choose`` selects the manner of each response.

The id of a session is the value of the request's cookie, so that tests detect sessions of other callers.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

Send = Callable[[bytes], None]
Manner = Callable[[bytes, Send], None]
Choose = Callable[[str], Manner]

_COOKIE = re.compile(rb"^cookie: ory_kratos_session=([^\r\n;]*)", re.IGNORECASE | re.MULTILINE)
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
UNAUTHORIZED = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}"


class Disconnect(Exception):
    """Ends the connection; ``reset`` with a TCP reset."""

    def __init__(self, *, reset: bool = False) -> None:
        self.reset = reset


class HostileServer:
    """Serves each connection in a separate thread until the client or ``close`` ends it."""

    def __init__(self, choose: Choose, *, greeting: bytes = b"") -> None:
        self.choose = choose
        self.greeting = greeting  # sent before the first request of a connection is read
        self.connections = 0
        self.requests = 0
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._start(self._accept)

    def close(self) -> None:
        """Stop accepting, end the connections and wait for the threads.

        The traceback of an error keeps the connection of a closed client alive.
        """
        for each in (self._listener, *list(self._open)):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(timeout=10)

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        # A finished thread that is neither joined nor dropped keeps its stack: 32,000 of them are the limit.
        self._threads = [each for each in self._threads if each.is_alive()]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._open.add(connection)
                self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(10)
        with connection, contextlib.suppress(OSError):
            if self.greeting:
                connection.sendall(self.greeting)
            while name := _read_name(connection):
                with self._lock:
                    self.requests += 1
                    manner = self.choose(name)
                try:
                    manner(body(name), connection.sendall)
                except Disconnect as end:
                    if end.reset:
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    break
        self._open.discard(connection)


def _read_name(connection: socket.socket) -> str:
    """Read a request without a body and return the value of its cookie; "" if the client has gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return ""
        data += more
    match = _COOKIE.search(data)
    return match[1].decode() if match else "-"


@contextlib.contextmanager
def hostile_server(choose: Choose, *, greeting: bytes = b"") -> Iterator[HostileServer]:
    """Run a server until the end of the block."""
    server = HostileServer(choose, greeting=greeting)
    try:
        yield server
    finally:
        server.close()


def body(name: str) -> bytes:
    """The session of a cookie, as JSON."""
    return json.dumps({"id": name}).encode()


def framed(content: bytes, head: bytes = OK) -> bytes:
    """A complete response with a length."""
    return head + b"Content-Length: %d\r\n\r\n" % len(content) + content


def ordinary(content: bytes, send: Send) -> None:
    """A correct response."""
    send(framed(content))


def chunked(content: bytes, send: Send) -> None:
    """A correct response in chunks."""
    send(OK + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(content), content))


def after(*parts: bytes, pause: float = 0.02) -> Manner:
    """``parts`` first, one by one, and the response of the session after them."""

    def manner(content: bytes, send: Send) -> None:
        for part in parts:
            send(part)
            time.sleep(pause)
        send(framed(content))

    return manner


def together(*parts: bytes) -> Manner:
    """``parts`` and the response of the session in one piece."""
    return lambda content, send: send(b"".join((*parts, framed(content))))


def twice(content: bytes, send: Send) -> None:
    """Two responses at once."""
    send(framed(content) * 2)


def twice_chunked(content: bytes, send: Send) -> None:
    """Two responses in chunks at once."""
    pieces: list[bytes] = []
    chunked(content, pieces.append)
    send(pieces[0] * 2)


def cut_off(length: int, *, reset: bool = False) -> Manner:
    """The first bytes of a response, then the end of the connection."""

    def manner(content: bytes, send: Send) -> None:
        send(framed(content)[:length])
        raise Disconnect(reset=reset)

    return manner


def with_head(lines: bytes, *, extra: bytes = b"") -> Manner:
    """A success with other framing headers, and bytes after its body; ``%d`` stands for the length."""

    def manner(content: bytes, send: Send) -> None:
        head = lines % len(content) if b"%d" in lines else lines
        send(OK + head + b"\r\n" + content + extra)

    return manner


def status(line: bytes) -> bytes:
    """A head with nothing but a status."""
    return b"HTTP/1.1 " + line + b"\r\n\r\n"
