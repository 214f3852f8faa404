"""What the sync commands share: their options, their output and their exit code."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from django.core.management.base import BaseCommand, CommandError

from django_ory.conf import DEFAULT_ALIAS, aliases, get_settings
from django_ory.mirror.errors import ORY_ERRORS, error_text, format_unreadable

if TYPE_CHECKING:
    from django_ory.mirror.rows import SyncReport

__all__ = ["SyncCommand"]

MAX_PAGE_SIZE = 500  # Kratos caps it there; a negative one makes Kratos 1.3 drop the connection


def page_size(text: str) -> int:
    """An argparse type: 1 to 500."""
    try:
        size = int(text)
    except ValueError:
        size = 0
    if not 1 <= size <= MAX_PAGE_SIZE:
        raise argparse.ArgumentTypeError(f"must be a number from 1 to {MAX_PAGE_SIZE}")
    return size


class Sync(Protocol):
    """A sync of one alias; raises what ``errors.ORY_ERRORS`` lists."""

    def __call__(self, alias: str, *, page_size: int, dry_run: bool) -> SyncReport: ...


class SyncCommand(BaseCommand):
    """Walks through one kind of resource. Subclasses say which, and how."""

    what: ClassVar[str]
    setting: ClassVar[str]  #: the key of settings.ORY without which a project has none of it
    sync: ClassVar[Sync]

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The options, the same for both commands."""
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--alias", default=DEFAULT_ALIAS, help='Which Ory project of settings.ORY; "default" if not said.'
        )
        which.add_argument(
            "--all", action="store_true", help="Every Ory project of settings.ORY that has the service."
        )
        parser.add_argument("--dry-run", action="store_true", help="Read everything, write nothing.")
        parser.add_argument(
            "--page-size",
            type=page_size,
            default=250,
            help=f"How many at a time: 1 to {MAX_PAGE_SIZE}, 250 if not said.",
        )
        parser.add_argument(
            "--fail-on-error",
            action=argparse.BooleanOptionalAction,
            default=True,
            help="Exit with 1 if Ory failed for any project (the default).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Sync each project that has the service, go on after a failure, and report it in the end."""
        chosen = aliases() if options["all"] else [options["alias"]]
        failed = []
        for alias in chosen:
            try:
                if options["all"] and not getattr(get_settings(alias), self.setting.lower()):
                    self.stdout.write(f"{alias}: skipped, as it has no {self.setting}.")
                    continue
                report = self.sync(alias, page_size=options["page_size"], dry_run=options["dry_run"])
            except ORY_ERRORS as error:
                failed.append(alias)
                self.stderr.write(self.style.ERROR(f"{alias}: {error_text(error)} {self._advice(alias)}"))
            else:
                self.stdout.write(self._line(report), self.style.SUCCESS)
                if report.unreadable:
                    self.stderr.write(self.style.WARNING(format_unreadable(report)))
        if failed and options["fail_on_error"]:
            raise CommandError(f"{self.what} not synced: {', '.join(failed)}.")

    def _advice(self, alias: str) -> str:
        return (
            f"What was read until then is kept, and nothing was marked missing. Check {self.setting} in "
            f'settings.ORY["{alias}"] and that the service answers there, then run this again.'
        )

    def _line(self, report: SyncReport) -> str:
        would = "would be " if report.dry_run else ""
        return (
            f"{report.alias}: {report.seen} seen, {would}{report.created} created, {report.updated} updated, "
            f"{report.unchanged} unchanged, {report.missing} marked missing."
        )
