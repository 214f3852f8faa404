"""The traits of a sign-up of two pages, in a cookie: Kratos does not return lists after a rejected password.

The cookie is signed, belongs to one flow, and lives for a quarter of an hour. Traits that are too long for a
cookie are not kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.http.signed_cookies import SignedCookie

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse

__all__ = ["forget_entered", "read_entered", "save_entered"]

TRAITS_COOKIE = SignedCookie("ory_traits", "django_ory.selfservice.traits", seconds=15 * 60)


def save_entered(
    request: HttpRequest, response: HttpResponse, traits: Mapping[str, Any], *, flow_id: str
) -> None:
    """Set the cookie for the next page of this flow."""
    TRAITS_COOKIE.save(request, response, [flow_id, traits])


def read_entered(request: HttpRequest, *, flow_id: str) -> dict[str, Any] | None:
    """The entered traits of this flow; None without a valid cookie, and for another flow."""
    match TRAITS_COOKIE.read(request):
        case [str(entered_in), dict(traits)] if entered_in == flow_id:
            return traits
    return None


def forget_entered(request: HttpRequest, response: HttpResponse) -> None:
    """Delete the cookie if the browser has one."""
    TRAITS_COOKIE.delete(request, response)
