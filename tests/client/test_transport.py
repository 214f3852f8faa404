from __future__ import annotations

import functools
import logging
from typing import Any

import pytest
import requests
import responses

import django_ory
from django_ory.client import (
    OryAPIError,
    OryClient,
    OryConnectionError,
    OryServiceNotConfigured,
    OryTimeout,
    OryUnexpectedRedirect,
    OryUsageError,
    Timeout,
)

from .answers import IDENTITY, SESSION

PUBLIC, ADMIN, KEY = "https://public.test", "https://admin.test/base", "ory_pat_planted"


@pytest.fixture
def ory() -> OryClient:
    return OryClient(kratos_public_url=PUBLIC, kratos_admin_url=ADMIN + "/", api_key=KEY)


@responses.activate
def test_api_key_is_sent_to_some_services_only(ory: OryClient) -> None:
    responses.get(f"{PUBLIC}/sessions/whoami", json=SESSION)
    responses.get(f"{ADMIN}/admin/identities/x", json=IDENTITY)
    ory.to_session(cookie="a=b")
    ory.admin_get_identity("x")
    public, private = (call.request.headers for call in responses.calls)
    assert "Authorization" not in public
    assert private["Authorization"] == f"Bearer {KEY}"
    assert KEY not in repr(ory) + repr(vars(ory))


@responses.activate
def test_every_request_has_user_agent_and_accept(ory: OryClient) -> None:
    responses.get(f"{PUBLIC}/sessions/whoami", json=SESSION)
    ory.to_session(cookie="a=b; c=d", x_session_token="ory_st_1")
    assert responses.calls[0].request.headers == {
        "User-Agent": f"django-ory/{django_ory.__version__}",
        "Accept": "application/json",
        "Cookie": "a=b; c=d",
        "X-Session-Token": "ory_st_1",
    }


@responses.activate
def test_accept_header_of_text_operations_is_text(ory: OryClient) -> None:
    responses.get(
        f"{PUBLIC}/.well-known/ory/webauthn.js", body="(function(){})()", content_type="text/javascript"
    )
    assert ory.get_web_authn_java_script() == "(function(){})()"
    assert responses.calls[0].request.headers["Accept"] == "text/javascript"


@pytest.mark.parametrize("value", ["a=b\r\nX: y", "a=b\nc", "a\x00b", "a\x7fb", "näh ☃"])
@responses.activate
def test_header_with_line_break_is_rejected(ory: OryClient, value: str) -> None:
    with pytest.raises(OryUsageError, match="the header Cookie must not contain line breaks") as caught:
        ory.to_session(cookie=value)
    assert value not in str(caught.value)
    assert not responses.calls


@responses.activate
def test_latin_1_and_tabs_are_header_values(ory: OryClient) -> None:
    responses.get(f"{PUBLIC}/sessions/whoami", json=SESSION)
    ory.to_session(cookie="a=\xe9\tb")


@responses.activate
def test_no_cookie_is_kept(ory: OryClient) -> None:
    responses.get(
        f"{PUBLIC}/sessions/whoami", json=SESSION, headers={"Set-Cookie": "ory_kratos_session=other; Path=/"}
    )
    ory.to_session(cookie="a=b")
    ory.to_session()
    assert "Cookie" not in responses.calls[1].request.headers


@responses.activate
def test_redirect_is_not_followed(ory: OryClient) -> None:
    responses.get(
        f"{ADMIN}/admin/identities/x",
        status=307,
        headers={"Location": "https://u:p@other.test:8443/x?token=planted"},
    )
    with pytest.raises(OryUnexpectedRedirect) as caught:
        ory.admin_get_identity("x")
    assert caught.value.location_host == "other.test:8443"
    assert str(caught.value) == (
        "GET /admin/identities/{id}: 307 redirect to other.test:8443; redirects are never followed"
    )
    assert len(responses.calls) == 1


@responses.activate
def test_redirect_is_a_success_where_allowed(ory: OryClient) -> None:
    responses.get(f"{PUBLIC}/.well-known/change-password", status=303, headers={"Location": "/settings"})
    assert ory.get_well_known_change_password() == "/settings"


@pytest.mark.parametrize(
    ("operation", "argument"),
    [
        ("admin_list_o_auth2_clients", "hydra_admin_url"),
        ("discover_oidc_configuration", "hydra_public_url"),
        ("list_projects", "console_url"),
        ("list_relationship_namespaces", "keto_read_url"),
        ("get_jwks", "sdk_url"),
    ],
)
def test_missing_url_names_the_argument(ory: OryClient, operation: str, argument: str) -> None:
    with pytest.raises(OryServiceNotConfigured, match=argument):
        getattr(ory, operation)()


@pytest.mark.parametrize(
    "url",
    [
        "kratos:4433",
        "ftp://kratos",
        "http://",
        "https://kratos/?a=b",
        "https://kratos/#a",
        "https://user:pass@kratos",
        "https://kratos/\r\nX: y",
        "https://kratos/a b",
        "http://kratos:port",
        "http://kratos:0",
        "http://kratos:65536",
        "http://kratos:99999",
        "http://[kratos",
    ],
)
def test_invalid_url_is_rejected(url: str) -> None:
    with pytest.raises(OryUsageError, match="kratos_public_url must be a plain URL"):
        OryClient(kratos_public_url=url)


@responses.activate
def test_api_key_with_line_break_is_rejected() -> None:
    with pytest.raises(OryUsageError, match="api_key") as caught:
        OryClient(kratos_admin_url=ADMIN, api_key="planted\nX: y")
    assert "planted" not in str(caught.value)


@responses.activate
@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (requests.ConnectTimeout("x"), OryTimeout),
        (requests.ReadTimeout("x"), OryTimeout),
        (requests.ConnectionError("x"), OryConnectionError),
        (requests.exceptions.ChunkedEncodingError("x"), OryConnectionError),
        (requests.exceptions.SSLError("x"), OryConnectionError),
    ],
)
def test_errors_of_requests_are_wrapped(ory: OryClient, error: Exception, kind: type[Exception]) -> None:
    responses.get(f"{PUBLIC}/sessions/whoami", body=error)
    with pytest.raises(kind) as caught:
        ory.to_session()
    assert caught.value.__cause__ is error


@responses.activate
def test_log_line_has_no_private_data(ory: OryClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    responses.get(f"{ADMIN}/admin/identities/planted-id", json=IDENTITY)
    responses.get(f"{PUBLIC}/sessions/whoami", status=401, json={"error": {"reason": "planted-reason"}})
    ory.admin_get_identity("planted-id")
    with pytest.raises(OryAPIError):
        ory.to_session(cookie="planted=cookie", x_session_token="planted")
    responses.get(f"{PUBLIC}/self-service/login/flows", body=requests.ConnectionError("planted"))
    with pytest.raises(OryConnectionError):
        ory.get_self_service_login_flow(id="planted")
    lines = [record.getMessage() for record in caplog.records if record.name == "django_ory.client"]
    assert [line.rpartition(" ")[0].rpartition(" ")[0] for line in lines] == [
        "GET /admin/identities/{id} 200",
        "GET /sessions/whoami 401",
        "GET /self-service/login/flows no answer",
    ]
    assert "planted" not in caplog.text


@responses.activate
def test_instrumentation_of_requests_sees_the_calls(ory: OryClient, monkeypatch: pytest.MonkeyPatch) -> None:
    responses.get(f"{PUBLIC}/sessions/whoami", json=SESSION, headers={"Set-Cookie": "a=b"})
    seen: list[str] = []
    plain = requests.Session.send

    @functools.wraps(plain)
    def send(self: requests.Session, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        request.headers["traceparent"] = "00-1-2-01"
        response = plain(self, request, **kwargs)
        seen.append(f"{request.method} {request.url} {response.status_code}")
        return response

    monkeypatch.setattr(requests.Session, "send", send)
    info = ory.with_http_info.to_session(cookie="c=d")
    assert info.data.active
    assert info.set_cookies == ["a=b"]
    assert seen == [f"GET {PUBLIC}/sessions/whoami 200"]
    assert responses.calls[0].request.headers["traceparent"] == "00-1-2-01"
    ory.to_session()
    assert "Cookie" not in responses.calls[1].request.headers


def test_environment_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    ory = OryClient(kratos_public_url="http://127.0.0.1:1", timeout=Timeout(1, 1))
    with pytest.raises(OryConnectionError) as caught:
        ory.to_session()
    assert "roxy" not in str(caught.value.__cause__)


@responses.activate
def test_empty_credential_is_not_sent(ory: OryClient) -> None:
    responses.get(f"{PUBLIC}/sessions/whoami", json=SESSION)
    ory.to_session(cookie="", x_session_token="")
    assert not {"Cookie", "X-Session-Token"} & set(responses.calls[0].request.headers)


@responses.activate
def test_text_of_an_error_names_service_and_reason(ory: OryClient) -> None:
    responses.get(f"{PUBLIC}/sessions/whoami", body=requests.ReadTimeout(f"{PUBLIC}/sessions/whoami?planted"))
    with pytest.raises(OryTimeout) as late:
        ory.to_session()
    assert str(late.value) == "GET /sessions/whoami: no answer from kratos_public within 10 s"
    responses.replace("GET", f"{PUBLIC}/sessions/whoami", body=ConnectionRefusedError("refused"))
    with pytest.raises(OryConnectionError) as refused:
        ory.to_session()
    assert (
        str(refused.value) == "GET /sessions/whoami: no connection to kratos_public (ConnectionRefusedError)"
    )
