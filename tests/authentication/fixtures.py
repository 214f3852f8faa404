"""Fixtures that the tests of the doors (middleware, decorators, ...) share with those of the room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest
import responses

from .stand_in import StandIn, ory_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings


class ChangeOry(Protocol):
    """Change settings of the default alias."""

    def __call__(self, **changes: Any) -> None: ...


@pytest.fixture
def kratos() -> Iterator[StandIn]:
    """Kratos: nobody is signed in until a test says so."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        stand_in = StandIn(mock)
        stand_in.nobody()
        yield stand_in


@pytest.fixture
def change_ory(settings: Settings) -> ChangeOry:
    """``change_ory(SESSION_CACHE_SECONDS=60)``"""

    def change(**changes: Any) -> None:
        settings.ORY = ory_settings(**changes)

    return change
