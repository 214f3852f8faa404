"""Delete the OAuth2 clients that registered themselves and that no user has given access.

::

    manage.py ory_delete_unused_clients                 # every project with Hydra
    manage.py ory_delete_unused_clients --alias acme    # one of them
    manage.py ory_delete_unused_clients --dry-run       # only count

Run the command once a day. A client has OAUTH2_CLIENT_UNUSED_DAYS from its registration to the first consent.
Clients of staff, and clients with a consent, are never deleted. After a failure, run the command again.
"""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from django_ory.conf import get_settings
from django_ory.management.arguments import choose_aliases
from django_ory.mirror.errors import ORY_ERRORS, error_text
from django_ory.provider.agents.lifetime import delete_unused_clients


class Command(BaseCommand):
    """See the module."""

    help = "Delete the OAuth2 clients that registered themselves and that no user has given access."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--alias", default="", help="The project in settings.ORY. Default: all of them.")
        parser.add_argument("--dry-run", action="store_true", help="Count, and delete nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete the clients of each project. Raises CommandError if one of the projects failed."""
        failed = [
            alias
            for alias in choose_aliases(options["alias"])
            if get_settings(alias).hydra_admin_url and not self._run(alias, dry_run=options["dry_run"])
        ]
        if failed:
            raise CommandError(f"Not finished: {', '.join(failed)}. Run the command again.")

    def _run(self, alias: str, *, dry_run: bool) -> bool:
        """Delete the clients of a project. Returns False after a failure."""
        deleted = 0
        try:
            for _ in delete_unused_clients(alias, dry_run=dry_run):
                deleted += 1
        except ORY_ERRORS as error:
            self.stderr.write(f"{alias}: {error_text(error)}")
            return False
        finally:
            name = f"{alias} (dry run)" if dry_run else alias
            self.stdout.write(f"{name}: {deleted} clients deleted.", self.style.SUCCESS)
        return True
