"""``manage.py ory_config kratos|hydra|nginx|...``: prints a configuration of the project's settings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_ory.checks.rules import setting_path
from django_ory.conf import DEFAULT_ALIAS, get_settings
from django_ory.devstack.config.compose import ComposeServer, render_compose
from django_ory.devstack.config.identity_schema import schema_url
from django_ory.devstack.config.proxies import DEFAULT_SITE_ADDRESS, PROXIES, ProxyPlan, render_proxy
from django_ory.devstack.config.rendering import render_config
from django_ory.devstack.config.server_plan import PLACEHOLDER, ServerPlan, parse_version
from django_ory.devstack.config.site import SiteUrls, get_server_port, is_on_this_machine
from django_ory.devstack.errors import DevstackError
from django_ory.devstack.ports import Ports
from django_ory.devstack.servers.specs import SERVERS, ServerSpec
from django_ory.devstack.stack.plan import StackAddresses
from django_ory.devstack.stack.project import data_folder
from django_ory.http.redirects import parse_origin

COMPOSE = "compose"


class Command(BaseCommand):
    """Prints a complete, commented file: for Kratos, Hydra, the proxy in front of all, or Docker Compose."""

    help = (
        "Print a complete, commented configuration for Kratos or Hydra, made from this project's URLconf and "
        "settings. Without --dev it is a template for production: replace every FILL-IN, otherwise the "
        "server does not start. nginx, caddy and traefik: the configuration of a proxy in front of this "
        "site, Kratos and Hydra, with limits. compose: a file that runs all of them in containers."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "server", choices=[*sorted(SERVERS), *PROXIES, COMPOSE], help="What to configure."
        )
        parser.add_argument(
            "--dev",
            action="store_true",
            help="For this machine: secrets and an SQLite database in .ory, mails to port 1025.",
        )
        parser.add_argument(
            "--with-secrets",
            action="store_true",
            help="Write the secrets of the settings, for web hooks and mails, instead of FILL-IN. Keep the "
            "file as secret as they are.",
        )
        parser.add_argument(
            "--site-url",
            default="http://localhost:8000",
            help="URL of this site for browsers. Default: %(default)s",
        )
        parser.add_argument(
            "--alias", default=DEFAULT_ALIAS, help="The project in settings.ORY. Default: %(default)s"
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
            help="Version of the server, such as v26.2.0. Newer ones get settings that older ones reject. "
            f"Default: {', '.join(f'{spec.title} {spec.version}' for spec in SERVERS.values())}",
        )
        parser.add_argument(
            "--site-address",
            default=DEFAULT_SITE_ADDRESS,
            metavar="HOST:PORT",
            help="For a proxy: where the server of this site listens. Default: %(default)s",
        )
        for option, title in (("--certificate", "certificate"), ("--certificate-key", "key of it")):
            parser.add_argument(
                option,
                default=PLACEHOLDER,
                metavar="FILE",
                help=f"For nginx and caddy: the file of the {title}.",
            )

    def handle(self, *_args: object, **options: Any) -> None:
        """Print the configuration. Raises CommandError if it cannot be made."""
        if options["server"] not in SERVERS:
            self.stdout.write(self._render_for_site(options), ending="")
            return
        spec = SERVERS[options["server"]]
        try:
            site = SiteUrls.from_project(options["site_url"], alias=options["alias"])
            plan = self._plan(spec, options)
            text = render_config(spec.name, site, plan, title=self._render_title(spec, plan, options))
        except DevstackError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(text, ending="")

    def _render_for_site(self, options: dict[str, Any]) -> str:
        """Return the file of a proxy or of Docker Compose, which are about the site with both servers."""
        name = options["server"]
        title = f"Printed by: manage.py ory_config {name}."
        plan = ProxyPlan(
            title=title,
            site_address=options["site_address"],
            certificate=options["certificate"],
            certificate_key=options["certificate_key"],
        )
        try:
            site = SiteUrls.from_project(options["site_url"], alias=options["alias"])
            ory = get_settings(options["alias"])
            if name == COMPOSE:
                return render_compose(site=site, ory=ory, servers=_list_compose_servers(), title=title)
            return render_proxy(name, site=site, ory=ory, plan=plan)
        except DevstackError as error:
            raise CommandError(str(error)) from error

    def _plan(self, spec: ServerSpec, options: dict[str, Any]) -> ServerPlan:
        public, admin = self._get_urls(spec, options["alias"])
        schema = schema_url(options["identity_schema"])
        default_public, default_admin = Ports().get_pair(spec.name)
        if not options["dev"]:
            ory = get_settings(options["alias"])
            return ServerPlan(
                public_url=public,
                admin_url=admin,
                # Behind a proxy the port of the server differs from the port in the URL for browsers.
                public_port=get_server_port(ory, spec.name, "public") or default_public,
                admin_port=get_server_port(ory, spec.name, "admin") or default_admin,
                server_version=parse_version(options["server_version"] or spec.version),
                dev=False,
                is_local=is_on_this_machine(ory, spec.name),
                with_site_secrets=options["with_secrets"],
                identity_schema=schema,
            )
        ports = {
            f"{spec.name}_public": urlsplit(public).port or default_public,
            f"{spec.name}_admin": urlsplit(admin).port or default_admin,
        }
        stack = StackAddresses(folder=data_folder(), site_url=options["site_url"], ports=Ports(**ports))
        plan = stack.plan_server(spec, identity_schema=schema, server_version=options["server_version"])
        return replace(plan, public_url=public, admin_url=admin)

    def _get_urls(self, spec: ServerSpec, alias: str) -> tuple[str, str]:
        ory = get_settings(alias)
        public, admin = getattr(ory, f"{spec.name}_browser_url"), getattr(ory, f"{spec.name}_admin_url")
        for side, url in (("PUBLIC", public), ("ADMIN", admin)):
            if parse_origin(url) is None:
                problem = "is not the URL of a server" if url else "is not set"
                raise CommandError(f"{setting_path(alias, f'{spec.name.upper()}_{side}_URL')} {problem}.")
        return public, admin

    def _render_title(self, spec: ServerSpec, plan: ServerPlan, options: dict[str, Any]) -> str:
        command = f"manage.py ory_config {spec.name}{' --dev' if options['dev'] else ''}"
        migrate, serve = spec.get_commands(f"{spec.name}.yml", dev=options["dev"])
        lines = [
            f"{spec.title} {plan.version} for {options['site_url']}, printed by: {command}.",
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


def _list_compose_servers() -> list[ComposeServer]:
    # The mails are sent by a container of their own, so that Kratos can run more than once.
    left_out = ("--dev", "--watch-courier")
    return [
        ComposeServer(
            name=spec.name,
            title=spec.title,
            version=spec.version,
            serve=tuple(part for part in spec.serve if part not in left_out),
        )
        for spec in SERVERS.values()
    ]
