"""The fixtures of the unit suite."""

from __future__ import annotations

from tests.support.fixtures import change_ory, kratos

__all__ = ["change_ory", "kratos"]
