"""Whether a request wants a page or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["wants_json"]


def wants_json(request: HttpRequest) -> bool:
    """True for a script or an API client: what it cannot use is a redirect to a sign-in page.

    By ``Accept`` if it decides; else by ``Sec-Fetch-Dest``, ``X-Requested-With``, or a session token as
    credential.
    """
    meta = request.META
    accept = meta.get("HTTP_ACCEPT", "")
    if "html" in accept or "json" in accept:
        return request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    return (
        meta.get("HTTP_SEC_FETCH_DEST") == "empty"
        or meta.get("HTTP_X_REQUESTED_WITH") == "XMLHttpRequest"
        or "HTTP_X_SESSION_TOKEN" in meta
        or meta.get("HTTP_AUTHORIZATION", "").lower().startswith("bearer ")
    )
