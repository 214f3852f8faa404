"""Update the rows of ``Identity`` from Kratos.

::

    manage.py ory_sync_identities                    # the project "default"
    manage.py ory_sync_identities --alias acme       # another one of settings.ORY
    manage.py ory_sync_identities --all              # all of them that have Kratos
    manage.py ory_sync_identities --all --dry-run    # only count
    manage.py ory_sync_identities --since-last       # only who signed up or in since the last sync

Users and their links are not changed. The row of an identity that Kratos no longer has is kept, with
``missing_since``. If Kratos fails, the rows until then are written, none is marked missing, and the exit code
is 1; the next run continues. The command may run at any time and in parallel.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django_ory.management.sync import SyncCommand
from django_ory.mirror.identities import sync_identities
from django_ory.mirror.recent import sync_recent_identities
from django_ory.mirror.report import SyncReport


class Command(SyncCommand):
    """See the module."""

    help = "Update the rows of Identity from Kratos."
    resources = "Identities"
    setting = "KRATOS_ADMIN_URL"
    sync = staticmethod(sync_identities)

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--since-last",
            action="store_true",
            help="Read only the identities with a new session since the last sync. Kratos has no list of "
            "changes, so changes by staff, changes without a new sign-in and deletions are only found "
            "without this option.",
        )

    def run_sync(self, alias: str, options: dict[str, Any], on_page: Callable[..., object]) -> SyncReport:
        """Run the complete sync, or that of recent identities."""
        if not options["since_last"]:
            return super().run_sync(alias, options, on_page)
        return sync_recent_identities(
            alias, page_size=options["page_size"], dry_run=options["dry_run"], on_page=on_page
        )
