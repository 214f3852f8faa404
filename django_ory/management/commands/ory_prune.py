"""Delete the rows of identities and OAuth2 clients that Ory has not had for long.

::

    manage.py ory_prune --missing-for 30d              # the project "default"
    manage.py ory_prune --missing-for 30d --all        # all projects
    manage.py ory_prune --missing-for 12h --dry-run    # only count

A complete sync marks the rows that it does not find in Ory. The command deletes those that were marked long
enough ago, with the personal data of these identities in the admin's history, in invitations and in web hook
deliveries. Rows that are linked to a Django user are kept, unless --include-linked is given. Ory and Django
users are not changed.
"""

from __future__ import annotations

import argparse
import re
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand

from django_ory.conf import DEFAULT_ALIAS, aliases
from django_ory.management.arguments import require_alias
from django_ory.mirror.pruning import prune_rows

TIME_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
TIME_WITH_UNIT = re.compile(r"([0-9]{1,5})([mhdw])")


def parse_duration(text: str) -> timedelta:
    """Return a duration such as 90m, 12h, 30d or 4w. Raises ArgumentTypeError."""
    match = TIME_WITH_UNIT.fullmatch(text)
    if match is None:
        raise argparse.ArgumentTypeError("must be a number with a unit: 90m, 12h, 30d or 4w")
    return timedelta(**{TIME_UNITS[match[2]]: int(match[1])})


class Command(BaseCommand):
    """See the module."""

    help = "Delete the rows that Ory has not had for long."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--missing-for",
            type=parse_duration,
            required=True,
            metavar="TIME",
            help="The time since a sync marked the row as missing: 90m, 12h, 30d or 4w.",
        )
        chosen = parser.add_mutually_exclusive_group()
        chosen.add_argument(
            "--alias", default=DEFAULT_ALIAS, help="The project in settings.ORY. Default: %(default)s"
        )
        chosen.add_argument("--all", action="store_true", help="Every project.")
        parser.add_argument(
            "--include-linked", action="store_true", help="Also delete rows that are linked to a user."
        )
        parser.add_argument("--dry-run", action="store_true", help="Count, and delete nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prune each chosen project. Raises CommandError for an unknown alias."""
        for alias in aliases() if options["all"] else [options["alias"]]:
            require_alias(alias)
            report = prune_rows(
                alias,
                missing_for=options["missing_for"],
                include_linked=options["include_linked"],
                dry_run=options["dry_run"],
            )
            name = f"{alias} (dry run)" if report.dry_run else alias
            self.stdout.write(
                f"{name}: {report.identities} identities and {report.clients} clients deleted, "
                f"{report.kept} kept because they are linked to a user.",
                self.style.SUCCESS,
            )
