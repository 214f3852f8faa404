"""A proxy is only used if the client has one, within the deadline of the call."""

from __future__ import annotations

import base64
import logging
import ssl
from typing import TYPE_CHECKING

import pytest
import trustme

from django_ory.client import OryClient, OryConnectionError, OryTimeout, OryUsageError, Timeout

from .raw_server import ALIVE, RawServer, raw_server
from .test_deadline import at_most

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from .raw_server import Handler

TIMEOUT = Timeout(2, 5)


def with_password(server: RawServer) -> str:
    return server.url.replace("http://", "http://somebody:planted@")


def test_http_call_uses_the_proxy(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    answer = ALIVE.replace(b'{"status":"ok"}', b'{"id":"some-id"}').replace(b": 15", b": 16")
    with (
        raw_server(lambda server: server.answer(answer)) as proxy,
        OryClient(
            kratos_public_url="http://kratos.test:4433", proxy=with_password(proxy), timeout=TIMEOUT
        ) as ory,
    ):
        assert ory.get_login_flow(id="planted").id == "some-id"
        head, *lines = proxy.requests[0].decode().split("\r\n")
    assert head == "GET http://kratos.test:4433/self-service/login/flows?id=planted HTTP/1.1"
    assert "Host: kratos.test:4433" in lines
    assert f"Proxy-Authorization: Basic {base64.b64encode(b'somebody:planted').decode()}" in lines
    assert "planted" not in caplog.text + repr(vars(ory))


def tunnel(server: RawServer, certificate: trustme.LeafCert) -> Handler:
    """A proxy that is, behind its tunnel, the service as well."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)

    def handler(connection: socket.socket) -> None:
        server.read(connection)
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with context.wrap_socket(connection, server_side=True) as secure:
            for _ in range(2):
                server.read(secure)
                secure.sendall(ALIVE)

    return handler


def test_https_call_uses_a_tunnel(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    certificate = authority.issue_cert("kratos.test")
    with (
        raw_server(lambda server: tunnel(server, certificate)) as proxy,
        OryClient(
            kratos_public_url="https://kratos.test",
            proxy=with_password(proxy),
            ca_bundle=str(tmp_path / "ca.pem"),
            timeout=TIMEOUT,
        ) as ory,
    ):
        assert ory.is_alive().status == "ok"
        assert ory.is_alive().status == "ok"
        connect, *calls = proxy.requests
    assert connect.startswith(b"CONNECT kratos.test:443 HTTP/1.")
    assert b"\r\nProxy-Authorization: Basic " in connect
    assert [call.partition(b"\r\n")[0] for call in calls] == [b"GET /health/alive HTTP/1.1"] * 2
    assert not any(b"Proxy-Authorization" in call for call in calls)


@pytest.mark.parametrize(
    "start", [b"", b"HTTP/1.1 200 Connection established\r\n\r\n"], ids=["silent", "open and silent"]
)
def test_slow_proxy_has_the_connect_timeout(start: bytes) -> None:
    with (
        raw_server(lambda server: server.drip(start, b"", every=0.05)) as proxy,
        OryClient(kratos_public_url="https://kratos.test", proxy=proxy.url, timeout=Timeout(0.3, 9)) as ory,
        at_most(3),
        pytest.raises(OryTimeout, match=r"no connection to kratos_public within 0\.3 s"),
    ):
        ory.is_alive()


def test_refusing_proxy_is_a_connection_error() -> None:
    def refuse(server: RawServer) -> Handler:
        return server.answer(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")

    with (
        raw_server(refuse, refuse) as proxy,
        OryClient(kratos_public_url="https://kratos.test", proxy=proxy.url, timeout=TIMEOUT) as ory,
        pytest.raises(OryConnectionError, match="no connection to kratos_public"),
    ):
        ory.is_alive()


@pytest.mark.parametrize(
    "proxy",
    ["proxy:3128", "socks5://proxy", "https://proxy", "http://", "http://proxy/path", "http://proxy:99999"],
)
def test_invalid_proxy_is_rejected(proxy: str) -> None:
    with pytest.raises(OryUsageError, match="proxy must be"):
        OryClient(kratos_public_url="http://kratos.test", proxy=proxy)
