"""Forwards Ory's own cookies byte for byte to Kratos, and returns Kratos' session cookie to the browser.

They are not parsed and rebuilt, because Kratos signs them. Cookies of Django and of other apps are never
forwarded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from http.cookies import CookieError, Morsel

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from django_ory.conf import PerAlias, get_settings

#: Kratos' cookies have a few hundred bytes each. Longer ones are not Kratos' and are dropped.
MAX_COOKIE_LENGTH = 8_192
MAX_HEADER_LENGTH = 16_384

CSRF_COOKIE_NAMES = r"csrf_token_[0-9a-f]{64}"
FLOW_COOKIE_NAMES = rf"{CSRF_COOKIE_NAMES}|ory_kratos_continuity"
COOKIE_VALUE = rf"[\x21-\x3a\x3c-\x7e]{{0,{MAX_COOKIE_LENGTH}}}"  # printable ASCII without the semicolon


def ory_cookie_header(request: HttpRequest, *, alias: str) -> str:
    """Return the ``Cookie`` header to send to Kratos for a flow: session, CSRF and continuity cookies.

    "" if there is none. Cookies with control characters, with non-ASCII bytes, or longer than 8 KB are left
    out.
    """
    header = "; ".join(_flow_cookies(alias).findall(request.META.get("HTTP_COOKIE", "")))
    return header if len(header) <= MAX_HEADER_LENGTH else ""


def relay_session_cookie(response: HttpResponseBase, lines: Iterable[str], *, alias: str) -> None:
    """Set Kratos' renewed session cookie (raw ``Set-Cookie`` lines) on a response. Ignores other cookies."""
    _relay(response, lines, get_settings(alias).session_cookie_pattern)


def relay_csrf_cookie(response: HttpResponseBase, lines: Iterable[str]) -> None:
    """Set Kratos' CSRF cookie (raw ``Set-Cookie`` lines) on a response with one of its forms."""
    _relay(response, lines, CSRF_COOKIE_NAMES)


def _relay(response: HttpResponseBase, lines: Iterable[str], pattern: str) -> None:
    names = re.compile(pattern)
    for line in lines:
        pair, *attributes = line.split(";")
        name, equals, value = (part.strip() for part in pair.partition("="))
        is_valid = equals and names.fullmatch(name) and re.fullmatch(COOKIE_VALUE, value)
        if is_valid and name not in response.cookies:
            morsel = _build_morsel(name, value, attributes)
            if morsel is not None:
                response.cookies[name] = morsel  # SimpleCookie stores a Morsel unchanged


def _build_morsel(name: str, value: str, attributes: list[str]) -> Morsel[str] | None:
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


def compile_cookie_pattern(names: str) -> re.Pattern[str]:
    """Return a pattern that finds cookies in a Cookie header as ``name=value``, by a pattern of names."""
    return re.compile(rf"(?:^|;)[ \t]*((?:{names})={COOKIE_VALUE})[ \t]*(?=;|$)")


@PerAlias
def _flow_cookies(alias: str) -> re.Pattern[str]:
    return compile_cookie_pattern(f"{get_settings(alias).session_cookie_pattern}|{FLOW_COOKIE_NAMES}")
