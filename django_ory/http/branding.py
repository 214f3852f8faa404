"""The name of the site at the top of the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http.request import split_domain_port

from django_ory.conf import get_settings

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["site_name"]


def site_name(request: HttpRequest | None, *, alias: str) -> str:
    """Return ``SITE_NAME`` of the alias; by default the host of the request without port and ``www.``."""
    configured = get_settings(alias).site_name
    if configured or request is None:
        return configured
    return split_domain_port(request.get_host())[0].removeprefix("www.")
