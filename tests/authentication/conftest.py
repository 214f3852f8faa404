"""The stand-in for Kratos, for the tests of who is asking."""

from __future__ import annotations

from tests.support.fixtures import change_ory, kratos

__all__ = ["change_ory", "kratos"]
