"""Distributes the live tests among the processes of pytest-xdist.

A fixture with servers is set up in each process that runs a test with this fixture. So the tests of a module
run in one process, and modules that share servers are a group.

``--dist=loadgroup`` of pytest-xdist 3.8 does not group with pytest 9.2: it adds the group to a private
attribute of the test, which pytest no longer reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    import pytest
    from xdist.remote import Producer

__all__ = ["GROUPS", "LiveScheduling", "get_group", "sort_tests"]

FOLDER = "tests/live/"
#: Modules and folders that share servers, by the name of the group.
GROUPS = {
    "sites": ("deployment/test_deployments.py", "deployment/test_disconnects.py"),
    "postgres": ("sessions/test_postgres.py", "mirror/test_search_indexes.py", "tasks/"),
    "example": ("example/",),
    "client": ("client/",),
    "own_stack": ("sessions/test_policies.py", "sessions/test_projects.py", "sessions/test_requirements.py"),
}
#: Groups and modules that take long. They start first, so that no process waits for them at the end.
LONG = ("sites", "test_devstack.py", "example", "deployment/test_faults.py", "postgres", "client")


def get_group(test_id: str) -> str:
    """Return the name of a group, or the path of the module in this folder."""
    module = test_id.partition("::")[0].removeprefix(FOLDER)
    for name, paths in GROUPS.items():
        if module.startswith(paths):
            return name
    return module


def sort_tests(items: list[pytest.Item]) -> None:
    """Sort the tests: the long groups first. Otherwise their order is kept."""
    order = {group: number for number, group in enumerate(LONG)}
    items.sort(key=lambda item: order.get(get_group(item.nodeid), len(order)))


class LiveScheduling(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist has no types
    """Sends all tests of a group to one process, the groups in the order of their first tests."""

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # the order by the number of tests

    def _split_scope(self, nodeid: str) -> str:
        """Return the group of a test. Documented by pytest-xdist as the method to override."""
        return get_group(nodeid)
