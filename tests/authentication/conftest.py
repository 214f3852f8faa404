"""The stand-in for Kratos, for the tests of who is asking."""

from __future__ import annotations

from .fixtures import kratos, ory

__all__ = ["kratos", "ory"]
