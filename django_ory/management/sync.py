"""The base class of the sync commands, and the progress on a terminal."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.db import reset_queries

from django_ory.conf import DEFAULT_ALIAS, aliases, get_settings
from django_ory.mirror.errors import (
    ORY_ERRORS,
    error_text,
    format_changed_since,
    format_continuation,
    format_counts,
    format_failed,
    format_unreadable,
)
from django_ory.mirror.report import SyncReport

MAX_PAGE_SIZE = 500  # the limit of Kratos
BAR_LENGTH = 24


def parse_page_size(text: str) -> int:
    """Return a page size from 1 to 500. Raises ArgumentTypeError."""
    if not (text.isdecimal() and 1 <= int(text) <= MAX_PAGE_SIZE):
        raise argparse.ArgumentTypeError(f"must be a number from 1 to {MAX_PAGE_SIZE}")
    return int(text)


class ProgressLine:
    """The progress of a sync in one line of a terminal. Writes nothing to a file or a pipe."""

    def __init__(self, stream: OutputWrapper) -> None:
        self._stream = stream if stream.isatty() else None
        self._started, self._length = time.monotonic(), 0

    def show(self, report: SyncReport, expected: int) -> None:
        """Overwrite the line. ``expected`` is the number of rows so far, which Ory's list may exceed."""
        reset_queries()  # with DEBUG, Django keeps all SQL
        if self._stream is None:
            return
        rate = report.seen / max(time.monotonic() - self._started, 0.001)
        text = f"{report.alias}: {report.seen:,} read, {rate:,.0f} per second"
        if expected and report.continued_from is None and report.changed_since is None:
            share = min(report.seen / expected, 1.0)
            bar = "#" * round(share * BAR_LENGTH)
            text = f"[{bar:-<{BAR_LENGTH}}] {share:4.0%}  {text}"
        self._write(self._stream, text)

    def clear(self) -> None:
        """Remove the line."""
        if self._stream is not None and self._length:
            self._write(self._stream, "")
            self._stream.write("\r", ending="")

    def _write(self, stream: OutputWrapper, text: str) -> None:
        stream.write(f"\r{text:<{self._length}}", ending="")
        stream.flush()
        self._length = len(text)


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
            help="Exit with 1 if a project fails, or a row cannot be written. Default: yes",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Sync each chosen project. A failure does not stop the other projects."""
        failed = []
        for alias in aliases() if options["all"] else [options["alias"]]:
            line = ProgressLine(self.stdout)
            try:
                if options["all"] and not getattr(get_settings(alias), self.setting.lower()):
                    self.stdout.write(f"{alias}: skipped, {self.setting} is not set.")
                    continue
                report = self.run_sync(alias, options, line.show)
            except ORY_ERRORS as error:
                line.clear()
                failed.append(alias)
                self.stderr.write(
                    self.style.ERROR(
                        f"{alias}: {error_text(error)} Rows until then are written, none is marked missing. "
                        f'Check {self.setting} in settings.ORY["{alias}"] and run this again: it continues '
                        "after the last page."
                    )
                )
            else:
                line.clear()
                self.print_report(report)
                if report.failed:
                    failed.append(alias)
        if failed and options["fail_on_error"]:
            raise CommandError(f"{self.resources} not synced: {', '.join(failed)}.")

    def run_sync(self, alias: str, options: dict[str, Any], on_page: Callable[..., object]) -> SyncReport:
        """Run the sync of one project with the options of the command."""
        return self.sync(alias, page_size=options["page_size"], dry_run=options["dry_run"], on_page=on_page)

    def print_report(self, report: SyncReport) -> None:
        """Print the counts and the duration, and the rows with problems."""
        if report.continued_from is not None:
            self.stdout.write(format_continuation(report))
        if report.changed_since is not None:
            self.stdout.write(format_changed_since(report))
        self.stdout.write(format_counts(report), self.style.SUCCESS)
        rate = report.seen / max(report.seconds, 0.001)
        waited = f", {report.waited_seconds:.0f} of them for the rate limit" if report.waited_seconds else ""
        self.stdout.write(f"{report.alias}: {report.seconds:.1f} seconds{waited}, {rate:,.0f} per second.")
        if report.unreadable:
            self.stderr.write(self.style.WARNING(format_unreadable(report)))
        if report.failed:
            self.stderr.write(self.style.ERROR(format_failed(report)))
