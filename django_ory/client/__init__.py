"""A typed client for Ory's HTTP APIs. Does not need Django, so scripts and workers can use it, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .client import OryClient
from .errors import *  # noqa: F403 (the list is errors.__all__)
from .errors import __all__ as _errors
from .pagination import ListedPage
from .responses import HTTPInfo
from .transport import Timeout

if TYPE_CHECKING:
    from .rate_limits import RateLimit

__all__ = ["HTTPInfo", "ListedPage", "OryClient", "RateLimit", "Timeout", *_errors]


def __getattr__(name: str) -> Any:
    """Load what most programs do not need at its first use."""
    if name != "RateLimit":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .rate_limits import RateLimit

    return RateLimit
