"""``manage.py create_clients``: the OAuth2 clients of this example, at Hydra."""

from __future__ import annotations

import os
import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_ory.client import OryConflict, OryError
from django_ory.clients import get_client


def build_clients(site_url: str, second_site_url: str) -> list[dict[str, Any]]:
    """Return the bodies of the clients. Each may use only the grants, scopes and audience that it needs."""
    api = f"{site_url}/api"
    return [
        {
            "client_id": "toolshelf-cli",
            "client_name": "Toolshelf on the command line",
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "redirect_uris": ["http://127.0.0.1/callback"],  # Hydra accepts every port (RFC 8252 section 7.3)
            "scope": "loans.read loans.write keybox.read",
            "audience": [api],
            "token_endpoint_auth_method": "none",  # public: it uses PKCE
        },
        {
            "client_id": "toolshelf-reminders",
            "client_name": "Reminders",
            "grant_types": ["client_credentials"],
            "scope": "loans.overdue",
            "audience": [api],
            "token_endpoint_auth_method": "client_secret_basic",
        },
        {
            "client_id": "fix-it-friday",
            "client_name": "Fix-it Friday",
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "redirect_uris": [f"{second_site_url}/callback/"],
            "post_logout_redirect_uris": [f"{second_site_url}/"],
            "backchannel_logout_uri": f"{second_site_url}/oidc/backchannel-logout/",
            "backchannel_logout_session_required": True,
            "scope": "openid profile email",
            "token_endpoint_auth_method": "client_secret_basic",
        },
    ]


class Command(BaseCommand):
    """Creates the clients, or replaces them with new secrets."""

    help = "Create the OAuth2 clients of this example. Their secrets are written to clients.env in .ory."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--site-url", default="http://localhost:8000", help="default: %(default)s")
        parser.add_argument("--second-site-url", default="http://localhost:8001", help="default: %(default)s")

    def handle(self, *_args: object, site_url: str, second_site_url: str, **_options: object) -> None:
        clients = build_clients(site_url, second_site_url)
        made_secrets = {}
        for body in clients:
            if body["token_endpoint_auth_method"] != "none":
                made_secrets[body["client_id"]] = body["client_secret"] = secrets.token_urlsafe(32)
            try:
                self._save(body)
            except OryError as error:
                raise CommandError(f"Hydra did not store {body['client_id']}: {error}") from None
        hydra_url = settings.ORY["default"]["HYDRA_PUBLIC_URL"]
        file = settings.DATA / "clients.env"
        file.unlink(missing_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as lines:
            lines.write(
                f"OIDC_DISCOVERY_URL={hydra_url}/.well-known/openid-configuration\n"
                f"OIDC_CLIENT_ID=fix-it-friday\n"
                f"OIDC_CLIENT_SECRET={made_secrets['fix-it-friday']}\n"
                f"REMINDERS_CLIENT_SECRET={made_secrets['toolshelf-reminders']}\n"
                f"REMINDERS_TOKEN_URL={hydra_url}/oauth2/token\n"
                f"TOOLSHELF_API={site_url}/api\n"
            )
        names = ", ".join(body["client_id"] for body in clients)
        self.stdout.write(f"Created {names}.\nTheir secrets are in {file}, which only you can read.")

    def _save(self, body: dict[str, Any]) -> None:
        try:
            get_client().admin_create_o_auth2_client(body=body)
        except OryConflict:
            get_client().admin_update_o_auth2_client(body["client_id"], body=body)
