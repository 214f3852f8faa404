"""Ory's own cookies, taken byte for byte from the raw ``Cookie`` header and given back to the browser
unchanged.

Nothing is parsed and rebuilt: Kratos' cookies are signed, and a cookie of Django or of another app must never
leave.
"""

from __future__ import annotations

import re
from functools import cache
from http.cookies import CookieError, Morsel
from typing import TYPE_CHECKING

from django_ory.conf import get_settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

__all__ = ["ory_cookie_header", "relay_session_cookie", "session_cookies"]

#: Kratos' cookies are a few hundred bytes each. What is longer is not Kratos' and is dropped.
MAX_COOKIE = 8_192
MAX_HEADER = 16_384

FLOW_NAMES = r"csrf_token_[0-9a-f]{64}|ory_kratos_continuity"
VALUE = rf"[\x21-\x3a\x3c-\x7e]{{0,{MAX_COOKIE}}}"  # printable ASCII without the semicolon


def ory_cookie_header(request: HttpRequest, *, alias: str) -> str:
    """The ``Cookie`` header to send to Kratos for a flow: session, CSRF and continuity cookies. ``""`` if
    there is none.

    Cookies with control characters, with bytes beyond ASCII, or longer than 8 KB are left out.
    """
    return _pick(request, get_settings(alias).session_cookie_pattern + "|" + FLOW_NAMES)


def session_cookies(request: HttpRequest, *, alias: str) -> list[str]:
    """The session cookies as ``name=value``, for whoami; usually one.

    There are several if the request has several cookies that may be Kratos': with the same name, or with
    different names while ``SESSION_COOKIE_NAME`` is not set. A cookie that is sent twice with the same value
    counts once.
    """
    header = _pick(request, get_settings(alias).session_cookie_pattern)
    return list(dict.fromkeys(header.split("; "))) if header else []


def relay_session_cookie(response: HttpResponseBase, lines: Iterable[str], *, alias: str) -> None:
    """Put Kratos' renewed session cookie (raw ``Set-Cookie`` lines) on a response. Other cookies are not
    passed on.
    """
    names = re.compile(get_settings(alias).session_cookie_pattern)
    for line in lines:
        pair, *attributes = line.split(";")
        name, equals, value = (part.strip() for part in pair.partition("="))
        if equals and names.fullmatch(name) and name not in response.cookies and re.fullmatch(VALUE, value):
            morsel = _morsel(name, value, attributes)
            if morsel is not None:
                response.cookies[name] = morsel  # SimpleCookie keeps a Morsel as it is


def _morsel(name: str, value: str, attributes: list[str]) -> Morsel[str] | None:
    morsel: Morsel[str] = Morsel()
    try:
        morsel.set(name, value, value)
        for attribute in attributes:
            key, _, content = (part.strip() for part in attribute.partition("="))
            if morsel.isReservedKey(key):
                morsel[key] = content or True
    except CookieError:
        return None
    return morsel


def _pick(request: HttpRequest, names: str) -> str:
    raw = request.META.get("HTTP_COOKIE", "")
    if not raw:
        return ""
    header = "; ".join(_pattern(names).findall(raw))
    return header if len(header) <= MAX_HEADER else ""


@cache
def _pattern(names: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|;)[ \t]*((?:{names})={VALUE})[ \t]*(?=;|$)")
