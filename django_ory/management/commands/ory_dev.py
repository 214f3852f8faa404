"""``manage.py ory_dev``: runs Kratos, Hydra, a mailbox and this site on this machine, until Ctrl-C."""

from __future__ import annotations

import signal
import time
from argparse import ArgumentTypeError
from contextlib import ExitStack
from dataclasses import fields
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_ory.conf import DEFAULT_ALIAS
from django_ory.devstack import OryStack
from django_ory.devstack.errors import DevstackError
from django_ory.devstack.ports import Ports, check_ports, is_listening
from django_ory.devstack.servers.server import OryServer
from django_ory.devstack.servers.specs import SERVERS
from django_ory.devstack.stack.mailbox_server import serve_mailbox
from django_ory.devstack.stack.mails import Mail
from django_ory.devstack.stack.project import (
    check_settings,
    data_folder,
    exclusive_folder,
    reset_folder,
    save_state,
)
from django_ory.devstack.stack.site_server import SiteServer

#: The port options: the name of the option's value, the server, and the default.
_PORT_OPTIONS = (
    ("port", "this site", 8000),
    ("kratos_public_port", "Kratos' public API", Ports.kratos_public),
    ("kratos_admin_port", "Kratos' admin API", Ports.kratos_admin),
    ("hydra_public_port", "Hydra's public API", Ports.hydra_public),
    ("hydra_admin_port", "Hydra's admin API", Ports.hydra_admin),
    ("smtp_port", "the mailbox (SMTP)", Ports.smtp),
    ("mailbox_port", "the mailbox (page)", 8025),
)
_START_POLL_SECONDS = 0.05
_POLL_SECONDS = 0.25
_AFTER_CRASH = "All processes were stopped; the data are kept. Fix the cause, then run ory_dev again."
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Command(BaseCommand):
    """Runs the development stack in the foreground."""

    help = (
        "Run Kratos, Hydra, a mailbox and this site on this machine until Ctrl-C. Both servers are "
        "configured from this project's URLconf and settings; they are found by DJANGO_ORY_KRATOS and "
        "DJANGO_ORY_HYDRA, on PATH, or built once with Go. Their data are in .ory beside manage.py."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        for name, title, default in _PORT_OPTIONS:
            parser.add_argument(
                _format_option(name),
                type=_parse_port,
                default=default,
                metavar="PORT",
                help=f"Port of {title}. Default: %(default)s",
            )
        parser.add_argument(
            "--reset", action="store_true", help="Delete the stack's data first: accounts, clients, mails."
        )
        parser.add_argument("--no-runserver", action="store_true", help="Do not start the site.")
        parser.add_argument("--no-migrate", action="store_true", help="Do not migrate the site's database.")
        parser.add_argument("--identity-schema", default="", metavar="FILE_OR_URL", help="As for ory_config.")
        for spec in SERVERS.values():
            parser.add_argument(
                f"--{spec.name}-config",
                type=Path,
                metavar="FILE",
                help=f"A YAML or JSON file with more configuration, which {spec.title} merges into ours.",
            )
        parser.add_argument("--alias", default=DEFAULT_ALIAS, help="As for ory_config.")

    def handle(self, *_args: object, **options: Any) -> None:
        """Run until a signal arrives. Raises CommandError if the stack cannot start or a process ends."""
        # SIGTERM acts like Ctrl-C: the ExitStack stops all child processes. SIGINT is set as well, because
        # shells ignore it for background jobs.
        previous = {each: signal.signal(each, _interrupt) for each in _SIGNALS}
        try:
            with ExitStack() as closing:
                try:
                    self._run(closing, options)
                except KeyboardInterrupt:
                    self._say("Stopping.")
                finally:
                    _ignore_signals()
        except DevstackError as error:
            raise CommandError(str(error)) from error
        finally:
            for each, handler in previous.items():
                signal.signal(each, handler)

    def _run(self, closing: ExitStack, options: dict[str, Any]) -> None:
        ports = Ports(**{field.name: options[field.name + "_port"] for field in fields(Ports)})
        folder = data_folder()
        check_settings(ports, alias=options["alias"])
        closing.enter_context(exclusive_folder(folder))
        stack = OryStack(
            site_url=f"http://localhost:{options['port']}",
            ports=ports,
            folder=folder,
            alias=options["alias"],
            identity_schema=options["identity_schema"],
            config_files={name: file for name in SERVERS if (file := options[f"{name}_config"])},
            say=self._say,
        )
        # After the build of the servers: it takes minutes, in which another program may take a port.
        check_ports(
            {
                _format_option(name): (title, options[name])
                for name, title, _default in _PORT_OPTIONS
                if name != "port" or not options["no_runserver"]
            }
        )
        if options["reset"]:
            reset_folder(folder)
        save_state(stack.ory_setting, folder=folder)
        if not options["no_migrate"]:
            # The list of migrations is shown with -v 2 only.
            call_command("migrate", verbosity=max(options["verbosity"] - 1, 0))
        closing.callback(stack.stop)
        stack.start()
        closing.enter_context(serve_mailbox(stack.mail_folder, port=options["mailbox_port"]))
        site = None
        if not options["no_runserver"]:
            site = SiteServer(port=options["port"], environment=stack.environment)
            closing.callback(site.stop)
        self._watch(stack, site, options)

    def _watch(self, stack: OryStack, site: SiteServer | None, options: dict[str, Any]) -> NoReturn:
        """Print mails until a signal arrives. Raises DevstackError if a process ends."""
        processes: list[OryServer | SiteServer] = [*stack.servers, *([site] if site else [])]
        is_announced, seen = False, len(stack.mails)
        while True:
            try:
                for process in processes:
                    process.check_running()
            except DevstackError as error:
                raise DevstackError(f"{error}\n{_AFTER_CRASH}") from error
            # No page of the site is requested, which could call Kratos.
            if not is_announced and (site is None or is_listening(options["port"])):
                start = f"not started; start it with: manage.py runserver localhost:{options['port']}"
                self._announce(stack, stack.site_url if site else start, options["mailbox_port"])
                is_announced = True
            time.sleep(_POLL_SECONDS if is_announced else _START_POLL_SECONDS)
            for mail in stack.mails[seen:]:
                self._say(_render_mail(mail))
                seen += 1

    def _announce(self, stack: OryStack, site: str, mailbox_port: int) -> None:
        rows = (
            ("This site", site),
            ("Kratos", f"{stack.kratos_public_url}   admin {stack.kratos_admin_url}"),
            ("Hydra", f"{stack.hydra_public_url}   admin {stack.hydra_admin_url}"),
            ("Mails", f"http://localhost:{mailbox_port}/   SMTP localhost:{stack.ports.smtp}"),
            ("Data, logs", _shorten(stack.folder)),
        )
        lines = [f"  {name:<11}{where}" for name, where in rows]
        self._say("\n".join(["Ready. Press Ctrl-C to stop.", *lines]))

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _format_option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _render_mail(mail: Mail) -> str:
    """Return one line about a mail. Control characters of the sender are replaced."""
    parts = (f"Mail to {mail.to}", mail.subject, f"code {mail.code}" if mail.code else mail.link)
    return ": ".join("".join(char if char.isprintable() else " " for char in part) for part in parts if part)


def _shorten(path: Path) -> str:
    """Return a path relative to the current directory, if it is below it."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _parse_port(text: str) -> int:
    """Parse a port number; for argparse."""
    port = int(text) if text.isdecimal() else 0
    if not 0 < port < 65536:
        raise ArgumentTypeError(f"{text} is not a port; ports are numbers from 1 to 65535")
    return port


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    _ignore_signals()
    raise KeyboardInterrupt


def _ignore_signals() -> None:
    """Ignore further signals: the child processes are being stopped, and none may be left."""
    for each in _SIGNALS:
        signal.signal(each, _do_nothing)


def _do_nothing(_number: int, _frame: FrameType | None) -> None:
    """Used instead of SIG_IGN: with that, Python warns about a signal that arrived just before."""
