"""Bring the rows of ``OAuth2Client`` in line with Hydra.

::

    manage.py ory_sync_clients                    # the project "default"
    manage.py ory_sync_clients --alias acme       # another one of settings.ORY
    manage.py ory_sync_clients --all              # all of them that have Hydra
    manage.py ory_sync_clients --all --dry-run    # only count

It reads every OAuth2 client through Hydra's admin API, ``--page-size`` at a time, and writes what changed,
without secrets. A client that Hydra no longer has keeps its row, which gets ``missing_since``; the mark
goes when the client is back. If Hydra fails half way, what was read is written, nothing is marked, the
others of ``--all`` are still done, and the exit code is 1 (0 with ``--no-fail-on-error``). It may run at
any time, from cron, and next to itself.
"""

from __future__ import annotations

from django_ory.management.sync import SyncCommand
from django_ory.mirror.clients import sync_clients


class Command(SyncCommand):
    """See the module."""

    help = "Bring the rows of OAuth2Client in line with Hydra."
    what = "OAuth2 clients"
    setting = "HYDRA_ADMIN_URL"
    sync = staticmethod(sync_clients)
