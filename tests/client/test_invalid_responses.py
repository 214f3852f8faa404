"""With any bytes of a response, the call ends with a result or a documented error."""

from __future__ import annotations

import functools
import gc
import gzip
from typing import TYPE_CHECKING, Any

import pytest
import requests

from django_ory.client import (
    HTTPInfo,
    OryAPIError,
    OryClient,
    OryConnectionError,
    OryDecodeError,
    OryError,
    OryResponseTooLarge,
    OryServerError,
    OryUnexpectedRedirect,
    Timeout,
)

from .raw_server import RawServer, raw_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from .raw_server import Handler

BODY = b'{"status":"ok"}'
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
LENGTH = b"Content-Length: 15\r\n\r\n"

# The response, the error or None for a success, and the number of attempts.
TABLE: dict[str, tuple[bytes, type[OryError] | None, int]] = {
    "length and chunks": (
        OK + b"Transfer-Encoding: chunked\r\n" + LENGTH + b"f\r\n" + BODY + b"\r\n0\r\n\r\n",
        None,
        1,
    ),
    "two lengths": (OK + b"Content-Length: 5\r\n" + LENGTH + BODY, OryDecodeError, 1),
    "a negative length": (OK + b"Content-Length: -5\r\n\r\n" + BODY, OryDecodeError, 1),
    "a length of letters": (OK + b"Content-Length: abc\r\n\r\n" + BODY, OryDecodeError, 1),
    "a length of 5000 digits": (OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", OryDecodeError, 1),
    "a chunk of letters": (CHUNKED + b"zz\r\n" + BODY, OryConnectionError, 2),
    "a chunk of a negative size": (CHUNKED + b"-5\r\n" + BODY, OryConnectionError, 2),
    "a chunk of a negative size, later": (CHUNKED + b"f\r\n" + BODY + b"\r\n-1\r\n", OryConnectionError, 2),
    "a chunk that is too long": (CHUNKED + b"ffffffffff\r\n" + BODY, OryConnectionError, 2),
    "no gzip where it is said": (OK + b"Content-Encoding: gzip\r\n" + LENGTH + BODY, OryDecodeError, 1),
    "gzip": (
        OK + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n" + gzip.compress(BODY),
        None,
        1,
    ),
    "fifty encodings": (
        OK + b"Content-Encoding: " + b",".join([b"gzip"] * 50) + b"\r\n" + LENGTH + BODY,
        OryDecodeError,
        1,
    ),
    "an unknown encoding": (OK + b"Content-Encoding: foo\r\n" + LENGTH + BODY, None, 1),
    "no content, with content": (b"HTTP/1.1 204 No Content\r\n" + LENGTH + BODY, OryDecodeError, 1),
    "fifty times continue": (b"HTTP/1.1 100 Continue\r\n\r\n" * 50 + OK + LENGTH + BODY, None, 1),
    "another protocol": (b"HTTP/1.1 101 Switching\r\n\r\n", OryAPIError, 1),
    "status 999": (b"HTTP/1.1 999 x\r\nContent-Length: 0\r\n\r\n", OryAPIError, 1),
    "300 headers": (OK + b"X: y\r\n" * 300 + LENGTH + BODY, None, 1),
    "20,000 headers": (OK + b"X: y\r\n" * 20_000 + LENGTH + BODY, OryDecodeError, 1),
    "a long header": (OK + b"X: " + b"y" * 70_000 + b"\r\n" + LENGTH + BODY, OryDecodeError, 1),
    "HTTP/2": (b"HTTP/2 200\r\n\r\n", OryDecodeError, 1),
    "a status and no more": (b"HTTP/1.1 200\r\n\r\n", OryDecodeError, 1),
    "a NUL in a header": (OK + b"X: a\x00b\r\n" + LENGTH + BODY, OryDecodeError, 1),
    "no ASCII in a header": (OK + b"X: \xff\r\n" + LENGTH + BODY, None, 1),
    "no ASCII in a header's name": (OK + b"X\xff\xfe: y\r\n" + LENGTH + BODY, OryDecodeError, 1),
    "a header in two lines": (OK + b"X: y\r\n z\r\n" + LENGTH + BODY, OryDecodeError, 1),
    "a space before a colon": (OK + b"X : y\r\n" + LENGTH + BODY, OryDecodeError, 1),
    "a head without an end": (OK + b"X: y\r\n", OryDecodeError, 1),
    "not modified": (b"HTTP/1.1 304 Not Modified\r\n\r\n", OryUnexpectedRedirect, 1),
}


def answering(data: bytes) -> Callable[[RawServer], Handler]:
    return lambda server: server.answer(data)


def client(server: RawServer, **options: Any) -> OryClient:
    return OryClient(
        kratos_public_url=server.url,
        kratos_admin_url=server.url,
        hydra_public_url=server.url,
        timeout=Timeout(2, 5),
        **options,
    )


@pytest.mark.parametrize(("answer", "kind", "asked"), TABLE.values(), ids=list(TABLE))
def test_any_response_is_a_result_or_a_documented_error(
    answer: bytes, kind: type[OryError] | None, asked: int
) -> None:
    with raw_server(answering(answer), answering(answer)) as server, client(server) as ory:
        if kind is None:
            assert ory.is_alive().status == "ok"
        else:
            with pytest.raises(OryError) as caught:
                ory.is_alive()
            assert type(caught.value) is kind
        assert len(server.requests) == asked


def test_invalid_response_is_not_a_connection_error() -> None:
    answer, _, _ = TABLE["no gzip where it is said"]
    with (
        raw_server(answering(answer)) as server,
        client(server) as ory,
        pytest.raises(OryDecodeError, match=r"the response is not valid HTTP \(DecodeError\)") as caught,
    ):
        ory.is_alive()
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize("name", ["no gzip where it is said", "fifty encodings", "two lengths"])
def test_connection_of_an_invalid_response_is_closed(name: str, recwarn: pytest.WarningsRecorder) -> None:
    answer, _, _ = TABLE[name]
    with raw_server(answering(answer)) as server, client(server) as ory, pytest.raises(OryDecodeError):
        ory.is_alive()
    gc.collect()  # the collection of an open socket issues a warning
    assert [warning for warning in recwarn if warning.category is ResourceWarning] == []


REDIRECT = (
    b"HTTP/1.1 302 Found\r\nLocation: https://site.test/login?login_challenge=planted\r\n"
    b"Set-Cookie: a=b; Path=/\r\nContent-Length: 5\r\n\r\nhello"
)


def wrap_the_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a wrapper around ``requests.Session.send``, as OpenTelemetry's instrumentation does."""
    plain = requests.Session.send

    @functools.wraps(plain)
    def send(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        return plain(self, request, **options)

    monkeypatch.setattr(requests.Session, "send", send)


@pytest.mark.parametrize("instrumented", [False, True])
def test_redirect_has_location_and_cookies(instrumented: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if instrumented:
        wrap_the_sessions(monkeypatch)
    with raw_server(answering(REDIRECT), answering(REDIRECT)) as server, client(server) as ory:
        info = ory.with_http_info.o_auth2_authorize(client_id="app")
        assert isinstance(info, HTTPInfo)
        assert (info.status, info.data.partition("?")[0]) == (302, "https://site.test/login")
        assert info.set_cookies == ["a=b; Path=/"]
        with pytest.raises(OryUnexpectedRedirect) as caught:
            ory.admin_get_identity("x")
    assert caught.value.location_host == "site.test"


def test_body_of_a_redirect_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    wrap_the_sessions(monkeypatch)
    endless = REDIRECT.replace(b"Content-Length: 5", b"Content-Length: 500000000")
    with (
        raw_server(answering(endless + b"x" * 100_000)) as server,
        client(server, max_response_bytes=1000) as ory,
    ):
        assert ory.o_auth2_authorize(client_id="app").startswith("https://site.test/login")


LARGE = b'{"error": {"reason": "planted"}, "more": "' + b"x" * 200_000 + b'"}'


@pytest.mark.parametrize("announced", [True, False])
def test_large_error_keeps_its_status(announced: bool) -> None:
    length = b"Content-Length: %d\r\n" % len(LARGE) if announced else b"Connection: close\r\n"
    answer = b"HTTP/1.1 500 x\r\nX-Request-Id: r1\r\n" + length + b"\r\n" + LARGE
    with (
        raw_server(answering(answer)) as server,
        client(server, max_response_bytes=100_000) as ory,
        pytest.raises(OryServerError) as caught,
    ):
        ory.is_alive()
    error = caught.value
    assert (error.status, error.request_id) == (500, "r1")
    assert isinstance(error.body, str)
    assert LARGE.decode().startswith(error.body)
    assert 1000 < len(error.body) <= 65536


def test_too_large_success_has_the_request_id() -> None:
    answer = OK + b"X-Request-Id: r1\r\nContent-Length: 200000\r\n\r\n" + LARGE
    with (
        raw_server(answering(answer)) as server,
        client(server, max_response_bytes=100_000) as ory,
        pytest.raises(OryResponseTooLarge) as caught,
    ):
        ory.is_alive()
    assert (caught.value.status, caught.value.request_id) == (200, "r1")
