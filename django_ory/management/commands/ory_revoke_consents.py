"""Revoke the consents of all users for one OAuth2 client.

::

    manage.py ory_revoke_consents CLIENT_ID                   # the project "default"
    manage.py ory_revoke_consents CLIENT_ID --alias acme      # another one of settings.ORY

Hydra also revokes the tokens of these consents, so users sign in to the client again and are asked for
consent. The command reads every identity of Kratos. After a failure, run it again.
"""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from django_ory.conf import DEFAULT_ALIAS
from django_ory.mirror.clients import revoke_client_consents
from django_ory.mirror.errors import ORY_ERRORS, error_text


class Command(BaseCommand):
    """See the module."""

    help = "Revoke the consents of all users for one OAuth2 client, and the tokens of these consents."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("client_id", help="The id of the OAuth2 client.")
        parser.add_argument(
            "--alias", default=DEFAULT_ALIAS, help="The project in settings.ORY. Default: %(default)s"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        alias, client_id = options["alias"], options["client_id"]
        try:
            report = revoke_client_consents(alias, client_id)
        except ORY_ERRORS as error:
            raise CommandError(f"{alias}: not all consents were revoked. {error_text(error)}") from error
        line = f"{alias}: consents for {client_id} revoked; {report.users} users checked."
        self.stdout.write(line, self.style.SUCCESS)
