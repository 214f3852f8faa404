"""Update the rows of ``OAuth2Client`` from Hydra.

::

    manage.py ory_sync_clients                    # the project "default"
    manage.py ory_sync_clients --alias acme       # another one of settings.ORY
    manage.py ory_sync_clients --all              # all of them that have Hydra
    manage.py ory_sync_clients --all --dry-run    # only count

Client secrets are not stored. The row of a client that Hydra no longer has is kept, with ``missing_since``.
If Hydra fails, the rows until then are written, none is marked missing, and the exit code is 1. The command
may run at any time and in parallel.
"""

from __future__ import annotations

from django_ory.management.sync import SyncCommand
from django_ory.mirror.clients import sync_clients


class Command(SyncCommand):
    """See the module."""

    help = "Update the rows of OAuth2Client from Hydra."
    resources = "OAuth2 clients"
    setting = "HYDRA_ADMIN_URL"
    sync = staticmethod(sync_clients)
