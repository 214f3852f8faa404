"""Where Hydra may send the browser through us: to Hydra, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urljoin, urlsplit

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
        origin = _origin(urlsplit(absolute))
        ours = {
            _origin(urlsplit(base))
            for base in (settings.hydra_browser_url, settings.hydra_public_url)
            if base
        }
    except ValueError:
        return None
    return absolute if origin is not None and origin in ours else None


def web_url(url: object) -> str:
    """``url`` if it is an http(s) address that a page may link to, else "". Some say ``javascript:``."""
    if not isinstance(url, str) or not _plain(url):
        return ""
    try:
        return url if _origin(urlsplit(url)) else ""
    except ValueError:
        return ""


def _plain(url: str) -> bool:
    return "\\" not in url and not any(ord(character) <= 0x20 or ord(character) == 0x7F for character in url)


def _origin(parts: SplitResult) -> tuple[str, str, int] | None:
    """Scheme, host and port, or None if it is not a web address or carries a user name."""
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
