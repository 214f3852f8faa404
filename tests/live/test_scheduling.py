"""The groups of tests that run in one process."""

from __future__ import annotations

from pathlib import Path

from .scheduling import GROUPS, LONG, get_group


def test_groups_name_modules_and_folders_that_exist() -> None:
    folder = Path(__file__).parent
    for paths in GROUPS.values():
        assert [path for path in paths if not (folder / path).exists()] == []
    assert [group for group in LONG if group not in GROUPS and not (folder / group).exists()] == []


def test_modules_that_share_servers_are_one_group() -> None:
    assert get_group("tests/live/tasks/test_workers.py::test_a[x::y]") == "postgres"
    assert get_group("tests/live/sessions/test_postgres.py::test_b") == "postgres"
    assert get_group("tests/live/sessions/test_redis.py::TestC::test_d") == "sessions/test_redis.py"
