"""A typed client for Ory's HTTP APIs. It knows no Django: use it in scripts and workers as well."""

from __future__ import annotations

from .client import OryClient
from .errors import *  # noqa: F403 (the list is errors.__all__)
from .errors import __all__ as _errors
from .http_info import HTTPInfo
from .transport import Timeout

__all__ = ["HTTPInfo", "OryClient", "Timeout", *_errors]
