"""Helpers for a project's own test suite. ``FakeOry`` answers from memory in place of Kratos and Hydra."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cases import FakeOryMixin
    from .fake.http import UnsupportedRequest
    from .fake.ory import FakeOry

__all__ = ["FakeOry", "FakeOryMixin", "UnsupportedRequest"]

_MODULES = {"FakeOry": "fake.ory", "FakeOryMixin": "cases", "UnsupportedRequest": "fake.http"}


def __getattr__(name: str) -> Any:
    # Imported on use: pytest loads this package with the plugin, before Django is configured.
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
