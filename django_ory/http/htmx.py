"""Requests of htmx: a redirect is followed by its script, so the page itself must be told to go elsewhere."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx sent the request."""
    return request.META.get("HTTP_HX_REQUEST") == "true"


def get_htmx_page(request: HttpRequest) -> str | None:
    """The URL of the page that the user sees. Written by the browser: pass it through ``safe_return_to``."""
    return request.META.get("HTTP_HX_CURRENT_URL")


def redirect_htmx(url: str, *, status: int) -> HttpResponse:
    """Let htmx navigate to a URL. htmx reads the header of responses of every status."""
    return HttpResponse(status=status, headers={"HX-Redirect": url})
