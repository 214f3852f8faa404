"""Responses of the endpoints for scripts: metadata, errors of RFC 7591, and headers for other origins."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.utils.cache import add_never_cache_headers


def allow_origins(response: HttpResponse) -> HttpResponse:
    """Allow scripts of every origin to read a response. None of the endpoints uses cookies."""
    response["Access-Control-Allow-Origin"] = "*"
    return response


def preflight_response(methods: str) -> HttpResponse:
    """Return the response to the preflight request of a script. ``methods``: such as ``GET, HEAD``."""
    response = allow_origins(HttpResponse(status=204))
    response["Access-Control-Allow-Methods"] = methods
    # "*" does not include Authorization. MCP clients send a header of their own.
    response["Access-Control-Allow-Headers"] = "*, Authorization"
    response["Access-Control-Max-Age"] = "600"
    return response


def error_response(status: int, code: str, description: str, *, retry_after: int = 0) -> JsonResponse:
    """Return an OAuth2 error: ``{"error", "error_description"}``."""
    response = JsonResponse({"error": code, "error_description": description}, status=status)
    if retry_after:
        response["Retry-After"] = str(retry_after)
    add_never_cache_headers(response)
    return response
