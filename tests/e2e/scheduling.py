"""Distributes the browser tests among the processes of pytest-xdist.

Servers of a module are started in each process that runs one of its tests. So the tests of such a module run
in one process, and modules that share servers are a group. All other tests run where a process is free.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

__all__ = ["GROUPS", "BrowserScheduling"]

#: Module -> the name of its group.
GROUPS = {
    "test_client_sites": "printed",
    "test_mailed_codes": "upstream",
    "test_outage": "stoppable",
    "test_security_keys": "upstream",
    "test_signing_out": "stoppable",
    "test_social_sign_in": "upstream",
    "test_traits": "traits",
}


class BrowserScheduling(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist has no types
    """Sends all tests of a group to one process. The largest groups start first."""

    def _split_scope(self, nodeid: str) -> str:
        """Return the group of a test. Documented by pytest-xdist as the method to override."""
        module = nodeid.partition("::")[0].rpartition("/")[2].removesuffix(".py")
        return GROUPS.get(module, nodeid)
