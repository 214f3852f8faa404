"""Fixtures for tests with FakeOry."""

from __future__ import annotations

from tests.support.fixtures import change_ory, joined, kratos

__all__ = ["change_ory", "joined", "kratos"]
