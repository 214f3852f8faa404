"""Only cookies of Ory are sent, unchanged, and only the session cookie of Kratos is relayed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from django_ory.http.cookies import ory_cookie_header, relay_session_cookie

if TYPE_CHECKING:
    pass

CSRF = "csrf_token_" + "a1" * 32 + "=Zm9v/+="


def header(cookie: str) -> str:
    request = RequestFactory().get("/")
    request.META["HTTP_COOKIE"] = cookie
    return ory_cookie_header(request, alias="default")


@pytest.mark.parametrize(
    ("sent", "forwarded"),
    [
        ("", ""),
        ("sessionid=secret; csrftoken=other", ""),
        ("ory_kratos_session=MTcz-_abc=", "ory_kratos_session=MTcz-_abc="),
        ('sessionid=1; ory_kratos_session="q=1"; x=2', 'ory_kratos_session="q=1"'),
        ("ory_session_slug=abc;ory_kratos_continuity=def", "ory_session_slug=abc; ory_kratos_continuity=def"),
        (f"{CSRF}; a=b", CSRF),
        ("csrf_token_short=1", ""),
        ("my_ory_kratos_session=1; ory_kratos_session_x=2; xory_kratos_session=3", ""),
        ("a=ory_kratos_session=1", ""),
        ("ory_kratos_session=bad\x01byte", ""),
        ("ory_kratos_session=bad\r\nX-Injected: 1", ""),
        ("ory_kratos_session=ümlaut", ""),
        ("ory_kratos_session=" + "x" * 9_000, ""),
        ("ory_kratos_session=ok; ory_session_a=\x7f", "ory_kratos_session=ok"),
        (";;; ory_kratos_session = spaced ; =; ory_kratos_session=ok;", "ory_kratos_session=ok"),
        ("ory_kratos_session=1; ory_kratos_session=2", "ory_kratos_session=1; ory_kratos_session=2"),
        ("; ".join(f"ory_session_{n}={'x' * 4_000}" for n in range(25)), ""),
        ("; ".join(f"junk{n}={'x' * 50}" for n in range(2_000)) + "; ory_session_a=1", "ory_session_a=1"),
    ],
    ids=range(18),
)
def test_cookie_header_contains_only_cookies_of_ory(sent: str, forwarded: str) -> None:
    assert header(sent) == forwarded


def relayed(*lines: str) -> HttpResponse:
    response = HttpResponse()
    relay_session_cookie(response, lines, alias="default")
    return response


def test_renewed_cookie_keeps_all_attributes() -> None:
    line = (
        "ory_kratos_session=new-_=/+; Path=/; Domain=example.org; Expires=Wed, 21 Oct 2026 07:28:00 GMT; "
        "Max-Age=86399; HttpOnly; Secure; SameSite=Lax"
    )
    cookie = relayed(line).cookies["ory_kratos_session"]
    assert set(cookie.OutputString().lower().split("; ")) == set(line.lower().split("; "))


@pytest.mark.parametrize(
    "line",
    [
        "csrf_token_" + "a1" * 32 + "=x; Path=/",
        "ory_kratos_continuity=x",
        "sessionid=stolen",
        "ory_kratos_session",
        "ory_kratos_session=bad value",
        "ory_kratos_session=bad\x00value",
        "",
        "=",
    ],
)
def test_other_cookies_are_not_relayed(line: str) -> None:
    assert not relayed(line).cookies


def test_unknown_attribute_is_ignored() -> None:
    cookie = relayed("ory_kratos_session=new; Priority=High; Path=/; x").cookies["ory_kratos_session"]
    assert cookie.OutputString() == "ory_kratos_session=new; Path=/"


def test_attribute_that_python_rejects_drops_the_cookie(monkeypatch: pytest.MonkeyPatch) -> None:
    from http.cookies import CookieError, Morsel

    def refuse(self: object, *_: object) -> None:
        raise CookieError

    monkeypatch.setattr(Morsel, "set", refuse)
    assert not relayed("ory_kratos_session=new").cookies


def test_cookie_of_the_view_is_not_replaced() -> None:
    response = HttpResponse()
    response.set_cookie("ory_kratos_session", "mine")
    relay_session_cookie(response, ["ory_kratos_session=kratos"], alias="default")
    assert response.cookies["ory_kratos_session"].value == "mine"
