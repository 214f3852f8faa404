"""Import Django users into Kratos, with their passwords, and link them.

::

    manage.py ory_import_users --dry-run --report check.jsonl    # find everything that cannot be imported
    manage.py ory_import_users --report import.jsonl             # import
    manage.py ory_import_users --filter is_active=1 --limit 10   # the first ten active users

Users with an identity are left out, so an interrupted import is continued by the same command. The report has
one line per user: key, result, identity and findings, without names, addresses or secrets.
"""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from django_ory.conf import DEFAULT_ALIAS
from django_ory.management.arguments import parse_count, parse_pair
from django_ory.mirror.errors import ORY_ERRORS, error_text
from django_ory.mirror.imports.findings import FINDING_TEXTS, ImportInterrupted, InvalidImport
from django_ory.mirror.imports.private_files import JsonLinesFile, UnsafeFile
from django_ory.mirror.imports.users import UserImport, UserImportOptions, UserImportSummary

MAX_BATCH_SIZE = 1000
PROGRESS_STEPS = 20


def parse_batch_size(text: str) -> int:
    """Return a number from 1 to 1000. Raises ArgumentTypeError."""
    if parse_count(text) > MAX_BATCH_SIZE:
        raise argparse.ArgumentTypeError(f"must be a number from 1 to {MAX_BATCH_SIZE}")
    return int(text)


class Command(BaseCommand):
    """See the module."""

    help = "Import Django users into Kratos, with their passwords, and link them."
    _shown = -1  #: the last step of the progress on the terminal

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--alias", default=DEFAULT_ALIAS, help="The project in settings.ORY. Default: %(default)s"
        )
        parser.add_argument("--dry-run", action="store_true", help="Check all users, change nothing.")
        parser.add_argument(
            "--report", metavar="FILE", default="", help="Write a line of JSON per user to this file."
        )
        parser.add_argument(
            "--skip-invalid",
            action="store_true",
            help="Import the other users although some cannot be imported.",
        )
        parser.add_argument("--schema", default="", help="Identity schema. Default: the only one of Kratos.")
        parser.add_argument(
            "--filter",
            dest="filters",
            type=parse_pair,
            action="append",
            default=[],
            metavar="FIELD=VALUE",
            help="Only these users, as in QuerySet.filter: is_active=1. Can be repeated.",
        )
        parser.add_argument("--limit", type=parse_count, help="At most this number of users.")
        parser.add_argument(
            "--batch-size",
            type=parse_batch_size,
            default=200,
            help=f"Users per call, 1 to {MAX_BATCH_SIZE}. Default: %(default)s",
        )
        verified = parser.add_mutually_exclusive_group()
        verified.add_argument(
            "--emails-verified",
            dest="verified",
            action="store_const",
            const="all",
            help="All e-mail addresses are verified. Only if this site has verified every one of them.",
        )
        verified.add_argument(
            "--emails-unverified",
            dest="verified",
            action="store_const",
            const="none",
            help="No e-mail address is verified. Default, unless allauth is installed and knows.",
        )
        parser.add_argument(
            "--provider",
            dest="providers",
            type=parse_pair,
            action="append",
            default=[],
            metavar="ALLAUTH=KRATOS",
            help="Import allauth's social accounts of a provider, as those of a provider of Kratos.",
        )
        parser.add_argument(
            "--external-id",
            action="store_true",
            help="The key of the user becomes the external id of the identity. Kratos v25.4 and later.",
        )
        parser.add_argument(
            "--after",
            choices=["keep", "unusable"],
            default="keep",
            help="What becomes of the password in Django: keep it, or make it unusable once Kratos has it. "
            "Default: %(default)s",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Check, then import. Raises CommandError with the way out."""
        try:
            with ExitStack() as files:
                path = options["report"]
                report = files.enter_context(JsonLinesFile(path)).write if path else (lambda _line: None)
                self._import(options, report)
        except (InvalidImport, UnsafeFile) as error:
            raise CommandError(str(error)) from error
        except ImportInterrupted as error:
            raise CommandError(
                f"Interrupted: {error} Everything before is complete. Run the command again to continue."
            ) from error
        except ORY_ERRORS as error:
            raise CommandError(f"{error_text(error)} Nothing was changed.") from error

    def _import(self, options: dict[str, Any], report: Any) -> None:
        users = UserImport(
            UserImportOptions(
                alias=options["alias"],
                schema_id=options["schema"],
                filters=dict(options["filters"]),
                limit=options["limit"],
                batch_size=options["batch_size"],
                verified=options["verified"],
                providers=dict(options["providers"]),
                skip_invalid=options["skip_invalid"],
                external_id=options["external_id"],
                after=options["after"],
            ),
            report=report,
            progress=self._show_progress if options["verbosity"] > 0 else (lambda _done, _total: None),
        )
        is_valid = users.check(reads_identities=options["dry_run"])
        self._show_findings(users.summary)
        if options["dry_run"]:
            self.stdout.write(f"Dry run: {users.summary.counts['valid']} users can be imported.")
            return
        if not is_valid and not options["skip_invalid"]:
            raise CommandError(
                f"{users.summary.counts['invalid']} users cannot be imported, so none was. Read the report "
                "(--report FILE), correct them, or import the others with --skip-invalid."
            )
        users.summary.notes.clear()
        summary = users.run()
        self._show_findings(summary)
        counts = summary.counts
        self.stdout.write(
            f"{counts['created']} created, {counts['found']} found from an earlier run, "
            f"{counts['invalid']} invalid, {counts['refused']} refused, {counts['not linked']} not linked.",
            self.style.SUCCESS,
        )
        if counts["refused"] or counts["not linked"]:
            raise CommandError("Some users were not imported. Read the report (--report FILE).")

    def _show_findings(self, summary: UserImportSummary) -> None:
        for code, count in sorted(summary.notes.items()):
            self.stdout.write(f"{code} ({count} users): {FINDING_TEXTS[code]}")
        for path, count in sorted(summary.unknown_traits.items()):
            self.stdout.write(f"Trait {path} of {count} users is not in the schema, so it is not imported.")
        if not summary.is_validated:
            self.stdout.write(
                "Traits were not validated. To find invalid ones before the import: "
                'python -m pip install "django-ory[moving]"',
                self.style.WARNING,
            )

    def _show_progress(self, done: int, total: int) -> None:
        step = max(1, total // PROGRESS_STEPS)
        if done == total or done // step != self._shown:
            self._shown = done // step
            self.stderr.write(f"{done} of {total} users")
