"""Checks of URLs: redirects must lead to Hydra, links of clients to the web."""

from __future__ import annotations

from urllib.parse import urljoin

from django_ory.conf import OrySettings
from django_ory.http.redirects import parse_origin


def hydra_url(url: object, *, settings: OrySettings) -> str | None:
    """Return the absolute URL if its origin is that of HYDRA_BROWSER_URL or HYDRA_PUBLIC_URL, else None.

    Hydra returns relative URLs for logouts. They are relative to HYDRA_BROWSER_URL.
    """
    if not isinstance(url, str) or not url or not _is_plain(url):
        return None
    try:
        absolute = urljoin(f"{settings.hydra_browser_url}/", url)
    except ValueError:
        return None
    allowed = {parse_origin(settings.hydra_browser_url), parse_origin(settings.hydra_public_url)} - {None}
    return absolute if parse_origin(absolute) in allowed else None


def web_url(url: object) -> str:
    """Return ``url`` if a page may link to it: only http and https, so no ``javascript:``; else ""."""
    return url if isinstance(url, str) and _is_plain(url) and parse_origin(url) else ""


def _is_plain(url: str) -> bool:
    return "\\" not in url and not any(ord(character) <= 0x20 or ord(character) == 0x7F for character in url)
