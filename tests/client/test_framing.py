"""Two users, one connection: bytes after a response are never the response to the next request."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import pytest

from django_ory.client import OryAPIError, OryClient, OryConnectionError, OryDecodeError, OryError, Timeout

from .hostile_server import (
    UNAUTHORIZED,
    after,
    chunked,
    cut_off,
    framed,
    hostile_server,
    ordinary,
    status,
    together,
    twice,
    twice_chunked,
    with_head,
)
from .raw_server import ALIVE, RawServer, raw_server

if TYPE_CHECKING:
    from .hostile_server import Manner
    from .raw_server import Handler

HINTS = status(b"103 Early Hints\r\nLink: </style.css>; rel=preload")
PROCESSING = status(b"102 Processing")
SECOND = framed(b'{"id": "ann"}')

# How Ann's request is answered, the error that she gets, whether the connection is used again.
TABLE: dict[str, tuple[Manner, type[OryError] | None, bool]] = {
    "ordinary": (ordinary, None, True),
    "in chunks": (chunked, None, True),
    "100 before it": (after(status(b"100 Continue")), None, True),
    "102 before it": (after(PROCESSING), None, True),
    "103 before it": (after(HINTS), None, True),
    "199 before it": (after(status(b"199 Nothing Yet")), None, True),
    "103 before it, at once": (together(HINTS), None, True),
    "many interim ones before it": (after(*[PROCESSING, HINTS] * 20, pause=0), None, True),
    "too many interim ones": (together(PROCESSING * 1000), OryDecodeError, False),
    "an endless interim one": (
        together(b"HTTP/1.1 103 x\r\n" + b"X: y\r\n" * 50_000 + b"\r\n"),
        OryDecodeError,
        False,
    ),
    "101 before it": (after(status(b"101 Switching Protocols")), OryAPIError, False),
    "101 before it, at once": (together(status(b"101 Switching Protocols")), OryAPIError, False),
    "204 before it": (after(status(b"204 No Content")), OryDecodeError, False),
    "204 before it, at once": (together(status(b"204 No Content")), OryDecodeError, False),
    "205 before it": (after(b"HTTP/1.1 205 x\r\nContent-Length: 0\r\n\r\n"), OryDecodeError, False),
    "304 before it": (after(status(b"304 Not Modified")), OryAPIError, False),
    "304 before it, at once": (together(status(b"304 Not Modified")), OryAPIError, False),
    "an error before it": (after(UNAUTHORIZED), OryAPIError, False),
    "an error before it, at once": (together(UNAUTHORIZED), OryAPIError, False),
    "two at once": (twice, None, False),
    "two in chunks at once": (twice_chunked, None, False),
    "bytes after it": (with_head(b"Content-Length: %d\r\n", extra=b"\r\n"), None, False),
    "cut off in the head": (cut_off(20), OryDecodeError, False),
    "cut off in the body": (cut_off(80), OryConnectionError, False),
    "reset in the body": (cut_off(80, reset=True), OryConnectionError, False),
    "length and chunks": (
        with_head(
            b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\nd",
            extra=b"\r\n0\r\n\r\n",
        ),
        None,
        False,
    ),
    "two lengths that are equal": (with_head(b"Content-Length: 13\r\nContent-Length: 13\r\n"), None, False),
    "two lengths": (with_head(b"Content-Length: 13\r\nContent-Length: 5\r\n"), OryDecodeError, False),
    "two lengths in a line": (with_head(b"Content-Length: 5, 13\r\n"), OryDecodeError, False),
    "a length that only Python reads": (with_head(b"Content-Length: 1_3\r\n"), OryDecodeError, False),
    "a length and an unknown coding": (
        with_head(b"Transfer-Encoding: gzip, chunked\r\nContent-Length: %d\r\n"),
        None,
        False,
    ),
    "a head with a broken line": (
        with_head(b"Content-Length: %d\r\nbroken\r\nTransfer-Encoding: chunked\r\n"),
        OryDecodeError,
        False,
    ),
}


def ask(ory: OryClient, name: str) -> str:
    return ory.to_session(cookie=f"ory_kratos_session={name}").id


@pytest.mark.parametrize(("manner", "error", "is_reused"), TABLE.values(), ids=list(TABLE))
def test_next_user_gets_the_session_of_the_next_user(
    manner: Manner, error: type[OryError] | None, is_reused: bool
) -> None:
    with (
        hostile_server(lambda name: manner if name == "ann" else ordinary) as server,
        OryClient(kratos_public_url=server.url, timeout=Timeout(2, 5)) as ory,
    ):
        assert ask(ory, "bob") == "bob"
        if error is None:
            assert ask(ory, "ann") == "ann"
        else:
            with pytest.raises(error):
                ask(ory, "ann")
        before = server.connections
        for _ in range(3):
            assert ask(ory, "bob") == "bob"
            time.sleep(0.02)
        assert server.connections == before + (not is_reused)


def test_response_before_the_request_ends_with_the_connection() -> None:
    """The server sends first: its bytes cannot belong to this request, and no request follows."""
    with (
        hostile_server(lambda _: ordinary, greeting=UNAUTHORIZED) as server,
        OryClient(kratos_public_url=server.url, timeout=Timeout(2, 5)) as ory,
    ):
        for name in ("ann", "bob", "ann", "bob"):
            with pytest.raises(OryError):
                ask(ory, name)
        assert server.connections >= 4


def test_response_that_waits_in_a_new_connection_is_not_read() -> None:
    released: list[socket.socket] = []

    class Waiting(socket.socket):
        """Connects, and returns when there is something to read."""

        def connect(self, address: object) -> None:
            super().connect(address)  # type: ignore[arg-type]
            if not released:
                self.recv(1, socket.MSG_PEEK)
                released.append(self)

    def greet(server: RawServer) -> Handler:
        def handler(connection: socket.socket) -> None:
            connection.sendall(SECOND)
            server.read(connection)

        return handler

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django_ory.client.http1.socket.socket", Waiting)
        with (
            raw_server(greet, lambda server: server.answer(framed(b'{"id": "bob"}'))) as server,
            OryClient(kratos_public_url=server.url, timeout=Timeout(2, 5)) as ory,
        ):
            assert ask(ory, "bob") == "bob"
            assert len(released) == 1


def test_connection_of_a_response_during_the_request_is_not_reused() -> None:
    """The server responds after the head. Bytes of the body must not be read as a request."""

    def impatient(server: RawServer) -> Handler:
        def handler(connection: socket.socket) -> None:
            data = connection.recv(65536)
            assert data.startswith(b"POST")
            connection.sendall(framed(b'{"id": "ann"}'))
            time.sleep(0.1)  # until the client receives the response while sending blocks
            while connection.recv(1 << 20):
                pass

        return handler

    with (
        raw_server(impatient, lambda server: server.answer(ALIVE)) as server,
        OryClient(kratos_admin_url=server.url, timeout=Timeout(2, 5)) as ory,
    ):
        large = {"traits": {"text": "x" * 20_000_000}}
        assert ory.admin_create_identity(body=large).id == "ann"
        assert ory.is_alive(service="kratos_admin").status == "ok"
        assert len(server.requests) == 1


def test_connection_that_ends_with_an_error_leaves_no_port_reserved() -> None:
    """The connection is reset: otherwise thousands of rejected cookies per minute would exhaust the ports."""
    ends: list[type[Exception] | None] = []

    def handler(server: RawServer) -> Handler:
        def handle(connection: socket.socket) -> None:
            server.read(connection)
            connection.sendall(UNAUTHORIZED)
            try:
                connection.recv(1)
                ends.append(None)
            except ConnectionResetError as error:
                ends.append(type(error))

        return handle

    with (
        raw_server(handler) as server,
        OryClient(kratos_public_url=server.url, timeout=Timeout(2, 5)) as ory,
        pytest.raises(OryAPIError),
    ):
        ask(ory, "ann")
    server.thread.join(timeout=10)
    assert ends == [ConnectionResetError]
