"""``manage.py ory_secrets FOLDER``: writes the secrets of a new deployment into files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_ory.devstack.config.secret_files import SecretFilesPlan, write_secret_files
from django_ory.devstack.errors import DevstackError


class Command(BaseCommand):
    """Writes new secrets for Kratos, Hydra, PostgreSQL and the site. Prints the names of the files only."""

    help = (
        "Write new secrets for a deployment into a folder, readable by you only: environment variables for "
        "Kratos, Hydra and this site, and the roles of PostgreSQL. Existing files are never changed."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012  settings may need these secrets

    def add_arguments(self, parser: CommandParser) -> None:
        defaults = SecretFilesPlan()
        parser.add_argument("folder", type=Path, help="A folder, which is created if it does not exist.")
        parser.add_argument(
            "--compose",
            action="store_true",
            help="For the containers of ory_config compose, with variables for the one of PostgreSQL.",
        )
        parser.add_argument(
            "--database-host", default=defaults.database_host, help="PostgreSQL's host. Default: %(default)s"
        )
        parser.add_argument(
            "--database-port",
            type=int,
            default=defaults.database_port,
            help="PostgreSQL's port. Default: %(default)s",
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Write the files. Raises CommandError if one of them exists."""
        plan = SecretFilesPlan(
            database_host=options["database_host"],
            database_port=options["database_port"],
            is_compose=options["compose"],
        )
        try:
            files = write_secret_files(options["folder"], plan)
        except DevstackError as error:
            raise CommandError(str(error)) from error
        for file in files:
            self.stdout.write(f"Written: {file}")
        self.stdout.write("Keep these files out of version control and of images, and back them up.")
