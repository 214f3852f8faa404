"""The way to the sign-in page, also for a second factor or a fresh sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode

from django.urls import reverse

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["login_url", "page_to_return_to"]


def login_url(
    request: HttpRequest,
    *,
    return_to: str | None,
    aal: Literal["aal1", "aal2"] | None = None,
    refresh: bool = False,
) -> str:
    """The path of our sign-in page with its parameters. ``return_to`` must have passed ``safe_return_to``."""
    parameters = {"return_to": return_to, "aal": aal, "refresh": "true" if refresh else None}
    query = urlencode({key: value for key, value in parameters.items() if value})
    path = reverse("ory:login", current_app=getattr(request, "current_app", None))
    return f"{path}?{query}" if query else path


def page_to_return_to(request: HttpRequest) -> str:
    """The page a visitor should see again after signing in, not yet checked by ``safe_return_to``.

    This page for GET; for other methods the page whose form was sent, because its body is not sent again by
    itself.
    """
    if request.method in {"GET", "HEAD"}:
        return request.build_absolute_uri()
    return request.META.get("HTTP_REFERER") or request.build_absolute_uri()
