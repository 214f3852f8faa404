"""The way to the sign-in page, also for a second factor or a fresh sign-in, and to the app's other pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode

from django.urls import reverse

from .client_name import PARAMETER as CLIENT_NAME
from .client_name import sign_client_name
from .return_to import MAX_LENGTH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

__all__ = ["login_url", "page_to_return_to", "page_url"]

#: What a page's address may have: it leads on to Kratos, whose address stands in front of the same query.
LONGEST = MAX_LENGTH - 1_024


def login_url(
    request: HttpRequest,
    *,
    return_to: str | None,
    aal: Literal["aal1", "aal2"] | None = None,
    refresh: bool = False,
    client_name: str = "",
) -> str:
    """The path of our sign-in page with its parameters. ``return_to`` must have passed ``safe_return_to``.

    ``client_name``: of the OAuth2 client for which the user signs in, which the page names.
    """
    parameters = {
        "return_to": return_to,
        "aal": aal,
        "refresh": "true" if refresh else None,
        CLIENT_NAME: sign_client_name(client_name),
    }
    return page_url(request, "ory:login", parameters)


def page_url(request: HttpRequest, name: str, parameters: Mapping[str, str | None]) -> str:
    """The path of one of the app's pages with parameters; those without a value are left out.

    A ``return_to`` that makes it longer than what can be redirected to is left out as well.
    """
    path = reverse(name, current_app=getattr(request, "current_app", None))
    query = urlencode({key: value for key, value in parameters.items() if value})
    if len(query) > LONGEST and parameters.get("return_to"):
        return page_url(request, name, {**parameters, "return_to": None})
    return f"{path}?{query}" if query else path


def page_to_return_to(request: HttpRequest) -> str:
    """The page a visitor should see again after signing in, not yet checked by ``safe_return_to``.

    This page for GET; for other methods the page whose form was sent, because its body is not sent again by
    itself.
    """
    if request.method in {"GET", "HEAD"}:
        return request.build_absolute_uri()
    return request.META.get("HTTP_REFERER") or request.build_absolute_uri()
