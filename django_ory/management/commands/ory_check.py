"""Compare the running Kratos and Hydra with this project.

::

    manage.py ory_check                 # every project in settings.ORY
    manage.py ory_check --alias acme    # one of them
    manage.py ory_check --json          # for programs

It calls every configured service, checks that the right API answers there, and prints its version and the
time of the response. It compares the servers with the URLconf, as far as that is possible from outside: the
pages that Kratos and Hydra redirect to, the allowed return addresses, where forms are posted, and the domain
of Kratos' cookies. Other checks have a question mark and a hint. Nothing is changed: to see Hydra's consent
page the command signs in a user that does not exist, and revokes that. The exit code is 1 if a check fails
or could not get a response to compare.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from django_ory.conf import aliases
from django_ory.management.ory_check import check_project

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.core.management.base import CommandParser

    from django_ory.management.ory_check.result import Result

MARKS = {True: "ok  ", False: "FAIL", None: "?   "}


class Command(BaseCommand):
    """See the module."""

    help = "Ask the running Kratos and Hydra whether they and this project fit together."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--alias", help="The project in settings.ORY; all of them if not given.")
        parser.add_argument("--json", action="store_true", help="Print one JSON document.")

    def handle(self, *args: Any, **options: Any) -> None:
        known = aliases()
        wanted = [options["alias"]] if options["alias"] else known
        if not set(wanted) <= set(known):
            raise CommandError(f'settings.ORY has no "{options["alias"]}". It has: {", ".join(known)}.')
        results = []
        for alias in wanted:
            for result in check_project(alias):
                results.append(result)
                if not options["json"]:
                    self._print(result)
        failed = [result for result in results if result.ok is False]
        if options["json"]:
            document = {"ok": not failed, "results": [result.as_json() for result in results]}
            self.stdout.write(json.dumps(document, indent=2))
        if failed:
            raise CommandError(f"{len(failed)} of {len(results)} checks failed.", returncode=1)
        if not options["json"]:
            self.stdout.write(self._verdict([result for result in results if result.ok is None]))

    def _verdict(self, unknown: Sequence[Result]) -> str:
        if not unknown:
            return self.style.SUCCESS("All checks passed.")
        names = ", ".join(f"{result.alias}: {result.what}" for result in unknown)
        return self.style.WARNING(f"All checks that could run passed. Check yourself: {names}.")

    def _print(self, result: Result) -> None:
        style = {True: self.style.SUCCESS, False: self.style.ERROR, None: self.style.WARNING}[result.ok]
        self.stdout.write(f"{style(MARKS[result.ok])} {result.alias}: {result.what} {result.detail}")
        if result.hint:
            self.stdout.write(f"       {result.hint}")
