"""The origin of an address: what is compared before a browser is sent somewhere or a form is shown."""

from __future__ import annotations

from urllib.parse import urlsplit

__all__ = ["origin"]

PORTS = {"http": 80, "https": 443}


def origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an absolute http(s) URL; None for anything else, and with a user name in it.

    A backslash is refused: browsers read it as a slash, so the host would be another for them.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in PORTS or not parts.hostname or "\\" in url or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname, port or PORTS[parts.scheme]
