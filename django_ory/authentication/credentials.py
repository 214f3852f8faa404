"""What a request brings to say who is asking: one of Kratos' session cookie and Kratos' session token, never
both.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from django_ory.http.cookies import session_cookies

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["Credential", "find_credential", "is_token_alone"]

TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")
BEARER = re.compile(r"bearer +(ory_st_[\x21-\x7e]{1,4096})", re.IGNORECASE)

#: Session cookies of one request that a sign-out drops from the cache.
MAX_CANDIDATES = 8


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret. Its value is not in its ``repr`` and must not be logged or stored."""

    kind: Literal["cookie", "token"]
    value: str = field(repr=False)  #: the Cookie header to send, or the token
    #: The Cookie header has several cookies, and only Kratos can decide which one is valid. A client can make
    #: any number of such headers for one session, so nothing is cached under them.
    is_ambiguous: bool = False

    def candidates(self) -> list[Credential]:
        """Itself; for an ambiguous credential one for each cookie, at most MAX_CANDIDATES."""
        if not self.is_ambiguous:
            return [self]
        return [Credential("cookie", pair) for pair in self.value.split("; ")[:MAX_CANDIDATES]]

    def fingerprint(self, alias: str) -> str:
        """SHA-256 of credential and alias, hexadecimal: what a cache key may be made of."""
        return hashlib.sha256(f"{alias}\0{self.kind}\0{self.value}".encode()).hexdigest()


def find_credential(request: HttpRequest, *, alias: str) -> Credential | None:
    """The credential that Kratos would choose, in its order: ``X-Session-Token``, cookie, ``Authorization:
    Bearer``.

    A Bearer token is only taken for Kratos' if it starts with ``ory_st_`` (Hydra's start with ``ory_at_``).
    Kratos answers 500 to a Bearer token beside a cookie it cannot decode, so two credentials are never sent
    together.
    """
    meta = request.META
    if token := meta.get("HTTP_X_SESSION_TOKEN"):
        return Credential("token", token) if TOKEN.fullmatch(token) else None
    if meta.get("HTTP_COOKIE") and (cookies := session_cookies(request, alias=alias)):
        return Credential("cookie", "; ".join(cookies), is_ambiguous=len(cookies) > 1)
    authorization = meta.get("HTTP_AUTHORIZATION")
    if authorization and (match := BEARER.fullmatch(authorization)):
        return Credential("token", match[1])
    return None


def is_token_alone(request: HttpRequest) -> bool:
    """True for a request that brings Kratos' session token and no cookie at all.

    Nothing in it was added by a browser on its own, so no other site can have forged it (CSRF).
    """
    meta = request.META
    if meta.get("HTTP_COOKIE"):
        return False
    return (
        TOKEN.fullmatch(meta.get("HTTP_X_SESSION_TOKEN", "")) is not None
        or BEARER.fullmatch(meta.get("HTTP_AUTHORIZATION", "")) is not None
    )
