"""The base class of the sync commands."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError

from django_ory.conf import DEFAULT_ALIAS, aliases, get_settings
from django_ory.mirror.errors import ORY_ERRORS, error_text, format_counts, format_unreadable
from django_ory.mirror.rows import SyncReport

MAX_PAGE_SIZE = 500  # the limit of Kratos


def parse_page_size(text: str) -> int:
    """Return a page size from 1 to 500. Raises ArgumentTypeError."""
    if not (text.isdecimal() and 1 <= int(text) <= MAX_PAGE_SIZE):
        raise argparse.ArgumentTypeError(f"must be a number from 1 to {MAX_PAGE_SIZE}")
    return int(text)


class SyncCommand(BaseCommand):
    """Syncs all resources of one kind. Subclasses set the kind and the sync."""

    resources: ClassVar[str]  #: their name in messages
    setting: ClassVar[str]  #: the key of settings.ORY that the sync needs
    sync: ClassVar[Callable[..., SyncReport]]  #: a sync of the mirror

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        chosen = parser.add_mutually_exclusive_group()
        chosen.add_argument(
            "--alias", default=DEFAULT_ALIAS, help="The project in settings.ORY. Default: %(default)s"
        )
        chosen.add_argument("--all", action="store_true", help="Every project with the service.")
        parser.add_argument("--dry-run", action="store_true", help="Read everything, write nothing.")
        parser.add_argument(
            "--page-size",
            type=parse_page_size,
            default=250,
            help=f"Resources per call, 1 to {MAX_PAGE_SIZE}. Default: %(default)s",
        )
        parser.add_argument(
            "--fail-on-error",
            action=argparse.BooleanOptionalAction,
            default=True,
            help="Exit with 1 if a project fails. Default: yes",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Sync each chosen project. A failure does not stop the other projects."""
        failed = []
        for alias in aliases() if options["all"] else [options["alias"]]:
            try:
                if options["all"] and not getattr(get_settings(alias), self.setting.lower()):
                    self.stdout.write(f"{alias}: skipped, {self.setting} is not set.")
                    continue
                report = self.sync(alias, page_size=options["page_size"], dry_run=options["dry_run"])
            except ORY_ERRORS as error:
                failed.append(alias)
                self.stderr.write(
                    self.style.ERROR(
                        f"{alias}: {error_text(error)} Rows until then are written, none is marked missing. "
                        f'Check {self.setting} in settings.ORY["{alias}"] and run this again.'
                    )
                )
            else:
                self.stdout.write(format_counts(report), self.style.SUCCESS)
                if report.unreadable:
                    self.stderr.write(self.style.WARNING(format_unreadable(report)))
        if failed and options["fail_on_error"]:
            raise CommandError(f"{self.resources} not synced: {', '.join(failed)}.")
