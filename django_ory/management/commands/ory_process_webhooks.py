"""Process the recorded web hooks of Kratos: read each identity again and write its row.

::

    manage.py ory_process_webhooks               # those that are due, then end: for a schedule
    manage.py ory_process_webhooks --loop        # until SIGTERM or Ctrl-C: for a service
    manage.py ory_process_webhooks --alias acme  # of one project in settings.ORY

Records of deliveries are deleted after 30 days. The command may run in any number of processes. A process
that is killed loses nothing: its delivery is processed by another one two minutes later. Without ``--loop``,
the exit code is 1 if identities could not be read. They are tried again by the next run.
"""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_ory.management.arguments import require_alias
from django_ory.mirror.webhooks.deliveries import prune_deliveries
from django_ory.mirror.webhooks.processing import ProcessingReport, process_deliveries, run_worker

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Command(BaseCommand):
    """See the module."""

    help = "Process the recorded web hooks of Kratos."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--alias", default="", help="The project in settings.ORY. Default: all of them.")
        parser.add_argument("--loop", action="store_true", help="Run until SIGTERM or Ctrl-C.")
        parser.add_argument(
            "--interval",
            type=float,
            default=1.0,
            metavar="SECONDS",
            help="With --loop: how often new deliveries are looked up. Default: %(default)s",
        )

    def handle(self, *_args: object, **options: Any) -> None:
        alias = options["alias"]
        if alias:
            require_alias(alias)
        chosen = [alias] if alias else []
        if options["loop"]:
            self.stdout.write("Processing web hooks. Press Ctrl-C to stop.")
            self.stdout.flush()
            self._loop(chosen, interval=max(options["interval"], 0.05))
            return
        report = process_deliveries(aliases=chosen)
        prune_deliveries(aliases=chosen)
        self.stdout.write(format_report(report))
        require_processed(report)

    def _loop(self, chosen: list[str], *, interval: float) -> None:
        stop = threading.Event()
        previous = {each: signal.signal(each, lambda *_: stop.set()) for each in STOP_SIGNALS}
        try:
            report = run_worker(aliases=chosen, interval=interval, stop=stop)
        finally:
            for each, handler in previous.items():
                signal.signal(each, handler)
        self.stdout.write(f"Stopped. {format_report(report)}")


def require_processed(report: ProcessingReport) -> None:
    """Raise CommandError if an identity could not be read."""
    if report.retried or report.failed:
        raise CommandError("Not all deliveries were processed. The reasons are in the log and the admin.")


def format_report(report: ProcessingReport) -> str:
    """Return the counts in one line."""
    return f"Identities: {report.done} processed, {report.retried} to be tried again, {report.failed} failed."
