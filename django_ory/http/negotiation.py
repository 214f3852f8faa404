"""Whether a request wants a page or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["wants_json"]

#: Django raises ValueError for much longer ones. No browser and no client of an API sends such a thing.
LONGEST_ACCEPT = 8_192


def wants_json(request: HttpRequest) -> bool:
    """True for a script or an API client: what it cannot use is a redirect to a sign-in page.

    By ``Accept`` if it decides, where every ``+json`` (RFC 6839) counts as JSON; else by ``Sec-Fetch-Dest``,
    ``X-Requested-With``, or a session token as credential.
    """
    meta = request.META
    accept = meta.get("HTTP_ACCEPT", "").lower()
    if len(accept) > LONGEST_ACCEPT:
        accept = ""
    if "html" in accept:
        return request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    if "json" in accept and any(_is_json(kind.sub_type) for kind in request.accepted_types):
        return True
    return (
        meta.get("HTTP_SEC_FETCH_DEST") == "empty"
        or meta.get("HTTP_X_REQUESTED_WITH") == "XMLHttpRequest"
        or "HTTP_X_SESSION_TOKEN" in meta
        or meta.get("HTTP_AUTHORIZATION", "").lower().startswith("bearer ")
    )


def _is_json(subtype: str) -> bool:
    return subtype == "json" or subtype.endswith("+json")
