"""End the sessions at Hydra of users that have signed out, or whose session was revoked in Kratos.

::

    manage.py ory_end_hydra_sessions                  # every project of settings.ORY
    manage.py ory_end_hydra_sessions --alias acme     # one of them
    manage.py ory_end_hydra_sessions --limit 5000     # check more sessions at Kratos

Run the command every few minutes. Hydra notifies the clients (back-channel). A session that only expires
signs no user out of other sites.
"""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from django_ory.conf import get_settings
from django_ory.management.arguments import choose_aliases
from django_ory.mirror.errors import error_text
from django_ory.mirror.hydra_sessions import end_finished_sessions


class Command(BaseCommand):
    """See the module."""

    help = "End the sessions at Hydra of users that have signed out, or whose session was revoked in Kratos."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--alias", default="", help="The project in settings.ORY. Default: all of them.")
        parser.add_argument(
            "--limit",
            type=int,
            default=1000,
            help="Sessions to check at Kratos per run. Default: %(default)s.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        failed = []
        for alias in choose_aliases(options["alias"]):
            if not get_settings(alias).hydra_admin_url:
                continue
            report = end_finished_sessions(alias, limit=max(options["limit"], 0))
            self.stdout.write(f"{alias}: {report.checked} checked, {report.ended} ended.")
            if report.error is not None:
                failed.append(alias)
                self.stderr.write(f"{alias}: {error_text(report.error)}")
        if failed:
            raise CommandError("Not all sessions were ended. Run the command again.")
