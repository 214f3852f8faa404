"""Update the rows of ``Identity`` from Kratos.

::

    manage.py ory_sync_identities                    # the project "default"
    manage.py ory_sync_identities --alias acme       # another one of settings.ORY
    manage.py ory_sync_identities --all              # all of them that have Kratos
    manage.py ory_sync_identities --all --dry-run    # only count

Users and their links are not changed. The row of an identity that Kratos no longer has is kept, with
``missing_since``. If Kratos fails, the rows until then are written, none is marked missing, and the exit code
is 1. The command may run at any time and in parallel.
"""

from __future__ import annotations

from django_ory.management.sync import SyncCommand
from django_ory.mirror.identities import sync_identities


class Command(SyncCommand):
    """See the module."""

    help = "Update the rows of Identity from Kratos."
    resources = "Identities"
    setting = "KRATOS_ADMIN_URL"
    sync = staticmethod(sync_identities)
