"""Where a visitor may be sent back to. Everything that is redirected to goes through here; anything else is
dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.encoding import iri_to_uri
from django.utils.http import url_has_allowed_host_and_scheme

from django_ory.conf import get_settings

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["safe_return_to"]

#: What Django can redirect to. An OAuth2 challenge, which is in the query, may have 7,000 characters.
MAX_LENGTH = 16_384


def safe_return_to(request: HttpRequest, candidate: str | None, *, alias: str) -> str | None:
    """The candidate as an absolute URL, if it stays on this site or on one of ``ALLOWED_RETURN_HOSTS``; else
    None.

    Never raises for bad input. On an https site, only https targets are allowed.
    """
    if not candidate or len(candidate) > MAX_LENGTH:
        return None
    allowed = {request.get_host(), *get_settings(alias).allowed_return_hosts}
    if not _is_allowed(candidate, allowed, require_https=request.is_secure()):
        return None
    try:
        target = iri_to_uri(request.build_absolute_uri(candidate))
    except ValueError:  # e.g. an unclosed bracket, which only urljoin notices
        return None
    return target if _is_allowed(target, allowed, require_https=request.is_secure()) else None


def _is_allowed(url: str, hosts: set[str], *, require_https: bool) -> bool:
    """Django's check, for the part that it is about: it refuses everything above 2,048 characters, query
    included.
    """
    return url_has_allowed_host_and_scheme(url.partition("?")[0] or "/", hosts, require_https=require_https)
