"""Certificates: those of certifi are trusted, or only those of ``ca_bundle``."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from typing import TYPE_CHECKING

import pytest
import trustme

from django_ory.client import OryClient, OryConnectionError, Timeout

from .raw_server import ALIVE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@contextlib.contextmanager
def tls_server(certificate: trustme.LeafCert) -> Iterator[tuple[str, list[bytes]]]:
    """Run a server for one connection. Yields its URL and the received requests."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    read: list[bytes] = []

    def serve() -> None:
        connection, _ = listener.accept()
        with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
            read.append(secure.recv(65536))
            secure.sendall(ALIVE)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}", read
        thread.join(timeout=10)
        assert not thread.is_alive()


def bundle(authority: trustme.CA, folder: Path) -> str:
    path = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def test_ca_bundle_is_trusted(authority: trustme.CA, tmp_path: Path) -> None:
    with (
        tls_server(authority.issue_cert("127.0.0.1")) as (url, read),
        OryClient(kratos_public_url=url, ca_bundle=bundle(authority, tmp_path), timeout=Timeout(5, 5)) as ory,
    ):
        assert ory.is_alive().status == "ok"
    assert read[0].startswith(b"GET /health/alive ")


def test_certificate_of_an_unknown_authority_is_rejected(authority: trustme.CA) -> None:
    with (
        tls_server(authority.issue_cert("127.0.0.1")) as (url, read),
        OryClient(kratos_public_url=url, timeout=Timeout(5, 5)) as ory,
        pytest.raises(OryConnectionError, match="SSLCertVerificationError") as caught,
    ):
        ory.to_session(cookie="planted=cookie")
    assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)
    assert not read  # and there was no second attempt: the server accepts one


def test_certificate_for_another_host_is_rejected(authority: trustme.CA, tmp_path: Path) -> None:
    with (
        tls_server(authority.issue_cert("other.test")) as (url, read),
        OryClient(kratos_public_url=url, ca_bundle=bundle(authority, tmp_path), timeout=Timeout(5, 5)) as ory,
        pytest.raises(OryConnectionError) as caught,
    ):
        ory.to_session(cookie="planted=cookie")
    assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)
    assert not read


@pytest.mark.parametrize(("surplus", "connections"), [(b"", 1), (ALIVE, 3)])
def test_tls_connection_is_used_again_unless_bytes_follow(
    surplus: bytes, connections: int, authority: trustme.CA, tmp_path: Path
) -> None:
    """TLS 1.3 sends session tickets after the handshake: these are no bytes of a response."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    authority.issue_cert("127.0.0.1").configure_cert(context)
    accepted: list[socket.socket] = []
    is_sent = threading.Event()

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                accepted.append(connection)
                with context.wrap_socket(connection, server_side=True) as secure:
                    while secure.recv(65536):
                        secure.sendall(ALIVE)
                        if surplus:
                            secure.sendall(surplus)  # a separate record
                        is_sent.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with OryClient(
            kratos_public_url=url, ca_bundle=bundle(authority, tmp_path), timeout=Timeout(5, 5)
        ) as ory:
            for _ in range(3):
                is_sent.clear()
                assert ory.is_alive().status == "ok"
                assert is_sent.wait(10)
                time.sleep(0.02)  # until the surplus has arrived
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(timeout=10)
    assert len(accepted) == connections
