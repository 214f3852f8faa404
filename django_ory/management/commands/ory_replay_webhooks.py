"""Process recorded web hooks again: by default those that failed.

::

    manage.py ory_replay_webhooks                                  # the failed ones
    manage.py ory_replay_webhooks --status done --since 2026-11-28T06:00
    manage.py ory_replay_webhooks --status all --identity 9f425a8d-7efc-4768-8f23-7647a74fdf13
    manage.py ory_replay_webhooks --dry-run                        # only count

A replay reads each identity again, so that it is harmless at any time. The exit code is 1 if identities could
not be read. They stay pending.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from django_ory.client.identifiers import parse_uuid
from django_ory.management.arguments import require_alias
from django_ory.mirror.webhooks.deliveries import replay_deliveries
from django_ory.mirror.webhooks.processing import process_deliveries
from django_ory.models import WebhookDelivery
from django_ory.users.rows import to_database_time

from .ory_process_webhooks import format_report, require_processed

ALL_STATUSES = "all"


class Command(BaseCommand):
    """See the module."""

    help = "Process recorded web hooks of Kratos again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--alias", default="", help="The project in settings.ORY. Default: all of them.")
        parser.add_argument(
            "--status",
            choices=[*WebhookDelivery.Status.values, ALL_STATUSES],
            default=WebhookDelivery.Status.FAILED.value,
            help="Default: %(default)s",
        )
        parser.add_argument("--event", default="", help="Such as login. Default: all of them.")
        parser.add_argument("--identity", default="", metavar="ID", help="The id of one identity.")
        parser.add_argument(
            "--since", default="", metavar="TIME", help="Only those received since: 2026-11-28T06:00"
        )
        parser.add_argument("--dry-run", action="store_true", help="Only count.")

    def handle(self, *_args: object, **options: Any) -> None:
        rows = WebhookDelivery.objects.filter(**self._build_filter(options))
        if options["dry_run"]:
            self.stdout.write(f"Deliveries to process again: {rows.count()} (dry run).")
            return
        self.stdout.write(f"Deliveries to process again: {replay_deliveries(rows)}.")
        report = process_deliveries(aliases=[options["alias"]] if options["alias"] else [])
        self.stdout.write(format_report(report))
        require_processed(report)

    def _build_filter(self, options: dict[str, Any]) -> dict[str, Any]:
        names: dict[str, Any] = {}
        if options["status"] != ALL_STATUSES:
            names["status"] = options["status"]
        if alias := options["alias"]:
            require_alias(alias)
            names["alias"] = alias
        if options["event"]:
            names["event"] = options["event"]
        if options["identity"]:
            names["identity_id"] = parse_uuid(options["identity"])
            if names["identity_id"] is None:
                raise CommandError(f"{options['identity']!r} is not the id of an identity.")
        if options["since"]:
            names["received_at__gte"] = self._parse_time(options["since"])
        return names

    def _parse_time(self, text: str) -> Any:
        try:
            since = parse_datetime(text)
        except ValueError:
            since = None
        if since is None:
            raise CommandError(f"{text!r} is not a time. Example: 2026-11-28T06:00")
        return to_database_time(timezone.make_aware(since) if timezone.is_naive(since) else since)
