"""The Kratos credential of a request: a session cookie or a session token, never both."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Literal

from django.http import HttpRequest

from django_ory.conf import PerAlias, get_settings
from django_ory.http.cookies import MAX_HEADER_LENGTH, compile_cookie_pattern

_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")
_BEARER = re.compile(r"bearer +(ory_st_[\x21-\x7e]{1,4096})", re.IGNORECASE)

#: Session cookies of one request that a sign-out invalidates.
MAX_CANDIDATES = 8


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret. Its ``repr`` does not contain the value. Do not log or store it."""

    kind: Literal["cookie", "token"]
    value: str = field(repr=False)  #: the Cookie header to send, or the token
    #: The Cookie header has several cookies, and only Kratos can decide which one is valid. A client can make
    #: any number of such headers for one session, so nothing is cached under them.
    is_ambiguous: bool = False

    def candidates(self) -> list[Credential]:
        """Return this credential; for an ambiguous one a credential per cookie, at most MAX_CANDIDATES."""
        if not self.is_ambiguous:
            return [self]
        return [Credential("cookie", pair) for pair in self.value.split("; ")[:MAX_CANDIDATES]]

    def fingerprint(self, alias: str) -> str:
        """Return the SHA-256 of credential and alias in hexadecimal, for cache keys."""
        return hashlib.sha256(f"{alias}\0{self.kind}\0{self.value}".encode()).hexdigest()


def find_credential(request: HttpRequest, *, alias: str) -> Credential | None:
    """Return the credential that Kratos would use: ``X-Session-Token``, cookie, ``Authorization: Bearer``.

    Bearer tokens count only with the prefix ``ory_st_`` (those of Hydra have ``ory_at_``). Two credentials
    are never sent together, because Kratos responds with 500 to a Bearer token beside an invalid cookie.
    """
    meta = request.META
    if token := meta.get("HTTP_X_SESSION_TOKEN"):
        return Credential("token", token) if _TOKEN.fullmatch(token) else None
    if meta.get("HTTP_COOKIE") and (cookies := find_session_cookies(request, alias=alias)):
        return Credential("cookie", "; ".join(cookies), is_ambiguous=len(cookies) > 1)
    authorization = meta.get("HTTP_AUTHORIZATION")
    if authorization and (match := _BEARER.fullmatch(authorization)):
        return Credential("token", match[1])
    return None


def find_session_cookies(request: HttpRequest, *, alias: str) -> list[str]:
    """Return the session cookies as ``name=value``, for whoami; usually one.

    There are several if the request has several cookies that may be Kratos': with the same name, or with
    different names while ``SESSION_COOKIE_NAME`` is not set. A cookie that is sent twice with the same value
    counts once.
    """
    cookies = _get_pattern(alias).findall(request.META.get("HTTP_COOKIE", ""))
    if len(cookies) > 1:
        is_short = len("; ".join(cookies)) <= MAX_HEADER_LENGTH
        cookies = list(dict.fromkeys(cookies)) if is_short else []
    return cookies


@PerAlias
def _get_pattern(alias: str) -> re.Pattern[str]:
    return compile_cookie_pattern(get_settings(alias).session_cookie_pattern)


def is_token_alone(request: HttpRequest) -> bool:
    """Return whether a request has a session token of Kratos and no cookie at all.

    Browsers add no token on their own, so another site cannot forge such a request (CSRF).
    """
    meta = request.META
    if meta.get("HTTP_COOKIE"):
        return False
    return (
        _TOKEN.fullmatch(meta.get("HTTP_X_SESSION_TOKEN", "")) is not None
        or _BEARER.fullmatch(meta.get("HTTP_AUTHORIZATION", "")) is not None
    )
