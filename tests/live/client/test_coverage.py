"""Every operation of the seeds outside the console has a scenario. This needs no server itself."""

from __future__ import annotations

from tests.client.spec import MODERN, SEED

from .test_success import SEEDS
from .world import SCENARIOS


def test_each_of_the_85_operations_is_proven() -> None:
    assert len(SEEDS) == 85
    assert {operation.name for operation in SEEDS} - set(SCENARIOS) == set()


def test_every_scenario_belongs_to_an_operation() -> None:
    assert set(SCENARIOS) <= {operation.name for operation in [*SEED, *MODERN]}
