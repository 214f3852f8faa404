from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import pytest
import responses

from django_ory.client import OryClient, OryDecodeError

if TYPE_CHECKING:
    from collections.abc import Iterator

WHOAMI = "http://kratos.test/sessions/whoami"
ORY = OryClient(kratos_public_url="http://kratos.test", kratos_admin_url="http://kratos.test")


@pytest.fixture(autouse=True)
def mock() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.mark.parametrize(
    ("body", "content_type", "complaint"),
    [
        (b"<html>planted</html>", "text/html; charset=utf-8", "200 with text/html instead of JSON"),
        (b"", "application/json", "200 with an empty body"),
        (b'{"id": "planted', "application/json", "200 with a body of an unexpected form"),
        (b'["planted"]', "application/json", "200 with a body of an unexpected form"),
        (b'"planted"', "application/json", "200 with a body of an unexpected form"),
        (b"null", "application/json", "200 with a body of an unexpected form"),
        (b'{"id": {"planted": 1}}', "application/json", "200 with a body of an unexpected form"),
        (b'{"id": "1", "active": "planted"}', "", "200 with a body of an unexpected form"),
        (
            b'{"id": "1", "expires_at": "planted"}',
            "application/json",
            "200 with a body of an unexpected form",
        ),
        (b'{"id": "\xff\xfe"}', "application/json", "200 with a body of an unexpected form"),
        (b"[" * 100_000, "application/json", "200 with a body of an unexpected form"),
        (b"{}", "te\x00xt", "200 with a body of an unexpected form"),
    ],
)
def test_invalid_success_is_a_decode_error(
    mock: responses.RequestsMock, body: bytes, content_type: str, complaint: str
) -> None:
    mock.get(WHOAMI, body=body, content_type=content_type, headers={"X-Request-Id": "r1"})
    with pytest.raises(OryDecodeError) as caught:
        ORY.to_session()
    error = caught.value
    assert str(error) == f"GET /sessions/whoami: {complaint}"
    assert (error.status, error.request_id) == (200, "r1")
    assert error.__cause__ is not None
    assert "planted" not in "".join(traceback.format_exception_only(error.__cause__))


def test_null_is_an_empty_list(mock: responses.RequestsMock) -> None:
    mock.get("http://kratos.test/sessions", body=b" null\n")
    assert ORY.list_sessions() == []


@pytest.mark.parametrize("body", [b"{}", b"[null]", b'["x"]', b"[{}]", b"", b"nul"])
def test_invalid_list_is_a_decode_error(mock: responses.RequestsMock, body: bytes) -> None:
    mock.get("http://kratos.test/sessions", body=body)
    with pytest.raises(OryDecodeError):
        ORY.list_sessions()


def test_operation_without_result_ignores_the_body(mock: responses.RequestsMock) -> None:
    mock.delete("http://kratos.test/admin/identities/x", body=b"<html>", status=204)
    ORY.admin_delete_identity("x")


def test_text_is_returned_as_str(mock: responses.RequestsMock) -> None:
    mock.get("http://kratos.test/.well-known/ory/webauthn.js", body=b"\xc3\xa4 \xff")
    assert ORY.get_web_authn_java_script() == "ä \ufffd"


def test_extend_session_returns_none_for_204(mock: responses.RequestsMock) -> None:
    url = "http://kratos.test/admin/sessions/x/extend"
    mock.patch(url, status=204)
    mock.patch(url, json={"id": "x"})
    mock.patch(url, body=b"<html>")
    assert ORY.admin_extend_session("x") is None
    session = ORY.admin_extend_session("x")
    assert session is not None
    assert session.id == "x"
    with pytest.raises(OryDecodeError):
        ORY.admin_extend_session("x")


@pytest.mark.parametrize("body", [b"", b"<a href=/next>See Other</a>", b'{"session": {"id": "x"}}'])
def test_text_of_a_redirect_contains_only_the_host(mock: responses.RequestsMock, body: bytes) -> None:
    url = "http://kratos.test/self-service/fed-cm/token"
    mock.post(url, status=303, body=body, content_type="text/html", headers={"Location": "https://x.test"})
    info = ORY.with_http_info.update_fedcm_flow(body={"token": "t", "csrf_token": "c"})
    assert (info.data, info.headers["Location"]) == (None, "https://x.test")


def test_object_without_model_is_a_dictionary(mock: responses.RequestsMock) -> None:
    mock.get("http://kratos.test/schemas/x", json={"$id": "https://schemas.ory.sh"})
    assert ORY.get_identity_schema("x") == {"$id": "https://schemas.ory.sh"}
