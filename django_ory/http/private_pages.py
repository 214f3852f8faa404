"""Headers of pages that are for one browser and at one moment, and whose address holds a flow or a
challenge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.cache import add_never_cache_headers, patch_vary_headers

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

__all__ = ["keep_private"]


def keep_private(response: HttpResponseBase) -> None:
    """Let nobody cache a response, frame it, or learn its address from a Referer."""
    add_never_cache_headers(response)
    patch_vary_headers(response, ("Cookie", "Accept-Language"))
    response["X-Frame-Options"] = "DENY"
    # Not "no-referrer": browsers would then send "Origin: null" with forms, which CSRF checks rightly refuse.
    response["Referrer-Policy"] = "same-origin"
