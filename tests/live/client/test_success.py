"""Each operation of the seeds succeeds on the real Kratos or Hydra."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.client.spec import MODERN, SEED, Operation

from . import flow_scenarios, kratos_scenarios, oauth2_scenarios, oidc_scenarios  # noqa: F401 (they register)
from .world import SCENARIOS

if TYPE_CHECKING:
    from .world import World

pytestmark = pytest.mark.live

SEEDS = [operation for operation in SEED if operation.service != "console"]
LATER = [operation for operation in MODERN if operation.name in SCENARIOS]


@pytest.mark.parametrize("operation", [*SEEDS, *LATER], ids=lambda operation: operation.name)
def test_operation_succeeds(operation: Operation, request: pytest.FixtureRequest) -> None:
    registers = operation.name.startswith("dynamic_client_registration")
    world: World = request.getfixturevalue("short_lived_world" if registers else "world")
    SCENARIOS[operation.name](world)
    assert f"{operation.method} {operation.path}" in world.remembering.succeeded
