"""Calls of whoami: every response has a meaning, and none is an exception."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest
from django.test import RequestFactory

from django_ory.authentication.credentials import Credential
from django_ory.authentication.resolver import get_resolver
from django_ory.authentication.results import SessionState, WhoamiResult
from django_ory.client import (
    OryBadRequest,
    OryConnectionError,
    OryDecodeError,
    OryError,
    OryServerError,
    OryTimeout,
)
from django_ory.signals import ory_unavailable
from tests.support.kratos import COOKIE, IDENTITY_ID, build_other_identity_json, session_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.fixtures import ChangeOry
    from tests.support.kratos import Whoami

CREDENTIAL = Credential("cookie", COOKIE)


def resolve(credential: Credential = CREDENTIAL, **options: Any) -> WhoamiResult:
    return get_resolver().resolve(credential, request=RequestFactory().get("/"), **options)


@pytest.fixture
def errors() -> Iterator[list[OryError]]:
    """The errors that were reported."""
    reported: list[OryError] = []

    def record(*, error: OryError, **_: Any) -> None:
        reported.append(error)

    ory_unavailable.connect(record)
    yield reported
    ory_unavailable.disconnect(record)


@pytest.mark.parametrize(
    ("response", "error"),
    [
        ({"fault": "down"}, OryConnectionError),
        ({"fault": "slow"}, OryTimeout),
        ({"body": "<html>Bad Gateway</html>", "headers": {"Content-Type": "text/html"}}, OryDecodeError),
        ({"body": '{"id": "x", "acti', "headers": {"Content-Type": "application/json"}}, OryDecodeError),
        ({"body": "", "headers": {"Content-Type": "application/json"}}, OryDecodeError),
        ({"body": b"\xff\xfe", "headers": {"Content-Type": "application/json"}}, OryDecodeError),
        ({"json": []}, OryDecodeError),
        ({"json": {"active": True}}, OryDecodeError),
        ({"status": 500, "json": {"error": {"code": 500}}}, OryServerError),
        ({"status": 502, "body": "<html>"}, OryServerError),
        ({"status": 400, "json": {}}, OryBadRequest),
        ({"status": 403, "json": {"error": {"id": "something_else"}}}, OryError),
        ({"status": 404, "body": "not here"}, OryError),
        ({"status": 429, "body": "slow down"}, OryError),
        ({"status": 302, "headers": {"Location": "https://evil.example"}}, OryError),
        ({"status": 418}, OryError),
    ],
)
def test_unusable_response_is_unavailable_and_reported(
    kratos: Whoami, errors: list[OryError], response: dict[str, Any], error: type[OryError]
) -> None:
    kratos.respond(**response)
    assert resolve().state is SessionState.UNAVAILABLE
    assert [type(each) for each in errors] == [type(errors[0])]
    assert isinstance(errors[0], error)


def test_401_is_anonymous_and_missing_second_factor_is_not(kratos: Whoami, errors: list[OryError]) -> None:
    assert resolve().state is SessionState.ANONYMOUS
    kratos.require_second_factor()
    assert resolve().state is SessionState.AAL2_REQUIRED
    assert errors == []


def test_cookie_or_token_is_sent(kratos: Whoami) -> None:
    kratos.signed_in()
    resolve()
    resolve(Credential("token", "ory_st_x"))
    cookie, token = kratos.calls
    assert cookie.headers["Cookie"] == COOKIE
    assert "X-Session-Token" not in cookie.headers
    assert token.headers["X-Session-Token"] == "ory_st_x"
    assert "Cookie" not in token.headers
    assert "Authorization" not in token.headers


def test_headers_of_the_response_are_read(kratos: Whoami, change_ory: ChangeOry) -> None:
    change_ory(SESSION_CACHE_SECONDS=60)
    kratos.signed_in(
        headers={
            "Set-Cookie": "ory_kratos_session=new; Path=/",
            "Ory-Session-Cache-For": "12",
            "Date": formatdate(time.time() + 120, usegmt=True),
        }
    )
    result = resolve()
    assert result.set_cookies == ("ory_kratos_session=new; Path=/",)
    assert result.cache_for == 12
    assert result.clock_offset == pytest.approx(120, abs=3)


@pytest.mark.parametrize(
    "date",
    ["", "yesterday", formatdate(time.time() - 86_400, usegmt=True), formatdate(2**31, usegmt=True)],
    ids=["missing", "malformed", "a day ago", "far ahead"],
)
def test_unusable_headers_are_ignored(kratos: Whoami, date: str) -> None:
    kratos.signed_in(headers={"Date": date, "Ory-Session-Cache-For": "soon"})
    result = resolve()
    assert result.clock_offset == 0
    assert result.cache_for is None


def test_different_identities_in_header_and_body_are_rejected(kratos: Whoami, errors: list[OryError]) -> None:
    header = "X-Kratos-Authenticated-Identity-Id"
    kratos.signed_in(headers={header: IDENTITY_ID})
    assert resolve().state is SessionState.SIGNED_IN
    kratos.signed_in(headers={header: IDENTITY_ID}, identity=build_other_identity_json())
    assert resolve().state is SessionState.UNAVAILABLE
    assert isinstance(errors[0], OryDecodeError)
    assert IDENTITY_ID not in str(errors[0])


def test_template_is_sent_and_token_returned(kratos: Whoami) -> None:
    kratos.respond(json=session_json(tokenized="ey.J.x"))
    result = resolve(tokenize_as="jwt_example")
    assert result.session is not None
    assert result.session.tokenized == "ey.J.x"
    assert kratos.calls[0].target.endswith("/sessions/whoami?tokenize_as=jwt_example")
