"""Whether a client has registered an audience, by the rule of Hydra.

A grant beyond it yields a token, but the first refresh fails.
"""

from __future__ import annotations

from collections.abc import Iterable

from django_ory.http.redirects import split_url


def limit_audience(requested: Iterable[str], *, registered: Iterable[str]) -> tuple[str, ...]:
    """Return the requested audiences that the client has registered, each once."""
    allowed = list(registered)
    return tuple(name for name in dict.fromkeys(requested) if is_audience_registered(name, allowed))


def is_audience_registered(name: str, registered: Iterable[str]) -> bool:
    """Return whether an audience is a registered one, or a path below a registered URL.

    Stricter than Hydra where URLs have user names, fragments, escapes or no host.
    """
    parts = split_url(name)
    if (not parts.netloc and not parts.path) or parts.fragment:  # RFC 8707 section 2: no fragment
        return False
    for each in registered:
        allowed = split_url(each)
        path = allowed.path.rstrip("/")
        is_same_host = (parts.scheme, parts.netloc) == (allowed.scheme, allowed.netloc)
        if name == each or (is_same_host and (parts.path == path or parts.path.startswith(f"{path}/"))):
            return True
    return False
