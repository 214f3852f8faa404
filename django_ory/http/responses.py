"""The response while Kratos is unavailable: 503, as a page or as JSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext

from django_ory.conf import DEFAULT_ALIAS

from .developer_hints import build_server_hint
from .json_errors import json_error
from .negotiation import wants_json

if TYPE_CHECKING:
    from django.http import HttpRequest

    from django_ory.client import OryError

__all__ = ["RETRY_AFTER", "SessionUnavailable", "unavailable_response"]

RETRY_AFTER = 5


class SessionUnavailable(Exception):
    """The identity is unknown and the settings demand an error. The middleware responds with 503."""


def unavailable_response(
    request: HttpRequest,
    *,
    retry_after: float = RETRY_AFTER,
    api: bool | None = None,
    error: OryError | None = None,
) -> HttpResponse:
    """A 503 with ``Retry-After`` (seconds). ``api``: JSON (True), a page (False), or as the client prefers
    (None). ``error``: the failed call, if known; the page names its URL while DEBUG is on.
    """
    if (ory := getattr(request, "ory", None)) is not None:
        ory.suppress_unavailable()  # the page itself may use request.user
    response: HttpResponse
    if wants_json(request) if api is None else api:
        message = gettext("Sign-in is not available right now. Try again in a moment.")
        response = json_error(503, "ory_unavailable", message)
    else:
        hint = build_server_hint(ory.alias if ory is not None else DEFAULT_ALIAS, error)
        page = render_to_string("ory/unavailable.html", {"retry_url": _again(request), "hint": hint}, request)
        response = HttpResponse(page, status=503)
    response["Retry-After"] = str(max(1, math.ceil(retry_after)))
    add_never_cache_headers(response)
    return response


def _again(request: HttpRequest) -> str | None:
    return request.get_full_path() if request.method in {"GET", "HEAD"} else None
