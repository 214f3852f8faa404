"""Distributes the tests of pages among the processes of pytest-xdist.

``--dist=loadgroup`` of pytest-xdist 3.8 does not group with pytest 9.2: it adds the group to a private
attribute of the test, which pytest no longer reads.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING

from xdist.scheduler import LoadScopeScheduling

from tests.docs.pages import PAGES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xdist.workermanage import WorkerController

__all__ = ["PageScheduling", "choose_group", "get_group"]

PARAMETERS = re.compile(r"\[(.+)\]$")


def get_group(page: str) -> str:
    """The pages of a group run in one process: a page that others continue, and the rest of each branch.

    A page with programs takes long, so all pages that continue it are in its group.
    """
    while (
        page in PAGES
        and (continued := PAGES[page].continues)
        and (PAGES[continued].continues or PAGES[continued].programs)
    ):
        page = continued
    return page


def find_first(page: str) -> str:
    """Return the page at the begin of the pages that this page continues, or "" if it is not followed."""
    while page in PAGES and PAGES[page].continues:
        page = PAGES[page].continues
    return page if page in PAGES else ""


def choose_group(waiting: Iterable[str], *, own: Iterable[str], others: Iterable[str]) -> str:
    """Return the first group that begins with no page of the other processes, unless all groups do."""
    avoided = {find_first(group) for group in others} - {find_first(group) for group in own} - {""}
    return min(waiting, key=lambda group: find_first(group) in avoided)


def find_page(test_id: str) -> str:
    """Return the page of a test by its parameter or by the marker of its module; "" if there is none."""
    parameters = PARAMETERS.search(test_id)
    if parameters and parameters[1] in PAGES:
        return parameters[1]
    module = test_id.partition("::")[0].removesuffix(".py").replace("/", ".")
    marker = getattr(import_module(module), "pytestmark", None)
    return str(marker.args[0]) if marker is not None and marker.name == "page" else ""


class PageScheduling(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist has no types
    """Sends all tests of a group of pages to one process, in their order.

    Each process follows the pages that its pages continue. So groups that begin with the same page are sent
    to one process, as long as there are others for the rest.
    """

    def _assign_work_unit(self, node: WorkerController) -> None:
        others = [group for each in self.nodes if each is not node for group in self.assigned_work[each]]
        chosen = choose_group(self.workqueue, own=self.assigned_work[node], others=others)
        self.workqueue.move_to_end(chosen, last=False)
        super()._assign_work_unit(node)

    def _split_scope(self, nodeid: str) -> str:
        """Return the group of a test. Documented by pytest-xdist as the method to override."""
        page = find_page(nodeid)
        return get_group(page) if page else nodeid
