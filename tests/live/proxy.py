"""A proxy between the site and Kratos that counts requests and injects faults into responses.

The proxy reads one request at a time, and passes an ``Exchange`` to the current fault to send the response.
"""

from __future__ import annotations

import contextlib
import random
import re
import socket
import socketserver
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

__all__ = ["FAULTS", "Exchange", "Fault", "HangUp", "Proxy", "passes", "swaps"]

HOP = re.compile(rb"(?im)^connection:[^\r\n]*\r\n")
SIZE = re.compile(rb"(?im)^content-length:\s*(\d+)\r\n")


class HangUp(Exception):
    """Close the connection to the site."""


@dataclass(frozen=True)
class Exchange:
    """A request without a response so far."""

    ask: Callable[[], bytes]  #: returns the whole response of Kratos, head and body
    client: socket.socket
    chance: random.Random

    def send(self, data: bytes) -> None:
        """Send data to the site."""
        try:
            self.client.sendall(data)
        except OSError:
            raise HangUp from None


Fault = Callable[[Exchange], None]


def passes(exchange: Exchange) -> None:
    """No fault."""
    exchange.send(exchange.ask())


def delays(exchange: Exchange, *, seconds: float) -> None:
    """Send the response late."""
    answer = exchange.ask()
    time.sleep(seconds)
    exchange.send(answer)


def drips(exchange: Exchange) -> None:
    """Send the response byte by byte, for half a minute."""
    for byte in exchange.ask():
        exchange.send(bytes([byte]))
        time.sleep(0.02)


def cuts(exchange: Exchange) -> None:
    """Send the first part of the response."""
    answer = exchange.ask()
    exchange.send(answer[: exchange.chance.randrange(len(answer))])
    raise HangUp


def resets(exchange: Exchange) -> None:
    """Reset the connection."""
    exchange.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise HangUp


def closes(_: Exchange) -> None:
    """Close the connection without a response."""
    raise HangUp


def corrupts(exchange: Exchange) -> None:
    """Change one or two bytes of the response."""
    answer = bytearray(exchange.ask())
    for _ in range(exchange.chance.randint(1, 2)):
        answer[exchange.chance.randrange(len(answer))] = exchange.chance.randrange(256)
    exchange.send(bytes(answer))


def mistypes(exchange: Exchange) -> None:
    """Change digits of the body, such as in ids and times. The body stays valid JSON."""
    head, body = _parts(exchange.ask())
    text = bytearray(body)
    places = [place for place, byte in enumerate(text) if byte in b"0123456789abcdef"]
    for place in exchange.chance.sample(places, min(4, len(places))):
        text[place] = exchange.chance.choice(b"0123456789")
    exchange.send(head + bytes(text))


def truncates(exchange: Exchange) -> None:
    """Send half of the body with a matching Content-Length."""
    head, body = _parts(exchange.ask())
    exchange.send(_sized(head, body[: len(body) // 2]))


def swaps(exchange: Exchange, *, ids: list[str]) -> None:
    """Replace the identity id in the body with the id of the next identity."""
    head, body = _parts(exchange.ask())
    for one, other in zip(ids, [*ids[1:], ids[0]], strict=True):
        if one.encode() in body:
            body = body.replace(one.encode(), other.encode())
            break
    exchange.send(_sized(head, body))


def answers(exchange: Exchange, *, status: str, kind: str, body: bytes) -> None:
    """Send a fixed response instead."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    exchange.send(head.encode() + body)


HTML = {"kind": "text/html", "body": b"<!doctype html><title>Welcome</title><p>Sign in to the network"}
JSON = "application/json"

#: All faults, by the name that the reports print.
FAULTS: dict[str, Fault] = {
    "late": partial(delays, seconds=0.3),
    "nearly too late": partial(delays, seconds=0.85),
    "too late": partial(delays, seconds=5.0),
    "dripping": drips,
    "cut": cuts,
    "reset": resets,
    "closed": closes,
    "corrupted": corrupts,
    "mistyped": mistypes,
    "truncated": truncates,
    "html 200": partial(answers, status="200 OK", **HTML),  # type: ignore[arg-type]
    "html 502": partial(answers, status="502 Bad Gateway", **HTML),  # type: ignore[arg-type]
    "null": partial(answers, status="200 OK", kind=JSON, body=b"null"),
    "nobody": partial(
        answers, status="200 OK", kind=JSON, body=b'{"id": "s", "active": true, "identity": null}'
    ),
    "rate limit": partial(
        answers, status="429 Too Many Requests", kind=JSON, body=b'{"error": {"code": 429}}'
    ),
    "crash": partial(
        answers, status="500 Internal Server Error", kind=JSON, body=b'{"error": {"code": 500}}'
    ),
}


class Proxy:
    """Listens on a free port. ``fault`` may be changed at any time; ``requests`` are the request lines."""

    def __init__(self, upstream_port: int, *, seed: int = 0) -> None:
        self.fault: Fault = passes
        self.requests: list[str] = []
        self.chance = random.Random(seed)
        self._upstream_port = upstream_port
        self._open: set[socket.socket] = set()
        proxy = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                proxy._serve(self.request)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            block_on_close = False
            request_queue_size = 200

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def count(self, path: str) -> int:
        """Return the number of requests for this path."""
        return sum(1 for line in list(self.requests) if line.split(" ")[1].partition("?")[0] == path)

    @contextlib.contextmanager
    def running(self) -> Iterator[Proxy]:
        """Serve until the end of the block."""
        thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            for one in list(self._open):  # handlers that wait for the site's next request
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
            thread.join()

    def _serve(self, client: socket.socket) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open.add(client)
        try:
            with client.makefile("rb") as incoming:
                while request := self._read_request(incoming):
                    self.requests.append(request.split(b"\r\n", 1)[0].decode("latin-1"))
                    self.fault(Exchange(partial(self._ask, request), client, self.chance))
        except (HangUp, OSError):
            return
        finally:
            self._open.discard(client)
            client.close()

    @staticmethod
    def _read_request(incoming: object) -> bytes:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line: bytes = incoming.readline()  # type: ignore[attr-defined]
            if not line:
                return b""
            head += line
        size = SIZE.search(head)
        body: bytes = incoming.read(int(size[1])) if size else b""  # type: ignore[attr-defined]
        return head + body

    def _ask(self, request: bytes) -> bytes:
        head, body = _parts(request)
        head = HOP.sub(b"", head)[:-2] + b"Connection: close\r\n\r\n"
        chunks = []
        try:
            with socket.create_connection(("127.0.0.1", self._upstream_port), timeout=60) as kratos:
                kratos.sendall(head + body)
                while chunk := kratos.recv(65536):
                    chunks.append(chunk)
        except OSError:
            raise HangUp from None
        answer = b"".join(chunks)
        if b"\r\n\r\n" not in answer:
            raise HangUp
        head, body = _parts(answer)
        return HOP.sub(b"", head) + body


def _parts(message: bytes) -> tuple[bytes, bytes]:
    head, _, body = message.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n", body


def _sized(head: bytes, body: bytes) -> bytes:
    return SIZE.sub(b"", head)[:-2] + f"Content-Length: {len(body)}\r\n\r\n".encode() + body
