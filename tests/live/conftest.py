"""How the live tests share the servers."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent

#: Rooms that walk OAuth2 flows. Hydra on SQLite does not bear two of them at once: requests wait for a lock
#: until they give up. So one worker does all of these, in turn.
TALK_TO_HYDRA = frozenset({"client", "mirror", "provider"})


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what talks to Hydra on one worker of xdist."""
    for item in items:
        if item.path.is_relative_to(HERE) and item.path.relative_to(HERE).parts[0] in TALK_TO_HYDRA:
            item.add_marker(pytest.mark.xdist_group("hydra"))
