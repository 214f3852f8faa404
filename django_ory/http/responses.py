"""Shared responses: 503 while Ory is unavailable, errors as JSON, headers of private pages."""

from __future__ import annotations

import logging
import math
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings as django_settings
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.translation import gettext

from django_ory.client import OryCircuitOpen, OryClient
from django_ory.conf import DEFAULT_ALIAS
from django_ory.resilience.log_throttle import throttled_log
from django_ory.signals import ory_unavailable

from .developer_hints import build_advice, build_server_hint, get_server_url, get_service_name

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from django.utils.functional import _StrOrPromise

    from django_ory.client import OryError

logger = logging.getLogger("django_ory")

RETRY_AFTER_SECONDS = 5

#: Django raises ValueError for a much longer header. No browser and no API client sends one.
MAX_ACCEPT_LENGTH = 8_192


class HttpResponseSeeOther(HttpResponseRedirect):
    """A redirect that browsers follow with GET after any method."""

    status_code = 303


def service_unavailable(
    request: HttpRequest,
    *,
    retry_after: float = RETRY_AFTER_SECONDS,
    api: bool | None = None,
    error: OryError | None = None,
    retry_url: str = "",
    hint: str = "",
) -> HttpResponse:
    """Return a 503 with ``Retry-After``.

    Args:
        retry_after: seconds.
        api: JSON (True), a page (False), or the format that the client prefers (None).
        error: the failed call, if known. The page shows its URL while DEBUG is on.
        retry_url: the page to try again; by default this page, and none after a POST.
        hint: for developers, shown while DEBUG is on instead of the failed call.
    """
    if (ory := getattr(request, "ory", None)) is not None:
        ory.suppress_unavailable()  # the page itself may use request.user
    response: HttpResponse
    if wants_json(request) if api is None else api:
        message = gettext("Sign-in is not available right now. Try again in a moment.")
        response = json_error(503, "ory_unavailable", message)
    else:
        is_safe = request.method in ("GET", "HEAD")
        hint = hint if django_settings.DEBUG else ""
        context = {
            "retry_url": retry_url or (request.get_full_path() if is_safe else None),
            "hint": hint or build_server_hint(ory.alias if ory is not None else DEFAULT_ALIAS, error),
        }
        response = HttpResponse(render_to_string("ory/unavailable.html", context, request), status=503)
    response["Retry-After"] = str(max(1, math.ceil(retry_after)))
    add_never_cache_headers(response)
    return response


def outage_response(
    request: HttpRequest, error: OryError, *, alias: str, retry_url: str = ""
) -> HttpResponse:
    """Report a failed call and return a 503, with the ``Retry-After`` of Ory's response, if any.

    ``retry_url``: see ``service_unavailable``.
    """
    report_outage(request, error, alias=alias, what=f"{get_service_name(error)} is unavailable for a page")
    retry_after = getattr(error, "retry_after", None) or RETRY_AFTER_SECONDS
    return service_unavailable(request, retry_after=retry_after, error=error, retry_url=retry_url)


def report_outage(request: HttpRequest | None, error: OryError, *, alias: str, what: str) -> None:
    """Log a failed call, at most once a minute per service, and send ``ory_unavailable``.

    ``what``: the start of the log line. OryCircuitOpen is not reported, because the failure before it was.
    """
    if isinstance(error, OryCircuitOpen):
        return
    throttled_log.warn(
        logger,
        (get_service_name(error).lower(), alias),
        "%s (project %s, %s): %s%s",
        what,
        alias,
        get_server_url(alias, error),
        error,
        build_advice(alias, error),
    )
    ory_unavailable.send_robust(OryClient, request=request, alias=alias, error=error)


def json_error(status: int, error_id: str, message: _StrOrPromise, **extra: str) -> JsonResponse:
    """Return an error in the format of Kratos: ``{"error": {"id", "code", "status", "message"}}``.

    ``extra``: more members of the outer object.
    """
    error = {
        "id": error_id,
        "code": status,
        "status": HTTPStatus(status).phrase,
        "message": str(message),
    }
    return JsonResponse({"error": error, **extra}, status=status)


def wants_json(request: HttpRequest) -> bool:
    """Return whether a script or an API client sent the request, which cannot use redirects to a login page.

    Decided by ``Accept``, where ``+json`` types (RFC 6839) count as JSON. If that does not decide: by
    ``Sec-Fetch-Dest``, ``X-Requested-With``, or a session token as credential.
    """
    meta = request.META
    accept = meta.get("HTTP_ACCEPT", "").lower()
    if len(accept) > MAX_ACCEPT_LENGTH:
        accept = ""
    if "html" in accept:
        return request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    if "json" in accept and any(
        media_type.sub_type == "json" or media_type.sub_type.endswith("+json")
        for media_type in request.accepted_types
    ):
        return True
    return (
        meta.get("HTTP_SEC_FETCH_DEST") == "empty"
        or meta.get("HTTP_X_REQUESTED_WITH") == "XMLHttpRequest"
        or "HTTP_X_SESSION_TOKEN" in meta
        or meta.get("HTTP_AUTHORIZATION", "").lower().startswith("bearer ")
    )


def keep_private(response: HttpResponseBase) -> None:
    """Add headers against caching, framing, and leaking the URL to other sites."""
    add_never_cache_headers(response)
    patch_vary_headers(response, ("Cookie", "Accept-Language"))
    response["X-Frame-Options"] = "DENY"
    # Not "no-referrer": browsers would then send "Origin: null" with forms, which CSRF checks reject.
    response["Referrer-Policy"] = "same-origin"
