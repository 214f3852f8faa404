"""A TCP server in a thread. The next of ``handlers`` serves each connection."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator

Handler = Callable[[socket.socket], None]

ALIVE = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{"status":"ok"}'


class RawServer:
    """Listens at ``url``; ``requests`` are the received request heads."""

    def __init__(self, handlers: list[Handler]) -> None:
        self.handlers = handlers
        self.requests: list[bytes] = []
        self.stopped = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self) -> None:
        for handler in self.handlers:
            connection, _ = self.listener.accept()
            with connection, contextlib.suppress(OSError):
                if self.stopped.is_set():
                    return
                connection.settimeout(10)
                handler(connection)

    def read(self, connection: socket.socket) -> bytes:
        """One request without a body; empty if the client has gone."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return b""
            data += more
        self.requests.append(data)
        return data

    def answer(self, data: bytes) -> Handler:
        """A handler that reads a request, sends ``data`` and closes."""

        def handler(connection: socket.socket) -> None:
            if self.read(connection):
                connection.sendall(data)

        return handler

    def drip(self, start: bytes, piece: bytes, *, every: float) -> Handler:
        """A handler that sends ``start`` and then ``piece`` again and again."""

        def handler(connection: socket.socket) -> None:
            if self.read(connection):
                connection.sendall(start)
                while not self.stopped.wait(every):
                    connection.sendall(piece)

        return handler

    def reset(self, data: bytes = b"") -> Handler:
        """A handler that reads a request, sends ``data`` and resets the connection."""

        def handler(connection: socket.socket) -> None:
            if self.read(connection):
                connection.sendall(data)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        return handler


@contextlib.contextmanager
def raw_server(*make: Callable[[RawServer], Handler]) -> Iterator[RawServer]:
    """A server that handles as many connections as there are arguments."""
    server = RawServer([])
    server.handlers = [one(server) for one in make]
    server.thread.start()
    try:
        yield server
    finally:
        server.stopped.set()
        with contextlib.suppress(OSError):  # wakes a server that waits for a connection
            socket.create_connection(server.listener.getsockname(), timeout=1).close()
        server.thread.join(timeout=10)
        server.listener.close()
