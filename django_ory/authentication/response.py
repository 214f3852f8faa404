"""What a response owes to the answer it was made from: ``Vary``, a renewed session cookie, 503 instead of a
crash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.cache import patch_vary_headers

from django_ory.conf import get_settings
from django_ory.http.cookies import relay_session_cookie
from django_ory.http.responses import service_unavailable

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from .request import OryRequest
    from .request_user import RequestUser

__all__ = ["finalize_response"]

VARY = ("Cookie", "Authorization", "X-Session-Token")
VARY_LINE = ", ".join(VARY)


def finalize_response(ory: OryRequest, user: RequestUser, response: HttpResponseBase) -> HttpResponseBase:
    """Complete a response whose request was asked about. Works on every kind: streams, redirects, errors."""
    if ory.raised_unavailable and response.status_code == 500:
        response = service_unavailable(ory.request)  # raised where no process_exception sees it
    if response.status_code < 500:  # the session of such a response is not saved
        user.ownership.record()
    if response.has_header("Vary"):
        patch_vary_headers(response, VARY)
    else:
        response["Vary"] = VARY_LINE  # nearly always, and at a fraction of the cost
    if get_settings(ory.alias).server_timing:
        others = [response["Server-Timing"]] if response.has_header("Server-Timing") else []
        response["Server-Timing"] = ", ".join([*others, f"ory;dur={ory.seconds * 1000:.1f}"])
    if ory.set_cookies:
        relay_session_cookie(response, ory.set_cookies, alias=ory.alias)
    return response
