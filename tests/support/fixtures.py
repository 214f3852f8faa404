"""Fixtures for tests with or without a session at Kratos."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest

from .kratos import Whoami, ory_settings

if TYPE_CHECKING:
    from pytest_django import Settings

    from django_ory.testing import FakeOry


class ChangeOry(Protocol):
    """Change settings of the default alias."""

    def __call__(self, **changes: Any) -> None: ...


@pytest.fixture
def kratos(ory: FakeOry) -> Whoami:
    """The response of whoami. By default, all credentials are invalid."""
    return Whoami(ory)


@pytest.fixture
def change_ory(settings: Settings) -> ChangeOry:
    """``change_ory(SESSION_CACHE_SECONDS=60)``"""

    def change(**changes: Any) -> None:
        settings.ORY = ory_settings(**changes)

    return change
