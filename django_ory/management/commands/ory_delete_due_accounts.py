"""Delete the accounts with a request for deletion.

::

    manage.py ory_delete_due_accounts                   # every project of settings.ORY
    manage.py ory_delete_due_accounts --alias acme      # one of them

Run the command once an hour: accounts are deleted after the grace period, and interrupted deletions are
finished, such as after an outage of Hydra. After a failure, run the command again.
"""

from __future__ import annotations

import argparse
import logging
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from django_ory.accounts.deletion import (
    DeletionIncomplete,
    DeletionState,
    continue_deletion,
    list_unfinished_deletions,
)
from django_ory.client import OryTransportError
from django_ory.management.arguments import choose_aliases
from django_ory.mirror.errors import ORY_ERRORS, error_text
from django_ory.models import AccountDeletion

logger = logging.getLogger("django_ory.accounts")


class Command(BaseCommand):
    """See the module."""

    help = "Delete the accounts with a request for deletion, and finish interrupted deletions."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--alias", default="", help="The project in settings.ORY. Default: all of them.")

    def handle(self, *args: Any, **options: Any) -> None:
        failures = sum(self._run(alias) for alias in choose_aliases(options["alias"]))
        if failures:
            raise CommandError(f"{failures} not deleted yet. Run the command again.")

    def _run(self, alias: str) -> int:
        """Continue the deletions of a project. Returns the number of those that failed."""
        rows = list(list_unfinished_deletions(alias))
        deleted = failed = 0
        for done, row in enumerate(rows, 1):
            try:
                deleted += continue_deletion(row) is DeletionState.DELETED
            except (*ORY_ERRORS, DeletionIncomplete) as error:
                failed += 1
                self._report(row, str(error) if isinstance(error, DeletionIncomplete) else error_text(error))
                if isinstance(error, OryTransportError):  # the others would fail, too
                    failed += len(rows) - done
                    break
        self.stdout.write(f"{alias}: {deleted} of {len(rows)} deleted.")
        return failed

    def _report(self, row: AccountDeletion, reason: str) -> None:
        logger.warning(
            "Account not deleted: identity %s (project %s). %s", row.identity_id, row.alias, reason
        )
        self.stderr.write(f"{row.alias}: identity {row.identity_id}: {reason}")
