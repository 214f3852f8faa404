"""Distributes the tests of pages among the processes of pytest-xdist.

``--dist=loadgroup`` of pytest-xdist 3.8 does not group with pytest 9.2: it adds the group to a private
attribute of the test, which pytest no longer reads.
"""

from __future__ import annotations

import re
from importlib import import_module

from xdist.scheduler import LoadScopeScheduling

from tests.docs.pages import PAGES

__all__ = ["PageScheduling", "get_group"]

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


def find_page(test_id: str) -> str:
    """Return the page of a test by its parameter or by the marker of its module; "" if there is none."""
    parameters = PARAMETERS.search(test_id)
    if parameters and parameters[1] in PAGES:
        return parameters[1]
    module = test_id.partition("::")[0].removesuffix(".py").replace("/", ".")
    marker = getattr(import_module(module), "pytestmark", None)
    return str(marker.args[0]) if marker is not None and marker.name == "page" else ""


class PageScheduling(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist has no types
    """Sends all tests of a group of pages to one process, in their order."""

    def _split_scope(self, nodeid: str) -> str:
        """Return the group of a test. Documented by pytest-xdist as the method to override."""
        page = find_page(nodeid)
        return get_group(page) if page else nodeid
