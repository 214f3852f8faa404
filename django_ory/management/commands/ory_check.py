"""Compare the running Kratos and Hydra with this project.

::

    manage.py ory_check                 # every project in settings.ORY
    manage.py ory_check --alias acme    # one of them
    manage.py ory_check --json          # for programs

The command calls every configured service, checks that the right API responds, and prints version and
response time. Then the servers are compared with the URLconf: the pages to which Kratos and Hydra redirect,
the allowed return addresses, the URL for forms, and the domain of Kratos' cookies. A ``?`` marks a check that
is not possible from outside, with the right value. Nothing is changed. The exit code is 1 if a check fails or
Ory returned no usable response.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_ory.management.arguments import choose_aliases
from django_ory.management.ory_check.result import Result
from django_ory.management.ory_check.runner import check_project

STATUS_LABELS = {True: "ok  ", False: "FAIL", None: "?   "}


class Command(BaseCommand):
    """See the module."""

    help = "Compare the running Kratos and Hydra with the settings and URLs of this project."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--alias", help="The project in settings.ORY. Default: all of them.")
        parser.add_argument("--json", action="store_true", help="Print one JSON document.")

    def handle(self, *args: Any, **options: Any) -> None:
        results = []
        for alias in choose_aliases(options["alias"]):
            for result in check_project(alias):
                results.append((alias, result))
                if not options["json"]:
                    self._print(alias, result)
        failed = [result for _, result in results if result.ok is False]
        if options["json"]:
            document = [{"alias": alias, **asdict(result)} for alias, result in results]
            self.stdout.write(json.dumps({"ok": not failed, "results": document}, indent=2))
        if failed:
            raise CommandError(f"{len(failed)} of {len(results)} checks failed.", returncode=1)
        unknown = ", ".join(f"{alias}: {result.check}" for alias, result in results if result.ok is None)
        if unknown and not options["json"]:
            self.stdout.write(self.style.WARNING(f"All possible checks passed. Check yourself: {unknown}."))
        elif not options["json"]:
            self.stdout.write(self.style.SUCCESS("All checks passed."))

    def _print(self, alias: str, result: Result) -> None:
        style = {True: self.style.SUCCESS, False: self.style.ERROR, None: self.style.WARNING}[result.ok]
        self.stdout.write(f"{style(STATUS_LABELS[result.ok])} {alias}: {result.check}: {result.detail}")
        if result.hint:
            self.stdout.write(f"       {result.hint}")
