"""How the live tests share the servers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from django_ory.devstack.lock import locked

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent

#: Rooms that walk OAuth2 flows. On SQLite, Hydra answers with 500, or not within ten seconds, when two
#: requests write at once. So the workers of a run take turns.
TALK_TO_HYDRA = frozenset({"client", "mirror", "provider"})


@pytest.fixture(autouse=True)
def hydra_in_turn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One test at a time talks to Hydra, whichever worker runs it."""
    if request.path.relative_to(HERE).parts[0] not in TALK_TO_HYDRA:
        yield
        return
    shared = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        shared = shared.parent
    with locked(shared / "hydra.turn"):
        yield
