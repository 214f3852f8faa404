"""Every test here has its calls answered by ``FakeOry``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django_ory.testing import FakeOry


@pytest.fixture(autouse=True)
def no_network(ory: FakeOry) -> None:
    """No test reaches a network, with or without the fixture ``ory``."""
