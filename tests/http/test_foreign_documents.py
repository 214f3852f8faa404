"""Foreign documents are fetched from public hosts only, within limits."""

from __future__ import annotations

import contextlib
import gzip
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from django_ory.http import public_addresses
from django_ory.http.foreign_documents import (
    DocumentUnavailable,
    ForbiddenURL,
    ForeignDocumentError,
    InvalidDocument,
    fetch_json_document,
)
from django_ory.http.public_addresses import is_public
from tests.client.raw_server import Handler, RawServer, raw_server

PUBLIC = "93.184.216.34"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
DOCUMENT = {"client_id": "https://app.example/client.json"}

Resolve = Callable[[str], list[str]]


def build_response(body: bytes, head: bytes = HEAD) -> bytes:
    return head + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Callable[[Resolve], list[str]]:
    """Replace the lookup of names. Returns a list that grows by each name that is looked up."""

    def install(answer: Resolve) -> list[str]:
        names: list[str] = []
        original = socket.getaddrinfo

        def getaddrinfo(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
            try:
                ipaddress.ip_address(host)
            except ValueError:
                names.append(host)
                found = answer(host)
            else:
                return list(original(host, port, *args, **kwargs))
            return [
                (
                    socket.AF_INET6 if ":" in each else socket.AF_INET,
                    socket.SOCK_STREAM,
                    socket.IPPROTO_TCP,
                    "",
                    (each, port, 0, 0) if ":" in each else (each, port),
                )
                for each in found
            ]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return names

    return install


@pytest.fixture
def targets(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Refuse every connection. Returns a list that grows by each address that was connected to."""
    found: list[str] = []

    def connect(_socket: socket.socket, address: tuple[Any, ...]) -> None:
        found.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    return found


@pytest.mark.parametrize(
    "url",
    [
        "http://app.example/client.json",
        "ftp://app.example/client.json",
        "file:///etc/passwd",
        "gopher://app.example/",
        "//app.example/client.json",
        "app.example/client.json",
        "",
        "https://",
        "https:///client.json",
        "https://user@app.example/",
        "https://user:secret@app.example/",
        "https://app.example@127.0.0.1/",
        "https://app.example:22/",
        "https://app.example:80/",
        "https://app.example:0/",
        "https://app.example:99999/",
        "https://app.example:x/",
        "https://app.example:/",
        "https://app.example/#fragment",
        "https://app.example/#",
        "https://app.example\\@evil.example/",
        "https://app.example/\r\nHost: evil.example",
        "https://app.example/\x00",
        "https://app example/",
        "https://äpp.example/",
        "https://app。example/",
        "https://①②⑦.⓪.⓪.①/",
        "https://127.0.0.1/",
        "https://93.184.216.34/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://0177.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[fe80::1%25eth0]/",
        "https://[::]/",
        "https://[",
        "https://localhost/",
        "https://localhost./",
        "https://intranet/",
        "https://app_1.example/",
        "https://app..example/",
        "https://-app.example/",
        f"https://{'a' * 64}.example/",
        f"https://app.example/{'a' * 2000}",
    ],
)
def test_forbidden_url_is_not_looked_up(
    url: str, resolve: Callable[[Resolve], list[str]], targets: list[str]
) -> None:
    names = resolve(lambda _: [PUBLIC])
    with pytest.raises(ForbiddenURL):
        fetch_json_document(url)
    assert names == []
    assert targets == []


FORBIDDEN_ADDRESSES = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.8.8.8",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:93.184.216.34",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", FORBIDDEN_ADDRESSES)
def test_forbidden_address_is_not_connected_to(
    address: str, resolve: Callable[[Resolve], list[str]], targets: list[str]
) -> None:
    resolve(lambda _: [address])
    with pytest.raises(ForbiddenURL, match="not on the public internet"):
        fetch_json_document("https://app.example/client.json")
    assert targets == []


@pytest.mark.parametrize("address", ["127.0.0.1", "fd00::1"])
@pytest.mark.parametrize("is_first", [True, False])
def test_one_forbidden_address_among_public_ones_rejects_the_host(
    address: str, is_first: bool, resolve: Callable[[Resolve], list[str]], targets: list[str]
) -> None:
    resolve(lambda _: [address, PUBLIC] if is_first else [PUBLIC, address])
    with pytest.raises(ForbiddenURL):
        fetch_json_document("https://app.example/client.json")
    assert targets == []


def test_host_with_very_many_addresses_is_rejected(
    resolve: Callable[[Resolve], list[str]], targets: list[str]
) -> None:
    resolve(lambda _: [f"93.184.216.{number}" for number in range(1, 100)])
    with pytest.raises(ForbiddenURL):
        fetch_json_document("https://app.example/client.json")
    assert targets == []


@pytest.mark.parametrize("address", [PUBLIC, "1.1.1.1", "2606:4700:4700::1111"])
def test_public_address_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_name_that_changes_its_address_is_looked_up_once(
    resolve: Callable[[Resolve], list[str]], targets: list[str]
) -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])
    names = resolve(lambda _: next(answers))
    with pytest.raises(DocumentUnavailable, match="NewConnectionError"):
        fetch_json_document("https://app.example/client.json")
    assert names == ["app.example"]
    assert targets == [PUBLIC]


def test_unreachable_addresses_are_tried_up_to_a_limit(
    resolve: Callable[[Resolve], list[str]], targets: list[str]
) -> None:
    resolve(lambda _: [f"93.184.216.{number}" for number in range(1, 9)])
    with pytest.raises(DocumentUnavailable):
        fetch_json_document("https://app.example/client.json")
    assert targets == ["93.184.216.1", "93.184.216.2", "93.184.216.3"]


def test_unknown_name_is_unavailable(resolve: Callable[[Resolve], list[str]]) -> None:
    def fail(_: str) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "planted text of the resolver")

    resolve(fail)
    with pytest.raises(DocumentUnavailable) as caught:
        fetch_json_document("https://app.example/client.json")
    assert "planted" not in str(caught.value)


@pytest.mark.parametrize("answer", [[], ["not an address"]])
def test_lookup_without_an_address_connects_to_nothing(
    answer: list[str], resolve: Callable[[Resolve], list[str]], targets: list[str]
) -> None:
    resolve(lambda _: answer)
    with pytest.raises((DocumentUnavailable, ForbiddenURL)):
        fetch_json_document("https://app.example/client.json")
    assert targets == []


def test_address_that_is_returned_twice_is_tried_once(
    resolve: Callable[[Resolve], list[str]], targets: list[str]
) -> None:
    resolve(lambda _: [PUBLIC, PUBLIC])
    with pytest.raises(DocumentUnavailable):
        fetch_json_document("https://app.example/client.json")
    assert targets == [PUBLIC]


def test_lookup_without_a_thread_is_unavailable_and_leaves_its_place(
    resolve: Callable[[Resolve], list[str]], targets: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_addresses, "_lookups", threading.BoundedSemaphore(1))
    resolve(lambda _: [PUBLIC])

    def fail(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", fail)
        with pytest.raises(DocumentUnavailable, match="no thread"):
            fetch_json_document("https://app.example/client.json")
    with pytest.raises(DocumentUnavailable, match="NewConnectionError"):
        fetch_json_document("https://app.example/client.json")


def test_child_of_a_fork_has_all_lookups(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = threading.BoundedSemaphore(1)
    assert taken.acquire()
    monkeypatch.setattr(public_addresses, "_lookups", taken)
    public_addresses._reset_lookups()
    assert public_addresses._lookups.acquire(blocking=False)


def test_slow_lookup_ends_at_the_deadline_and_too_many_are_rejected(
    resolve: Callable[[Resolve], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_addresses, "_lookups", threading.BoundedSemaphore(1))
    release, ended = threading.Event(), threading.Event()

    def wait(_: str) -> list[str]:
        release.wait(30)
        ended.set()
        return [PUBLIC]

    resolve(wait)
    try:
        with pytest.raises(DocumentUnavailable, match="in time"):
            fetch_json_document("https://app.example/client.json", seconds=0.05)
        with pytest.raises(DocumentUnavailable, match="too many"):
            fetch_json_document("https://app.example/client.json", seconds=0.05)
    finally:
        release.set()
        assert ended.wait(30)


@contextlib.contextmanager
def local_server(*handlers: Callable[[RawServer], Handler]) -> Iterator[tuple[RawServer, str]]:
    with raw_server(*handlers) as server:
        yield server, f"{server.url}/client.json"


def answer(data: bytes) -> Callable[[RawServer], Handler]:
    return lambda server: server.answer(data)


def fetch_locally(url: str, *, seconds: float = 60, **options: Any) -> dict[str, Any]:
    return fetch_json_document(url, allow_loopback=True, seconds=seconds, **options).content


def expect_error(response: bytes, error: type[ForeignDocumentError], match: str | None = None) -> None:
    """Expect this error for a server with this response."""
    with local_server(answer(response)) as (_, url), pytest.raises(error, match=match):
        fetch_locally(url)


def test_document_is_returned_with_its_maximum_age() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
    head += b"Cache-Control: public, max-age=600\r\n"
    with local_server(answer(build_response(json.dumps(DOCUMENT).encode(), head))) as (server, url):
        found = fetch_json_document(f"{url}?a=b", allow_loopback=True, seconds=60)
    assert (found.content, found.max_age) == (DOCUMENT, 600)
    request = server.requests[0].decode().lower()
    assert request.startswith("get /client.json?a=b http/1.1\r\n")
    assert "accept-encoding: identity\r\n" in request
    assert "cookie" not in request
    assert "authorization" not in request


def test_loopback_needs_the_option() -> None:
    with local_server() as (server, url), pytest.raises(ForbiddenURL):
        fetch_json_document(url)
    assert server.requests == []


def test_plain_http_is_for_loopback_alone(
    resolve: Callable[[Resolve], list[str]], targets: list[str]
) -> None:
    resolve(lambda _: [PUBLIC])
    with pytest.raises(ForbiddenURL, match="https"):
        fetch_locally("http://app.example/client.json")
    assert targets == []


def test_proxy_and_credentials_of_the_environment_are_ignored(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login planted password planted\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with local_server(answer(build_response(b"{}"))) as (server, url):
        assert fetch_locally(url) == {}
    assert b"uthorization" not in server.requests[0]


@pytest.mark.parametrize("status", [b"301 Moved", b"302 Found", b"303 See Other", b"307 Temporary", b"308 P"])
def test_redirect_is_not_followed(status: bytes) -> None:
    head = b"HTTP/1.1 " + status + b"\r\nLocation: http://127.0.0.1:1/secret\r\nContent-Length: 0\r\n\r\n"
    with local_server(answer(head)) as (server, url), pytest.raises(DocumentUnavailable, match="redirect"):
        fetch_locally(url)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [b"201 Created", b"204 No Content", b"401 No", b"404 No", b"500 No"])
def test_other_status_is_unavailable(status: bytes) -> None:
    head = b"HTTP/1.1 " + status + b"\r\nContent-Type: application/json\r\n"
    expect_error(build_response(b"{}", head), DocumentUnavailable, "status")


def test_declared_length_above_the_limit_is_not_read() -> None:
    head = HEAD + b"Content-Length: 1073741824\r\n\r\n"
    expect_error(head, InvalidDocument, "larger")


@pytest.mark.parametrize("is_chunked", [True, False])
def test_endless_body_is_read_up_to_the_limit(is_chunked: bool) -> None:
    sent = 0

    def serve(server: RawServer) -> Handler:
        def handler(connection: socket.socket) -> None:
            nonlocal sent
            server.read(connection)
            connection.sendall(HEAD + (b"Transfer-Encoding: chunked\r\n\r\n" if is_chunked else b"\r\n"))
            piece = b"a" * 65_536
            while sent < 1 << 30:
                connection.sendall(b"10000\r\n" + piece + b"\r\n" if is_chunked else piece)
                sent += len(piece)

        return handler

    with local_server(serve) as (_, url), pytest.raises(InvalidDocument, match="larger"):
        fetch_locally(url, max_bytes=1_000)
    assert sent < 1 << 28  # the size of the buffers


@pytest.mark.parametrize("encoding", [b"gzip", b"deflate", b"br", b"zstd", b"gzip, identity"])
def test_compressed_document_is_rejected(encoding: bytes) -> None:
    bomb = gzip.compress(b"0" * 1_000_000)
    head = HEAD + b"Content-Encoding: " + encoding + b"\r\n"
    expect_error(build_response(bomb, head), InvalidDocument, "compressed")


@pytest.mark.parametrize(
    "start", [b"", b"HTTP/1.1 200 OK\r\nX-Drip: ", HEAD + b"Content-Length: 9999\r\n\r\n"]
)
def test_slow_drip_ends_at_the_deadline(start: bytes) -> None:
    started = time.monotonic()
    with (
        local_server(lambda server: server.drip(start, b"x" if start else b"", every=0.02)) as (_, url),
        pytest.raises(DocumentUnavailable),
    ):
        fetch_locally(url, seconds=0.3)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    "content_type",
    [b"text/html", b"text/json", b"application/jsonp", b"application/x-www-form-urlencoded", b""],
)
def test_other_content_type_is_rejected(content_type: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: " + content_type + b"\r\n"
    expect_error(build_response(b"{}", head), InvalidDocument, "content type")


def test_json_type_with_a_suffix_is_accepted() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/cimd+json\r\n"
    with local_server(answer(build_response(b"{}", head))) as (_, url):
        assert fetch_locally(url) == {}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'"text"',
        b"null",
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": "\\ud800"}',
        b'{"a": "\xff"}',
        b"\xef\xbb\xbf{}",
        b'{"a":' + b"[" * 30 + b"]" * 30 + b"}",
        b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
        b'{"a":' + b"9" * 10_000 + b"}",
    ],
)
def test_body_that_is_no_plain_json_object_is_rejected(body: bytes) -> None:
    expect_error(build_response(body), InvalidDocument)


@pytest.mark.parametrize(
    "response",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nBroken header\r\n\r\n{}",
        HEAD + b"Content-Length: 10\r\n\r\n{}",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n{}",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        b"",
    ],
)
def test_response_that_is_no_http_is_a_typed_error(response: bytes) -> None:
    expect_error(response, ForeignDocumentError)


@contextlib.contextmanager
def tls_server(certificate: trustme.LeafCert) -> Iterator[tuple[int, list[str | None], list[bytes]]]:
    """Serve one connection. Yields the port, the names that clients sent (SNI) and the requests."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    names: list[str | None] = []
    requests: list[bytes] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)

    def serve() -> None:
        connection, _ = listener.accept()
        connection.settimeout(10)
        with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
            requests.append(secure.recv(65_536))
            secure.sendall(build_response(json.dumps(DOCUMENT).encode()))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1], names, requests
        thread.join(timeout=10)
        assert not thread.is_alive()


def test_certificate_is_checked_for_the_name_and_not_for_the_address(
    resolve: Callable[[Resolve], list[str]], tmp_path: Path
) -> None:
    authority = trustme.CA()
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    resolve(lambda _: ["127.0.0.1"])
    with tls_server(authority.issue_cert("app.example")) as (port, names, requests):
        url = f"https://app.example:{port}/client.json"
        assert fetch_locally(url, ca_bundle=str(bundle)) == DOCUMENT
    assert names == ["app.example"]
    assert f"Host: app.example:{port}\r\n".encode() in requests[0]


@pytest.mark.parametrize("name", ["other.example", "127.0.0.1"])
def test_certificate_for_another_name_is_rejected(
    name: str, resolve: Callable[[Resolve], list[str]], tmp_path: Path
) -> None:
    authority = trustme.CA()
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    resolve(lambda _: ["127.0.0.1"])
    with tls_server(authority.issue_cert(name)) as (port, _, requests), pytest.raises(DocumentUnavailable):
        fetch_locally(f"https://app.example:{port}/client.json", ca_bundle=str(bundle))
    assert requests in ([], [b""])


def test_certificate_of_an_unknown_authority_is_rejected(resolve: Callable[[Resolve], list[str]]) -> None:
    resolve(lambda _: ["127.0.0.1"])
    with (
        tls_server(trustme.CA().issue_cert("app.example")) as (port, _, requests),
        pytest.raises(DocumentUnavailable),
    ):
        fetch_locally(f"https://app.example:{port}/client.json")
    assert requests in ([], [b""])
