"""Fixtures of tests that need an Ory."""

from __future__ import annotations

from tests.authentication.fixtures import kratos, ory

__all__ = ["kratos", "ory"]
