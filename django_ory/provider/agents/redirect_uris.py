"""The redirect URIs that clients may give themselves: https, the computer of the user, schemes of apps."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

MAX_REDIRECT_URI_LENGTH = 500
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
#: Schemes that browsers run, open themselves, or send to other programs. Never a scheme of an app.
FORBIDDEN_SCHEMES = frozenset(
    {
        *(
            "about",
            "blob",
            "chrome",
            "chrome-extension",
            "data",
            "file",
            "filesystem",
            "ftp",
            "http",
            "https",
        ),
        *("intent", "jar", "javascript", "mailto", "moz-extension", "resource", "sms", "tel"),
        *("vbscript", "view-source", "ws", "wss"),
    }
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,63}")
#: Host and port without escapes, and with nothing between a closing bracket and the port.
_NETLOC = re.compile(r"(?:\[[0-9a-f:.]+\]|[^\[\]%:]+)(?::[0-9]+)?", re.IGNORECASE)


def is_app_scheme(scheme: object) -> bool:
    """Return whether a text can be a scheme of an app."""
    return (
        isinstance(scheme, str) and _SCHEME.fullmatch(scheme) is not None and scheme not in FORBIDDEN_SCHEMES
    )


def find_redirect_problem(uri: object, *, schemes: Collection[str], origin: str = "") -> str:
    """Return the problem of a redirect URI as an English sentence for developers; "" if it is allowed.

    Args:
        uri: a value from the client.
        schemes: the allowed schemes of apps, in lower case.
        origin: the only allowed origin of https URIs, such as ``https://app.example``; "": every origin.
    """
    if not isinstance(uri, str) or not uri:
        return "A redirect URI must be text."
    if len(uri) > MAX_REDIRECT_URI_LENGTH:
        return f"A redirect URI must not be longer than {MAX_REDIRECT_URI_LENGTH} characters."
    # Parsers differ on these, so Hydra and a browser may see another host.
    if not uri.isascii() or not uri.isprintable() or any(sign in uri for sign in ' \\"<>^`{|}*'):
        return "A redirect URI must be an absolute URI, without wildcards."
    parts = split_uri(uri)
    if parts is None:
        return "A redirect URI must be an absolute URI."
    if "#" in uri or "@" in parts.netloc:
        return "A redirect URI must not contain a fragment, a user or a password."
    if parts.netloc and not _NETLOC.fullmatch(parts.netloc):
        return "The host of a redirect URI is invalid."
    if parts.scheme == "https":
        if not parts.hostname or not parts.hostname.strip("."):
            return "A redirect URI must be an absolute URI."
        if origin and f"https://{parts.netloc.lower()}" != origin.lower():
            return "A redirect URI with https must have the host of the client id."
        return ""
    if parts.scheme == "http":
        is_loopback = parts.hostname in LOOPBACK_HOSTS  # the computer of the user
        return "" if is_loopback else "A redirect URI with http must be on localhost or 127.0.0.1."
    if parts.scheme in schemes and is_app_scheme(parts.scheme):
        return ""
    return "The scheme of a redirect URI is not allowed here."


def split_uri(uri: str) -> SplitResult | None:
    """Return the parts of a URI; None if it has no scheme, or an invalid host or port."""
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.scheme and not parts.netloc.endswith(":") else None
