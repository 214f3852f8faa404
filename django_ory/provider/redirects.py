"""Where Hydra may send the browser through us: to Hydra, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

from django_ory.http.redirects import parse_origin

if TYPE_CHECKING:
    from django_ory.conf import OrySettings

__all__ = ["hydra_url", "web_url"]


def hydra_url(url: object, *, settings: OrySettings) -> str | None:
    """``url`` made absolute, if its origin is that of HYDRA_BROWSER_URL or HYDRA_PUBLIC_URL; else None.

    Hydra answers relative URLs for logouts, so they are joined to HYDRA_BROWSER_URL first.
    """
    if not isinstance(url, str) or not url or not _plain(url):
        return None
    try:
        absolute = urljoin(f"{settings.hydra_browser_url}/", url)
    except ValueError:
        return None
    ours = {parse_origin(settings.hydra_browser_url), parse_origin(settings.hydra_public_url)} - {None}
    return absolute if parse_origin(absolute) in ours else None


def web_url(url: object) -> str:
    """``url`` if it is an http(s) address that a page may link to, else "". Some say ``javascript:``."""
    return url if isinstance(url, str) and _plain(url) and parse_origin(url) else ""


def _plain(url: str) -> bool:
    return "\\" not in url and not any(ord(character) <= 0x20 or ord(character) == 0x7F for character in url)
