"""The errors of real servers: each documented status of an operation that a caller can cause.

``unprovoked`` lists the others, with the reasons; ``test_coverage`` compares both with the documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from django_ory.client import OryAPIError

from . import expiry_errors, flow_errors, hydra_errors, kratos_errors  # noqa: F401 (they register)
from .attempts import ATTEMPTS, Attempt

if TYPE_CHECKING:
    from .world import World

pytestmark = pytest.mark.live


@pytest.mark.parametrize(
    "attempt",
    [
        pytest.param(row, id=f"{row.operation}-{row.status}-{row.act.__name__.strip('<>')}")
        for row in ATTEMPTS
    ],
)
def test_attempt_raises_the_documented_error(attempt: Attempt, request: pytest.FixtureRequest) -> None:
    world: World = request.getfixturevalue("expired_world" if attempt.short_lived else "world")
    with pytest.raises(OryAPIError) as caught:
        attempt.act(world)
    assert (type(caught.value), caught.value.status) == (attempt.kind, attempt.status)
    if attempt.check is not None:
        attempt.check(caught.value)
