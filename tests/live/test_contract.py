"""FakeOry answers like the real servers: each scenario runs on both, and all answers are compared."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

from django_ory.testing import FakeOry
from tests.contract.recording import Recorder, find_differences
from tests.contract.scenarios import SCENARIOS
from tests.contract.worlds import FakeWorld, RealWorld

if TYPE_CHECKING:
    from django_ory.devstack import StackAddresses
    from tests.contract.recording import Answer
    from tests.contract.scenarios import Scenario
    from tests.contract.worlds import World

pytestmark = pytest.mark.live


def run(scenario: Scenario, world: World) -> list[Answer]:
    recorder = Recorder.attach(world.client)
    scenario(world)
    return recorder.answers


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_fake_ory_answers_like_the_real_servers(scenario: Scenario, ory_stack: StackAddresses) -> None:
    real = run(scenario, RealWorld(ory_stack))
    with FakeOry() as ory:
        fake = run(scenario, FakeWorld(ory))
    assert [answer.operation for answer in fake] == [answer.operation for answer in real]
    differences = [
        f"{original.operation} {line}"
        for imitated, original in zip(fake, real, strict=True)
        for line in find_differences(asdict(imitated), asdict(original))
    ]
    assert not differences, "FakeOry != real server:\n" + "\n".join(differences)
