"""The scenarios on FakeOry. ``tests/live/test_contract.py`` compares each answer with the real servers'."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from django_ory.testing import FakeOry

from .recording import Recorder
from .scenarios import SCENARIOS
from .worlds import FakeWorld

if TYPE_CHECKING:
    from .scenarios import Scenario


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_scenario_is_implemented_and_repeatable(scenario: Scenario) -> None:
    runs = []
    for _ in range(2):
        with FakeOry() as ory:
            world = FakeWorld(ory)
            recorder = Recorder.attach(world.client)
            scenario(world)
            runs.append(recorder.answers)
    assert runs[0]
    assert runs[0] == runs[1]
