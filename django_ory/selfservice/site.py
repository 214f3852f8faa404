"""The name of the site, as it stands on top of the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http.request import split_domain_port

from django_ory.adapter import get_adapter
from django_ory.conf import get_settings

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["site_name"]


def site_name(request: HttpRequest | None) -> str:
    """``SITE_NAME`` of the alias that serves the request, else the host without port and ``www.``."""
    if request is None:
        return get_settings().site_name
    configured = get_settings(get_adapter().resolve_alias(request)).site_name
    return configured or split_domain_port(request.get_host())[0].removeprefix("www.")
