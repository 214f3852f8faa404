"""``manage.py ory_config kratos|hydra``: a configuration made from the project's URLconf and settings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError

from django_ory.conf import DEFAULT_ALIAS, get_settings
from django_ory.devstack.configuration import ServerPlan
from django_ory.devstack.errors import DevstackError
from django_ory.devstack.identity_schema import schema_url
from django_ory.devstack.kinds import KINDS
from django_ory.devstack.plan import Ports, StackPlan, configuration_text, stable_secrets
from django_ory.devstack.project import data_folder
from django_ory.devstack.server_version import parse_version
from django_ory.devstack.site import site_from_project

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

    from django_ory.devstack.kinds import ServerKind


class Command(BaseCommand):
    """Prints a complete, commented configuration file for Kratos or Hydra."""

    help = (
        "Print a complete, commented configuration for Kratos or Hydra, made from this project's URLconf and "
        "settings. Without --dev it is a template for production: fill in what says FILL-IN; the server "
        "refuses to start before."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The options."""
        parser.add_argument("server", choices=sorted(KINDS), help="Which server to configure.")
        parser.add_argument(
            "--dev",
            action="store_true",
            help="For this machine: secrets and an SQLite database in .ory, mails to port 1025.",
        )
        parser.add_argument(
            "--site-url",
            default="http://localhost:8000",
            help="Where browsers find this site. Default: %(default)s",
        )
        parser.add_argument(
            "--alias", default=DEFAULT_ALIAS, help="Which entry of settings.ORY to use. Default: %(default)s"
        )
        parser.add_argument(
            "--identity-schema",
            default="",
            metavar="FILE_OR_URL",
            help="JSON schema of an identity: a URL, or a file to embed. Default: e-mail address and name.",
        )
        parser.add_argument(
            "--server-version",
            default="",
            metavar="VERSION",
            help="Version of the server, such as v26.2.0. Newer ones get settings that older ones refuse. "
            f"Default: {', '.join(f'{kind.title} {kind.version}' for kind in KINDS.values())}",
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Print it, or say what is wrong."""
        kind = KINDS[options["server"]]
        try:
            site = site_from_project(options["site_url"], alias=options["alias"])
            plan = self._plan(kind, options)
            text = configuration_text(kind, site, plan, title=self._title(kind, plan, options))
        except DevstackError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(text, ending="")

    def _plan(self, kind: ServerKind, options: dict[str, Any]) -> ServerPlan:
        public, admin = self._urls(kind, options["alias"])
        schema = schema_url(options["identity_schema"])
        default_public, default_admin = Ports().of(kind)
        if not options["dev"]:
            # Behind a proxy the server's own port has nothing to do with the URL that browsers use.
            return ServerPlan(
                public_url=public,
                admin_url=admin,
                public_port=default_public,
                admin_port=default_admin,
                server_version=parse_version(options["server_version"] or kind.version),
                dev=False,
                identity_schema=schema,
            )
        ports = {
            f"{kind.name}_public": urlsplit(public).port or default_public,
            f"{kind.name}_admin": urlsplit(admin).port or default_admin,
        }
        folder = data_folder()
        stack = StackPlan(folder=folder, site_url=options["site_url"], ports=Ports(**ports))
        plan = stack.server(
            kind,
            secrets=stable_secrets(folder),
            identity_schema=schema,
            server_version=options["server_version"],
        )
        return replace(plan, public_url=public, admin_url=admin)

    def _urls(self, kind: ServerKind, alias: str) -> tuple[str, str]:
        ory = get_settings(alias)
        public = getattr(ory, f"{kind.name}_browser_url")
        admin = getattr(ory, f"{kind.name}_admin_url")
        for key, url in (
            (f"{kind.name.upper()}_PUBLIC_URL", public),
            (f"{kind.name.upper()}_ADMIN_URL", admin),
        ):
            if not url:
                raise CommandError(f'settings.ORY["{alias}"] has no "{key}".')
        return public, admin

    def _title(self, kind: ServerKind, plan: ServerPlan, options: dict[str, Any]) -> str:
        command = f"manage.py ory_config {kind.name}{' --dev' if options['dev'] else ''}"
        migrate, serve = kind.commands(f"{kind.name}.yml", dev=options["dev"])
        lines = [
            f"{kind.title} {plan.version} for {options['site_url']}, printed by: {command}.",
            "Print it again after changing URLs or settings.",
            "Before the first start, and after each upgrade (DSN is the value of dsn below):",
            f"  {migrate}",
            "Start it:",
            f"  {serve}",
        ]
        if "--watch-courier" in serve:
            lines.append(
                "--watch-courier sends the mails. With several servers, only one of them may have it."
            )
        return "\n".join(lines)
