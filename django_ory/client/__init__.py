"""A typed client for Ory's HTTP APIs. Does not need Django, so scripts and workers can use it, too."""

from __future__ import annotations

from .client import OryClient
from .errors import *  # noqa: F403 (the list is errors.__all__)
from .errors import __all__ as _errors
from .pagination import ListedPage
from .rate_limits import RateLimit
from .responses import HTTPInfo
from .transport import Timeout

__all__ = ["HTTPInfo", "ListedPage", "OryClient", "RateLimit", "Timeout", *_errors]
