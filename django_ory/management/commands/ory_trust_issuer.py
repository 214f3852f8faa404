"""Let Hydra trust this site as the issuer of tokens for users, with the keys of ``JOB_TOKEN_KEYS``.

::

    manage.py ory_trust_issuer exporter --scope loans.read --audience https://www.example.org/api
    manage.py ory_trust_issuer                                # after each change of the keys, and once a day

With a client id, the client is created, or given the scopes, the audience and the present keys. In any case
Hydra gets the present key for each job that is used, and loses its trust in jobs that are revoked, that had
no token for 30 days, or whose key was removed. Only public keys are sent, and each is for one user.
"""

from __future__ import annotations

import argparse
import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from django_ory.conf import DEFAULT_ALIAS, OryConfigurationError
from django_ory.management.arguments import require_alias
from django_ory.mirror.errors import ORY_ERRORS, error_text
from django_ory.provider.job_tokens.errors import TokenDenied


def parse_client_id(text: str) -> str:
    """Return an id that every version of Hydra can address. Raises ArgumentTypeError."""
    if not re.fullmatch(r"[A-Za-z0-9_~][A-Za-z0-9._~-]{0,254}", text):
        raise argparse.ArgumentTypeError("must be of letters, digits, and . _ ~ -")
    return text


class Command(BaseCommand):
    """See the module."""

    help = "Let Hydra trust this site as the issuer of tokens for users (JOB_TOKEN_KEYS)."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "client_id",
            nargs="?",
            type=parse_client_id,
            default=None,
            help="The id of the client of the jobs.",
        )
        parser.add_argument("--name", default="", help="The name of the client for users.")
        parser.add_argument("--scope", nargs="+", default=[], help="The scopes that jobs may request.")
        parser.add_argument("--audience", nargs="+", default=[], help="The APIs that tokens may be for.")
        parser.add_argument(
            "--alias", default=DEFAULT_ALIAS, help="The project in settings.ORY. Default: %(default)s"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        alias = options["alias"]
        require_alias(alias)
        try:
            from django_ory.provider.job_tokens.clients import prepare_job_client
            from django_ory.provider.job_tokens.keys import get_signing_keys
            from django_ory.provider.job_tokens.trust import renew_trust
        except ImportError as error:
            raise CommandError('PyJWT is missing: python -m pip install "django-ory[jwt]"') from error
        try:
            keys = get_signing_keys(alias)
            if options["client_id"]:
                prepare_job_client(
                    alias,
                    options["client_id"],
                    keys=keys,
                    name=options["name"],
                    scopes=options["scope"],
                    audience=options["audience"],
                )
            counts = renew_trust(alias, key=keys[0] if keys else None)
        except ORY_ERRORS as error:
            raise CommandError(f"{alias}: not finished, run it again. {error_text(error)}") from error
        except (TokenDenied, OryConfigurationError) as error:
            raise CommandError(f"{alias}: {error}") from error
        self.stdout.write(
            f"{alias}: jobs that Hydra trusts: {counts['trusted']}, ended: {counts['ended']}.",
            self.style.SUCCESS,
        )
