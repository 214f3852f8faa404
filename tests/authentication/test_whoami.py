"""Every outcome of whoami has a meaning, and none is an exception."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest
import requests

from django_ory.authentication.credentials import Credential
from django_ory.authentication.results import SessionState
from django_ory.authentication.whoami import ask_kratos
from django_ory.client import (
    OryBadRequest,
    OryConnectionError,
    OryDecodeError,
    OryError,
    OryServerError,
    OryTimeout,
)

from .stand_in import COOKIE, IDENTITY_ID, session_json, somebody_new

if TYPE_CHECKING:
    from .stand_in import StandIn

CREDENTIAL = Credential("cookie", COOKIE)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"body": requests.ConnectionError("refused")}, OryConnectionError),
        ({"body": requests.ReadTimeout("slow")}, OryTimeout),
        ({"body": "<html>Bad Gateway</html>", "content_type": "text/html"}, OryDecodeError),
        ({"body": '{"id": "x", "acti', "content_type": "application/json"}, OryDecodeError),
        ({"body": "", "content_type": "application/json"}, OryDecodeError),
        ({"body": b"\xff\xfe", "content_type": "application/json"}, OryDecodeError),
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
def test_no_answer(kratos: StandIn, said: dict[str, Any], error: type[OryError]) -> None:
    kratos.says(**said)
    answer, met = ask_kratos("default", CREDENTIAL)
    assert answer.state is SessionState.UNAVAILABLE
    assert isinstance(met, error)


def test_nobody_and_the_second_factor(kratos: StandIn) -> None:
    answer, error = ask_kratos("default", CREDENTIAL)
    assert (answer.state, error) == (SessionState.ANONYMOUS, None)
    kratos.wants_second_factor()
    answer, error = ask_kratos("default", CREDENTIAL)
    assert (answer.state, error) == (SessionState.AAL2_REQUIRED, None)


def test_what_is_sent(kratos: StandIn) -> None:
    kratos.signed_in()
    ask_kratos("default", CREDENTIAL)
    ask_kratos("default", Credential("token", "ory_st_x"))
    cookie, token = kratos.calls
    assert cookie.headers["Cookie"] == COOKIE
    assert "X-Session-Token" not in cookie.headers
    assert token.headers["X-Session-Token"] == "ory_st_x"
    assert "Cookie" not in token.headers
    assert "Authorization" not in token.headers


def test_what_comes_along(kratos: StandIn) -> None:
    kratos.signed_in(
        headers={
            "Set-Cookie": "ory_kratos_session=new; Path=/",
            "Ory-Session-Cache-For": "12",
            "Date": formatdate(time.time() + 120, usegmt=True),
        }
    )
    answer, _ = ask_kratos("default", CREDENTIAL)
    assert answer.set_cookies == ("ory_kratos_session=new; Path=/",)
    assert answer.cache_for == 12
    assert answer.clock_offset == pytest.approx(120, abs=3)


def test_head_and_body_must_name_the_same_person(kratos: StandIn) -> None:
    named = "X-Kratos-Authenticated-Identity-Id"
    kratos.signed_in(headers={named: IDENTITY_ID})
    assert ask_kratos("default", CREDENTIAL)[0].state is SessionState.SIGNED_IN
    kratos.signed_in(headers={named: IDENTITY_ID}, identity=somebody_new())
    answer, error = ask_kratos("default", CREDENTIAL)
    assert answer.state is SessionState.UNAVAILABLE
    assert isinstance(error, OryDecodeError)
    assert IDENTITY_ID not in str(error)


@pytest.mark.parametrize(
    "date",
    ["", "yesterday", formatdate(time.time() - 86_400, usegmt=True), formatdate(2**31, usegmt=True)],
    ids=["none", "bad", "of yesterday", "far ahead"],
)
def test_no_clock_worth_believing(kratos: StandIn, date: str) -> None:
    kratos.signed_in(headers={"Date": date, "Ory-Session-Cache-For": "soon"})
    answer, _ = ask_kratos("default", CREDENTIAL)
    assert answer.clock_offset == 0
    assert answer.cache_for is None


def test_the_call_that_makes_a_token(kratos: StandIn) -> None:
    kratos.says(json=session_json(tokenized="ey.J.x"))
    answer, _ = ask_kratos("default", CREDENTIAL, tokenize_as="jwt_example")
    assert answer.session is not None
    assert answer.session.tokenized == "ey.J.x"
    assert (kratos.calls[0].url or "").endswith("/sessions/whoami?tokenize_as=jwt_example")
