"""The metadata of protected resources (RFC 9728), public and readable by scripts of every origin."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from django_ory.conf import DEFAULT_ALIAS

from .resources import get_resource


@login_not_required
@require_http_methods(["GET", "HEAD", "OPTIONS"])
@cache_control(public=True, max_age=300)
def protected_resource_metadata(
    request: HttpRequest, path: str | None = None, *, alias: str = DEFAULT_ALIAS
) -> HttpResponse:
    """``/.well-known/oauth-protected-resource/<path>`` describes the resource at ``/<path>``."""
    resource = get_resource(request, f"/{path}" if path else "", alias=alias)
    if resource is None:
        raise Http404("OAUTH2_RESOURCES has no resource at this path.")
    response: HttpResponse
    if request.method == "OPTIONS":  # MCP clients in browsers send a header of their own
        response = HttpResponse(status=204)
        response["Access-Control-Allow-Methods"] = "GET, HEAD"
        response["Access-Control-Allow-Headers"] = "*"
    else:
        response = JsonResponse(resource.build_metadata())
    response["Access-Control-Allow-Origin"] = "*"
    return response
