"""The errors of real servers: each status that an operation documents and that can be provoked.

Those that cannot are in ``unprovoked``, with the reason; ``test_coverage`` compares both with what is
documented.
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
def test_the_error_is_the_documented_one(attempt: Attempt, request: pytest.FixtureRequest) -> None:
    world: World = request.getfixturevalue("hasty_world" if attempt.hasty else "world")
    with pytest.raises(OryAPIError) as caught:
        attempt.act(world)
    assert (type(caught.value), caught.value.status) == (attempt.kind, attempt.status)
    if attempt.check is not None:
        attempt.check(caught.value)
