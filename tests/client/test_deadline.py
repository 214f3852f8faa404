"""Calls end at their deadline, also if a server connects, reads or writes slowly."""

from __future__ import annotations

import contextlib
import socket
import time
from typing import TYPE_CHECKING, Any

import pytest

from django_ory.client import OryClient, OryConnectionError, OryTimeout, Timeout

from .raw_server import RawServer, raw_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .raw_server import Handler

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CREATED = HEAD + b'Content-Length: 25\r\n\r\n{"id":"x","schema_id":""}'
ALIVE = HEAD + b'Content-Length: 15\r\n\r\n{"status":"ok"}'


def address(port: int) -> tuple[Any, ...]:
    return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", port)


@contextlib.contextmanager
def silent_port() -> Iterator[int]:
    """A port with a full connection queue: the next connection attempt gets no answer."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port: int = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            yield port


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(b"", id="silence"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-Drip: ", id="in the headers"),
        pytest.param(HEAD + b"Content-Length: 100000\r\n\r\n", id="in the body"),
        pytest.param(HEAD + b"\r\n", id="in a body without a length"),
    ],
)
def test_dripping_response_has_one_deadline(start: bytes) -> None:
    piece = b"" if not start else b"x"
    with (
        raw_server(lambda server: server.drip(start, piece, every=0.05)) as server,
        OryClient(kratos_public_url=server.url, timeout=Timeout(0.25, 0.25)) as ory,
        at_most(2),
        pytest.raises(OryTimeout) as caught,
    ):
        ory.to_session()
    assert caught.value.__cause__ is not None


def test_several_addresses_share_the_time_to_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    with silent_port() as port:
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args: [address(port)] * 12)
        with (
            OryClient(kratos_public_url="http://kratos.test", timeout=Timeout(0.2, 9)) as ory,
            at_most(2),
            pytest.raises(OryTimeout, match=r"no connection to kratos_public within 0\.2 s"),
        ):
            ory.to_session()


def test_silent_address_leaves_time_for_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with silent_port() as silent, raw_server(lambda server: server.answer(ALIVE)) as server:
        port = int(server.url.rpartition(":")[2])
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args: [address(silent), address(port)])
        with OryClient(kratos_public_url="http://kratos.test", timeout=Timeout(0.6, 9)) as ory:
            assert ory.is_alive().status == "ok"
    assert server.requests[0].startswith(b"GET /health/alive ")


def test_slow_name_lookup_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*args: object) -> list[tuple[Any, ...]]:
        time.sleep(0.2)
        return [address(1)]

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with (
        OryClient(kratos_public_url="http://kratos.test", timeout=Timeout(0.1, 9)) as ory,
        pytest.raises(OryTimeout),
    ):
        ory.to_session()


def test_host_without_address_is_a_connection_error() -> None:
    with (
        OryClient(kratos_public_url=f"http://{'a' * 70}.test") as ory,
        pytest.raises(OryConnectionError),
    ):
        ory.to_session()


def test_missing_tls_handshake_is_a_timeout() -> None:
    def mute(server: RawServer) -> Handler:
        def handler(connection: socket.socket) -> None:
            server.stopped.wait(9)

        return handler

    with (
        raw_server(mute) as server,
        OryClient(kratos_public_url=server.url.replace("http:", "https:"), timeout=Timeout(0.3, 9)) as ory,
        at_most(2),
        pytest.raises(OryTimeout, match=r"no connection to kratos_public within 0\.3 s"),
    ):
        ory.to_session()


def reads_after(seconds: float, server: RawServer) -> Handler:
    def handler(connection: socket.socket) -> None:
        if server.stopped.wait(seconds):
            return
        received = 0
        while received < LARGE:
            received += len(connection.recv(1 << 20))
        connection.sendall(CREATED)

    return handler


LARGE = 16 << 20  # more than the buffers of both sockets


def test_sending_may_take_longer_than_connecting() -> None:
    with (
        raw_server(lambda server: reads_after(0.3, server)) as server,
        OryClient(kratos_admin_url=server.url, timeout=Timeout(0.2, 9)) as ory,
    ):
        assert ory.admin_create_identity(body={"traits": "x" * LARGE}).id == "x"


def test_server_that_does_not_read_is_a_timeout() -> None:
    with (
        raw_server(lambda server: reads_after(9, server)) as server,
        OryClient(kratos_admin_url=server.url, timeout=Timeout(0.3, 0.3)) as ory,
        at_most(2),
        pytest.raises(OryTimeout),
    ):
        ory.admin_create_identity(body={"traits": "x" * LARGE})
