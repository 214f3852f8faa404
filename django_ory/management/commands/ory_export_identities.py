"""Write the rows of identities as JSON or CSV, without credentials.

::

    manage.py ory_export_identities > identities.json
    manage.py ory_export_identities --format csv --alias acme > identities.csv

The rows are those of the last sync; Ory is not called. The output contains personal data.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand

from django_ory.mirror.exports import EXPORT_FORMATS
from django_ory.models import Identity

ROWS_PER_READ = 250


class Command(BaseCommand):
    """See the module."""

    help = "Write the rows of identities as JSON or CSV, without credentials."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--alias", default="", help="The project in settings.ORY. Default: all of them.")
        parser.add_argument(
            "--format", choices=sorted(EXPORT_FORMATS), default="json", help="Default: %(default)s"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        rows = Identity.objects.filter(missing_since=None).order_by("pk")
        if options["alias"]:
            rows = rows.filter(alias=options["alias"])

        def read_chunks() -> Iterator[list[Identity]]:
            iterator = rows.iterator(chunk_size=ROWS_PER_READ)
            while chunk := list(islice(iterator, ROWS_PER_READ)):
                yield chunk

        _content_type, export = EXPORT_FORMATS[options["format"]]
        for part in export(read_chunks):
            self.stdout.write(part, ending="")
