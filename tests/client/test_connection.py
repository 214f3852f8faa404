from __future__ import annotations

import contextlib
import logging
import socket
import time
import tracemalloc
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from django_ory.client import (
    OryClient,
    OryConnectionError,
    OryDecodeError,
    OryResponseTooLarge,
    OryServerError,
    OryTimeout,
    Timeout,
)

from .raw_server import ALIVE, RawServer, raw_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .raw_server import Handler

SECRET = "ory_kratos_session=planted-cookie"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
QUICK = Timeout(connect=0.3, total=0.4)
LONG = Timeout(connect=1, total=10)


def client(server: RawServer, *, timeout: Timeout = QUICK, max_response_bytes: int = 1 << 20) -> OryClient:
    return OryClient(
        kratos_public_url=server.url,
        kratos_admin_url=server.url,
        hydra_public_url=server.url,
        timeout=timeout,
        max_response_bytes=max_response_bytes,
    )


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def test_closed_port_is_a_connection_error() -> None:
    with (
        OryClient(kratos_public_url=f"http://127.0.0.1:{closed_port()}", timeout=QUICK) as ory,
        pytest.raises(OryConnectionError, match="GET /sessions/whoami") as caught,
    ):
        ory.to_session(cookie=SECRET)
    assert caught.value.__cause__ is not None
    assert "planted" not in str(caught.value) + str(caught.value.__cause__)


def test_unknown_host_is_a_connection_error() -> None:
    with (
        OryClient(kratos_public_url="http://no-such-host.invalid", timeout=Timeout(5, 10)) as ory,
        pytest.raises(OryConnectionError),
    ):
        ory.to_session()


def test_server_without_tls_is_an_error() -> None:
    def plain(server: RawServer) -> Handler:
        def handler(connection: socket.socket) -> None:
            connection.recv(1024)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        return handler

    with raw_server(plain) as server:
        url = server.url.replace("http:", "https:")
        with (
            OryClient(kratos_public_url=url, timeout=QUICK) as ory,
            pytest.raises(OryConnectionError) as caught,
        ):
            ory.to_session()
    assert "SSL" in type(caught.value.__cause__).__name__


def test_missing_ca_bundle_is_an_error() -> None:
    with (
        OryClient(kratos_public_url="https://127.0.0.1:1", timeout=QUICK, ca_bundle="/nowhere.pem") as ory,
        pytest.raises(OryConnectionError),
    ):
        ory.to_session()


def test_get_is_repeated_when_the_connection_breaks() -> None:
    with (
        raw_server(RawServer.reset, lambda server: server.answer(ALIVE)) as server,
        client(server) as ory,
    ):
        assert ory.is_alive().status == "ok"
        assert len(server.requests) == 2


def test_get_is_repeated_only_once() -> None:
    with raw_server(RawServer.reset, RawServer.reset, RawServer.reset) as server, client(server) as ory:
        with pytest.raises(OryConnectionError):
            ory.is_alive()
        assert len(server.requests) == 2


def test_text_of_a_timeout_has_the_seconds() -> None:
    def silence(server: RawServer) -> Handler:
        return server.drip(b"", b"", every=0.05)

    with raw_server(silence, silence) as server, client(server) as ory:
        with pytest.raises(OryTimeout, match=r"no answer from kratos_public within 0\.4 s"):
            ory.is_alive()
        with pytest.raises(OryTimeout, match=r"no answer from kratos_public within 0\.2 s"):
            ory.with_timeout(0.2).is_alive()


def test_second_attempt_has_the_remaining_time() -> None:
    def late_reset(server: RawServer) -> Handler:
        reset = server.reset()

        def handler(connection: socket.socket) -> None:
            time.sleep(0.6)
            reset(connection)

        return handler

    def silence(server: RawServer) -> Handler:
        return server.drip(b"", b"", every=0.05)

    with raw_server(late_reset, silence) as server, client(server, timeout=Timeout(0.7, 0.7)) as ory:
        started = time.monotonic()
        with pytest.raises(OryTimeout):
            ory.is_alive()
        assert time.monotonic() - started < 1.2  # with the whole time it would be 1.3


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(
            lambda ory: ory.exchange_session_token(init_code="a", return_to_code="b"), id="two codes"
        ),
        pytest.param(lambda ory: ory.update_logout_flow(token="t"), id="a logout token"),
        pytest.param(lambda ory: ory.o_auth2_authorize(login_verifier="v"), id="a login verifier"),
        pytest.param(lambda ory: ory.o_auth2_authorize(consent_verifier="v"), id="a consent verifier"),
        pytest.param(lambda ory: ory.revoke_oidc_session(logout_verifier="v"), id="a logout verifier"),
        pytest.param(
            lambda ory: ory.perform_o_auth2_device_verification_flow(device_verifier="v"),
            id="a device verifier",
        ),
    ],
)
def test_one_time_parameters_are_sent_once(call: Callable[[OryClient], object]) -> None:
    with raw_server(RawServer.reset, RawServer.reset) as server, client(server) as ory:
        with pytest.raises(OryConnectionError):
            call(ory)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda ory: ory.o_auth2_authorize(client_id="app"), id="authorization"),
        pytest.param(lambda ory: ory.revoke_oidc_session(id_token_hint="t"), id="logout"),
        pytest.param(
            lambda ory: ory.perform_o_auth2_device_verification_flow(user_code="AB-CD"), id="device"
        ),
    ],
)
def test_creation_of_a_flow_is_repeated(call: Callable[[OryClient], object]) -> None:
    with raw_server(RawServer.reset, RawServer.reset) as server, client(server, timeout=LONG) as ory:
        with pytest.raises(OryConnectionError):
            call(ory)
        assert len(server.requests) == 2


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda ory: ory.admin_create_identity(body={}), id="POST"),
        pytest.param(lambda ory: ory.admin_delete_identity("x"), id="DELETE"),
        pytest.param(lambda ory: ory.admin_extend_session("x"), id="PATCH"),
    ],
)
def test_only_get_is_repeated(call: Callable[[OryClient], object]) -> None:
    with raw_server(RawServer.reset, RawServer.reset) as server, client(server, timeout=LONG) as ory:
        with pytest.raises(OryConnectionError):
            call(ory)
        assert len(server.requests) == 1


def test_body_that_is_cut_off_is_a_connection_error() -> None:
    cut = HEAD + b'Content-Length: 100\r\n\r\n{"id":'
    with (
        raw_server(lambda server: server.answer(cut), lambda server: server.answer(cut)) as server,
        client(server) as ory,
        pytest.raises(OryConnectionError) as caught,
    ):
        ory.to_session()
    assert "IncompleteRead" in type(caught.value.__cause__).__name__


def test_reset_in_the_body_is_a_connection_error() -> None:
    start = HEAD + b'Content-Length: 100\r\n\r\n{"id":'
    with (
        raw_server(lambda server: server.reset(start), lambda server: server.reset(start)) as server,
        client(server) as ory,
        pytest.raises(OryConnectionError),
    ):
        ory.to_session()


def test_response_that_is_not_http_is_an_error() -> None:
    with (
        raw_server(*[lambda server: server.answer(b"SSH-2.0-OpenSSH_9.9\r\n")] * 2) as server,
        client(server) as ory,
        pytest.raises(OryConnectionError),
    ):
        ory.to_session()


@contextlib.contextmanager
def little_memory() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def flood(server: RawServer, head: bytes) -> Handler:
    def handler(connection: socket.socket) -> None:
        server.read(connection)
        connection.sendall(HEAD + head)
        for _ in range(1600):
            connection.sendall(b" " * 65536)

    return handler


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"Content-Length: 104857600\r\n\r\n", id="announced"),
        pytest.param(b"\r\n", id="not announced"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n6400000\r\n", id="in one chunk"),
    ],
)
def test_100_megabytes_are_not_read(head: bytes) -> None:
    with (
        raw_server(lambda server: flood(server, head)) as server,
        client(server, timeout=LONG) as ory,
        little_memory(),
        pytest.raises(OryResponseTooLarge, match="1048576 bytes") as caught,
    ):
        ory.to_session()
    assert isinstance(caught.value, OryDecodeError)
    assert caught.value.status == 200


def test_chunk_that_never_ends_is_not_read() -> None:
    endless = b"Transfer-Encoding: chunked\r\n\r\n-1\r\n"
    with (
        raw_server(*[lambda server: flood(server, endless)] * 2) as server,
        client(server, timeout=LONG) as ory,
        little_memory(),
        pytest.raises(OryConnectionError),
    ):
        ory.to_session()


def test_100_megabytes_are_not_unpacked() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = b"".join(packer.compress(b" " * 1_000_000) for _ in range(100)) + packer.flush()
    answer = HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed
    with (
        raw_server(lambda server: server.answer(answer)) as server,
        client(server, timeout=LONG) as ory,
        little_memory(),
        pytest.raises(OryResponseTooLarge, match="1048576 bytes"),
    ):
        ory.to_session()


def test_chunked_body_is_read() -> None:
    chunked = HEAD + b'Transfer-Encoding: chunked\r\n\r\nf\r\n{"status":"ok"}\r\n0\r\n\r\n'
    with raw_server(lambda server: server.answer(chunked)) as server, client(server) as ory:
        assert ory.is_alive().status == "ok"


def test_connection_is_used_again() -> None:
    def twice(server: RawServer) -> Handler:
        def handler(connection: socket.socket) -> None:
            while server.read(connection):
                connection.sendall(ALIVE)

        return handler

    with raw_server(twice) as server, client(server) as ory:
        for _ in range(3):
            ory.is_alive()
        assert len(server.requests) == 3
        ory.close()


def test_query_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    answer = HEAD + b'Content-Length: 11\r\n\r\n{"id": "x"}'
    with raw_server(lambda server: server.answer(answer)) as server, client(server) as ory:
        assert ory.get_login_flow(id="planted").id == "x"
        assert b"planted" in server.requests[0]
    assert '"GET /self-service/login/flows HTTP/1.1" 200' in caplog.text
    assert "planted" not in caplog.text
    logging.getLogger("urllib3.connectionpool").debug("%s about %s", "others", "/x?y=z")
    assert "others about /x?y=z" in caplog.text


def test_head_that_cannot_be_parsed_is_in_no_log_and_no_error(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    broken = (
        HEAD + b"Set-Cookie: ory_kratos_session=planted\r\nbroken planted\r\n"
        b'Content-Length: 11\r\n\r\n{"id": "x"}'
    )
    with (
        raw_server(lambda server: server.answer(broken)) as server,
        client(server) as ory,
        pytest.raises(OryDecodeError) as caught,
    ):
        ory.get_login_flow(id="planted")
    assert b"planted" in server.requests[0]
    assert "planted" not in f"{caught.value} {caught.value.__cause__!r}" + caplog.text


def test_request_has_only_the_needed_headers() -> None:
    with raw_server(lambda server: server.answer(ALIVE)) as server, client(server) as ory:
        ory.is_alive()
        head, *lines = server.requests[0].decode().strip().split("\r\n")
    assert head == "GET /health/alive HTTP/1.1"
    assert {line.partition(":")[0] for line in lines} == {"Host", "User-Agent", "Accept", "Accept-Encoding"}
    assert "Accept: application/json" in lines
    assert "Accept-Encoding: identity" in lines


def test_error_without_body_has_empty_fields() -> None:
    with (
        raw_server(
            lambda server: server.answer(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
        ) as server,
        client(server) as ory,
        pytest.raises(OryServerError) as caught,
    ):
        ory.is_ready()
    assert caught.value.status == 503


def test_small_packets_are_sent_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nagle's algorithm would hold back the body of a request for up to 40 ms."""
    options: list[int] = []

    class Watched(socket.socket):
        def send(self, *args: Any) -> int:
            options.append(self.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            return super().send(*args)

    with raw_server(lambda server: server.answer(ALIVE)) as server, client(server) as ory:
        monkeypatch.setattr("django_ory.client.http1.socket.socket", Watched)
        assert ory.is_alive().status == "ok"
    assert options
    assert all(options)
