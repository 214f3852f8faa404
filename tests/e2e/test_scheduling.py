"""The groups of modules that run in one process."""

from __future__ import annotations

from pathlib import Path

from .scheduling import GROUPS


def test_groups_name_modules_that_exist() -> None:
    assert [name for name in GROUPS if not (Path(__file__).parent / f"{name}.py").exists()] == []
