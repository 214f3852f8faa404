"""The name of the site, as it stands on top of the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http.request import split_domain_port

from django_ory.conf import aliases, get_settings
from django_ory.sessions.request import get_ory

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["site_name"]


def site_name(request: HttpRequest | None) -> str:
    """``SITE_NAME`` of the alias that serves the request, else the host without port and ``www.``."""
    if request is None:
        return get_settings(aliases()[0]).site_name
    configured = get_settings(get_ory(request).alias).site_name
    return configured or split_domain_port(request.get_host())[0].removeprefix("www.")
