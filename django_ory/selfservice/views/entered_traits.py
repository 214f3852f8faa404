"""The traits of a sign-up of two pages, in a cookie: Kratos does not return lists after a rejected password.

The cookie is signed, belongs to one flow, and lives for a quarter of an hour. Traits that are too long for a
cookie are not kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core import signing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse

__all__ = ["forget_entered", "read_entered", "save_entered"]

TRAITS_COOKIE = "ory_traits"
TRAITS_SALT = "django_ory.selfservice.traits"
TRAITS_SECONDS = 15 * 60
#: Browsers store at most 4,096 bytes with the name and the attributes.
MAX_TRAITS_COOKIE_LENGTH = 3_500


def save_entered(
    request: HttpRequest, response: HttpResponse, traits: Mapping[str, Any], *, flow_id: str
) -> None:
    """Set the cookie for the next page of this flow."""
    value = signing.dumps([flow_id, traits], salt=TRAITS_SALT, compress=True)
    if len(value) > MAX_TRAITS_COOKIE_LENGTH:
        forget_entered(request, response)
        return
    response.set_cookie(
        TRAITS_COOKIE,
        value,
        max_age=TRAITS_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )


def read_entered(request: HttpRequest, *, flow_id: str) -> dict[str, Any] | None:
    """The entered traits of this flow; None without a valid cookie, and for another flow."""
    try:
        value = signing.loads(
            request.COOKIES.get(TRAITS_COOKIE, ""), salt=TRAITS_SALT, max_age=TRAITS_SECONDS
        )
    except (signing.BadSignature, ValueError):
        return None
    is_valid = isinstance(value, list) and len(value) == 2 and value[0] == flow_id
    return value[1] if is_valid and isinstance(value[1], dict) else None


def forget_entered(request: HttpRequest, response: HttpResponse) -> None:
    """Delete the cookie if the browser has one."""
    if TRAITS_COOKIE in request.COOKIES:
        response.delete_cookie(TRAITS_COOKIE, samesite="Lax")
