"""Bring the rows of ``Identity`` in line with Kratos.

::

    manage.py ory_sync_identities                    # the project "default"
    manage.py ory_sync_identities --alias acme       # another one of settings.ORY
    manage.py ory_sync_identities --all              # all of them that have Kratos
    manage.py ory_sync_identities --all --dry-run    # only count

It reads every identity through Kratos' admin API, ``--page-size`` at a time, and writes what changed. The
link to a Django user is never touched, and users are neither made nor deleted. An identity that Kratos no
longer has keeps its row, which gets ``missing_since``; the mark goes when the identity is back. If Kratos
fails half way, what was read is written, nothing is marked, the others of ``--all`` are still done, and the
exit code is 1 (0 with ``--no-fail-on-error``). It may run at any time, from cron, and next to itself.
"""

from __future__ import annotations

from django_ory.management.sync import SyncCommand
from django_ory.mirror.identities import sync_identities


class Command(SyncCommand):
    """See the module."""

    help = "Bring the rows of Identity in line with Kratos."
    what = "Identities"
    setting = "KRATOS_ADMIN_URL"
    sync = staticmethod(sync_identities)
