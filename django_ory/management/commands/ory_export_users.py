"""Export the passwords of Kratos to Django, so that users can sign in without Kratos.

::

    manage.py ory_export_users                                   # only count, by result
    manage.py ory_export_users --passwords-to-users              # to the linked Django users
    manage.py ory_export_users --passwords-to-file hashes.jsonl  # to a file, with the traits

The file is readable by its owner only. It contains password hashes and personal data: delete it after use.
"""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from django_ory.conf import DEFAULT_ALIAS
from django_ory.mirror.errors import ORY_ERRORS, error_text
from django_ory.mirror.imports.exports import EXPORT_TEXTS, INCOMPLETE_RESULTS, UserExport
from django_ory.mirror.imports.private_files import JsonLinesFile, UnsafeFile


class Command(BaseCommand):
    """See the module."""

    help = "Export the passwords of Kratos to Django, so that users can sign in without Kratos."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--alias", default=DEFAULT_ALIAS, help="The project in settings.ORY. Default: %(default)s"
        )
        parser.add_argument(
            "--passwords-to-users",
            action="store_true",
            help="Write the hashes to the linked users, and deactivate the users of inactive identities.",
        )
        parser.add_argument(
            "--passwords-to-file",
            metavar="FILE",
            default="",
            help="Write hashes and traits to this file, a line of JSON per identity.",
        )
        parser.add_argument(
            "--report",
            metavar="FILE",
            default="",
            help="Write ids and results, no secrets, to this file.",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Export, then print the numbers by result. Raises CommandError if a password does not work."""
        try:
            with ExitStack() as files:

                def open_file(path: str) -> Any:
                    return files.enter_context(JsonLinesFile(path)).write if path else None

                counts = UserExport(
                    options["alias"],
                    report=open_file(options["report"]) or (lambda _line: None),
                    write_hash=open_file(options["passwords_to_file"]),
                    updates_users=options["passwords_to_users"],
                ).run()
        except UnsafeFile as error:
            raise CommandError(str(error)) from error
        except ORY_ERRORS as error:
            raise CommandError(f"{error_text(error)} The pages before are exported. Run it again.") from error
        for result, text in EXPORT_TEXTS.items():
            if counts[result]:
                self.stdout.write(f"{counts[result]} {result}: {text}")
        if not (options["passwords_to_users"] or options["passwords_to_file"]):
            self.stdout.write("Nothing was written: name --passwords-to-users or --passwords-to-file.")
        elif any(counts[result] for result in INCOMPLETE_RESULTS):
            raise CommandError("Some users cannot sign in to Django with their password, see above.")
