"""Import the applications of django-oauth-toolkit into Hydra as OAuth2 clients.

::

    manage.py ory_import_clients --dry-run --report check.jsonl
    manage.py ory_import_clients --secrets-file secrets.jsonl

Client ids are kept. Confidential clients get new secrets, which are only in the file of secrets, readable by
its owner: send each one to the owner of the client, then delete the file. The command can be repeated.
"""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from functools import partial
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError

from django_ory.conf import DEFAULT_ALIAS
from django_ory.mirror.errors import ORY_ERRORS, error_text
from django_ory.mirror.imports.applications import (
    APPLICATION_TEXTS,
    ApplicationImport,
    ApplicationImportOptions,
)
from django_ory.mirror.imports.private_files import JsonLinesFile, UnsafeFile

CONFIDENTIAL_METHODS = ("client_secret_basic", "client_secret_post")


class Command(BaseCommand):
    """See the module."""

    help = "Import the applications of django-oauth-toolkit into Hydra as OAuth2 clients."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--alias", default=DEFAULT_ALIAS, help="The project in settings.ORY. Default: %(default)s"
        )
        parser.add_argument("--dry-run", action="store_true", help="Check all applications, change nothing.")
        parser.add_argument(
            "--report", metavar="FILE", default="", help="Write a line of JSON per application, no secrets."
        )
        parser.add_argument(
            "--secrets-file", metavar="FILE", default="", help="Write the new secrets to this file."
        )
        parser.add_argument(
            "--model",
            default="oauth2_provider.Application",
            help="The model of the applications. Default: %(default)s",
        )
        parser.add_argument(
            "--scope", default="", help="Scope of every client. Default: the scopes of OAUTH2_PROVIDER."
        )
        parser.add_argument(
            "--auth-method",
            choices=CONFIDENTIAL_METHODS,
            default=CONFIDENTIAL_METHODS[0],
            help="How confidential clients send their secret. Default: %(default)s",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import, then print the numbers. Raises CommandError if a client was not imported."""
        try:
            model = apps.get_model(options["model"])
        except (LookupError, ValueError) as error:
            raise CommandError(f"There is no model {options['model']}. Name it with --model.") from error
        try:
            with ExitStack() as files:

                def open_file(path: str) -> JsonLinesFile | None:
                    return files.enter_context(JsonLinesFile(path)) if path else None

                report, secrets = open_file(options["report"]), open_file(options["secrets_file"])
                clients = ApplicationImport(
                    ApplicationImportOptions(
                        alias=options["alias"],
                        scope=options["scope"],
                        auth_method=options["auth_method"],
                        dry_run=options["dry_run"],
                    ),
                    report=report.write if report else (lambda _line: None),
                    write_secret=partial(secrets.write, is_durable=True) if secrets else None,
                )
                counts = clients.run(model._default_manager.order_by("pk").iterator())
        except UnsafeFile as error:
            raise CommandError(str(error)) from error
        except ORY_ERRORS as error:
            raise CommandError(
                f"{error_text(error)} The applications before are imported. Run the command again."
            ) from error
        for code, count in sorted(clients.codes.items()):
            self.stdout.write(f"{code} ({count} applications): {APPLICATION_TEXTS[code]}")
        self.stdout.write(
            ", ".join(f"{count} {result}" for result, count in sorted(counts.items())) or "No applications."
        )
        if counts["needs secret"]:
            raise CommandError("Clients with new secrets were not created: name --secrets-file FILE.")
        if counts["invalid"] and not options["dry_run"]:
            raise CommandError("Some applications were not imported. Read the report (--report FILE).")
