"""Checks of URIs. Each returns a sentence with the remedy, or "" for a valid URI."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Collection

WEB_SCHEMES = ("https", "http")
#: ``localhost:8001/callback``: a URL parser reads a scheme and a path instead of a host and a port.
_HOST_AND_PORT = re.compile(r"[^/?#]+:\d+(?:[/?#]|$)")
_LOOPBACK = re.compile(r"(?:localhost|127\.[\d.]+|\[::1\])(?:[:/?#]|$)", re.IGNORECASE)
_FORBIDDEN_SCHEMES = frozenset({"javascript", "data", "vbscript"})


def parse_uri(uri: str) -> SplitResult | None:
    """Return the parts of a URI; None if Python cannot parse it. Hydra accepts such URIs."""
    try:
        parts = urlsplit(uri)
        is_valid = parts.port is None or parts.port > 0  # ValueError for a port that is no number
    except ValueError:
        return None
    return parts if is_valid else None


def find_uri_error(uri: str, *, schemes: Collection[str] = (), allow_fragment: bool = True) -> str:
    """Check an absolute URI.

    Args:
        uri: The URI.
        schemes: The allowed schemes, such as ``("https",)``. Empty: all that a browser does not execute.
        allow_fragment: Whether a fragment (``#part``) is allowed.
    """
    if re.search(r"\s", uri):
        return _("“%(uri)s” contains a space. Enter one URI per line.") % {"uri": uri}
    parts = parse_uri(uri)
    if parts is None:
        return _("“%(uri)s” is not a valid URI.") % {"uri": uri}
    if not parts.scheme or parts.scheme == "localhost" or _HOST_AND_PORT.match(uri):
        scheme = "http" if _LOOPBACK.match(uri) else "https"
        text = _("“%(uri)s” has no scheme. Did you mean %(scheme)s://%(uri)s?")
        return text % {"uri": uri, "scheme": scheme}
    if parts.scheme in _FORBIDDEN_SCHEMES:
        return _("“%(uri)s”: the scheme %(scheme)s is not allowed.") % {"uri": uri, "scheme": parts.scheme}
    if schemes and parts.scheme not in schemes:
        allowed = _(" or ").join(f"{scheme}://" for scheme in schemes)
        return _("“%(uri)s” must start with %(schemes)s.") % {"uri": uri, "schemes": allowed}
    if parts.scheme in WEB_SCHEMES and not parts.hostname:
        return _("“%(uri)s” has no host.") % {"uri": uri}
    if not allow_fragment and "#" in uri:
        return _("“%(uri)s” contains a fragment. Remove the part from # on.") % {"uri": uri}
    return ""


def find_origin_error(origin: str) -> str:
    """Check an origin, as browsers send it: scheme, host and port. A host may start with ``*.``."""
    if error := find_uri_error(origin, schemes=WEB_SCHEMES):
        return error
    parts = urlsplit(origin)
    plain = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    if origin.lower() != plain.lower():
        text = _("“%(uri)s” is not an origin. Did you mean %(origin)s?")
        return text % {"uri": origin, "origin": plain}
    return ""


def is_unencrypted(uri: str) -> bool:
    """Return whether this is an http URL of another machine. Hydra redirects there only with ``--dev``."""
    parts = parse_uri(uri)
    if parts is None or parts.scheme != "http":
        return False
    host = parts.hostname or ""
    return not (host == "localhost" or host.endswith(".localhost") or host in ("127.0.0.1", "::1"))
