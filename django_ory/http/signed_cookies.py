"""Cookies of this site that the browser can read but not change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse

__all__ = ["SignedCookie"]

#: Browsers store at most 4,096 bytes with the name and the attributes.
MAX_SIGNED_LENGTH = 3_500


@dataclass(frozen=True)
class SignedCookie:
    """A cookie for a value of JSON. ``seconds``: how long it lives."""

    name: str
    salt: str
    seconds: int

    def read(self, request: HttpRequest) -> Any:
        """Return the value; None without a cookie, and for an expired or forged one."""
        try:
            return signing.loads(request.COOKIES.get(self.name, ""), salt=self.salt, max_age=self.seconds)
        except (signing.BadSignature, ValueError):
            return None

    def save(self, request: HttpRequest, response: HttpResponse, value: Any) -> None:
        """Set the cookie. Deletes it if the value is too long for one."""
        text = signing.dumps(value, salt=self.salt, compress=True)
        if len(text) > MAX_SIGNED_LENGTH:
            self.delete(request, response)
            return
        response.set_cookie(
            self.name,
            text,
            max_age=self.seconds,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure(),
        )

    def delete(self, request: HttpRequest, response: HttpResponse) -> None:
        """Delete the cookie if the browser has one."""
        if self.name in request.COOKIES:
            response.delete_cookie(self.name, samesite="Lax")
