"""``manage.py ory_dev``: Kratos, Hydra, a mailbox and this site, on this machine, until Ctrl-C."""

from __future__ import annotations

import signal
import time
from argparse import ArgumentTypeError
from contextlib import ExitStack
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from django_ory.conf import DEFAULT_ALIAS
from django_ory.devstack.errors import DevstackError
from django_ory.devstack.mailbox_server import MailboxServer
from django_ory.devstack.plan import Ports
from django_ory.devstack.ports import check_ports
from django_ory.devstack.project import data_folder, held, remember, reset
from django_ory.devstack.settings_check import check_settings
from django_ory.devstack.site_server import SiteServer
from django_ory.devstack.stack import OryStack
from django_ory.devstack.supervisor import Kept, Supervisor

if TYPE_CHECKING:
    from types import FrameType

    from django.core.management.base import CommandParser

    from django_ory.devstack.mails import Mail

_PORT_TITLES = {
    "kratos_public": "Kratos' public API",
    "kratos_admin": "Kratos' admin API",
    "hydra_public": "Hydra's public API",
    "hydra_admin": "Hydra's admin API",
    "smtp": "the mailbox (SMTP)",
}
_LOOK_SECONDS = 0.25
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Command(BaseCommand):
    """Runs the whole development stack in the foreground."""

    help = (
        "Run Kratos, Hydra, a mailbox and this site on this machine until Ctrl-C. Both servers are "
        "configured from this project's URLconf and settings; they are found by DJANGO_ORY_KRATOS and "
        "DJANGO_ORY_HYDRA, on PATH, or built once with Go. Their data lie in .ory beside manage.py."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The options."""
        parser.add_argument(
            "--port", type=_port, default=8000, help="Port of this site. Default: %(default)s"
        )
        defaults = Ports()
        for name, title in _PORT_TITLES.items():
            parser.add_argument(
                _option(name),
                type=_port,
                default=getattr(defaults, name),
                metavar="PORT",
                help=f"Port of {title}. Default: %(default)s",
            )
        parser.add_argument(
            "--mailbox-port",
            type=_port,
            default=8025,
            metavar="PORT",
            help="Port of the mailbox (page). Default: %(default)s",
        )
        parser.add_argument(
            "--reset", action="store_true", help="First delete the stack's data: accounts, clients, mails."
        )
        parser.add_argument(
            "--no-runserver", action="store_true", help="Run only the servers; the site is started by you."
        )
        parser.add_argument("--no-migrate", action="store_true", help="Do not migrate the site's database.")
        parser.add_argument("--identity-schema", default="", metavar="FILE_OR_URL", help="As for ory_config.")
        parser.add_argument("--alias", default=DEFAULT_ALIAS, help="As for ory_config.")

    def handle(self, *_args: object, **options: Any) -> None:
        """Run until a signal comes. Raises CommandError when the stack cannot start."""
        # From here on SIGTERM is Ctrl-C: whatever is under way, "with" ends all children. SIGINT is set as
        # well: a shell has it ignored for what runs in the background.
        previous = {each: signal.signal(each, _interrupt) for each in _SIGNALS}
        try:
            with ExitStack() as closing:
                try:
                    self._run(closing, options)
                except KeyboardInterrupt:
                    self._say("Stopping.")
                finally:
                    _hear_no_more()
        except DevstackError as error:
            raise CommandError(str(error)) from error
        finally:
            for each, handler in previous.items():
                signal.signal(each, handler)

    def _run(self, closing: ExitStack, options: dict[str, Any]) -> None:
        ports = Ports(**{field.name: options[field.name + "_port"] for field in fields(Ports)})
        folder = data_folder()
        check_settings(ports, alias=options["alias"])
        closing.enter_context(held(folder))
        stack = OryStack(
            site_url=f"http://localhost:{options['port']}",
            ports=ports,
            folder=folder,
            alias=options["alias"],
            identity_schema=options["identity_schema"],
            say=self._say,
        )
        # Not before the servers are there: building them takes minutes, in which ports may be taken.
        self._check_ports(ports, options)
        if options["reset"]:
            reset(folder)
        remember(stack.ory_setting, folder=folder)
        if not options["no_migrate"]:
            # Its list of steps would bury what matters here; -v 2 shows it.
            call_command("migrate", verbosity=max(options["verbosity"] - 1, 0))
        closing.callback(stack.stop)
        stack.start()
        mailbox = MailboxServer(stack.mails, port=options["mailbox_port"])
        closing.callback(mailbox.stop)
        mailbox.start()
        kept = [Kept(server.kind.title, server, log=server.log) for server in stack.servers]
        site = None
        if not options["no_runserver"]:
            site = SiteServer(port=options["port"], guard=stack.guard, environment=stack.environment)
            closing.callback(site.stop)
            site.start()
            kept.append(Kept("The site", site))
        self._watch(stack, mailbox, site, Supervisor(kept, say=self._say))

    def _watch(
        self, stack: OryStack, mailbox: MailboxServer, site: SiteServer | None, supervisor: Supervisor
    ) -> NoReturn:
        announced, seen = False, len(stack.mails)
        while True:
            if not announced and (site is None or site.is_up()):
                self._announce(stack, mailbox)
                announced = True
            time.sleep(_LOOK_SECONDS)
            supervisor.look()
            if len(stack.mails) > seen:
                mails = stack.mails[seen:]
                seen += len(mails)
                for mail in mails:
                    self._say(_mail_line(mail))

    def _check_ports(self, ports: Ports, options: dict[str, Any]) -> None:
        wanted = {_option(name): (title, getattr(ports, name)) for name, title in _PORT_TITLES.items()}
        wanted["--mailbox-port"] = ("the mailbox (page)", options["mailbox_port"])
        if not options["no_runserver"]:
            wanted["--port"] = ("this site", options["port"])
        check_ports(wanted)

    def _announce(self, stack: OryStack, mailbox: MailboxServer) -> None:
        rows = (
            ("This site", stack.site_url),
            ("Kratos", f"{stack.kratos_public_url}   admin {stack.kratos_admin_url}"),
            ("Hydra", f"{stack.hydra_public_url}   admin {stack.hydra_admin_url}"),
            ("Mails", f"{mailbox.url}   SMTP localhost:{stack.plan.ports.smtp}"),
            ("Data, logs", _shown(stack.folder)),
        )
        lines = [f"  {name:<11}{where}" for name, where in rows]
        self._say("\n".join(["Ready. Press Ctrl-C to stop.", *lines]))

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}-port"


def _mail_line(mail: Mail) -> str:
    """A mail on the terminal. Its parts come from outside, so no control character is printed."""
    what = f"code {mail.code}" if mail.code else mail.link
    parts = (f"Mail to {mail.to}", mail.subject, what)
    return ": ".join("".join(char if char.isprintable() else " " for char in part) for part in parts if part)


def _shown(path: Path) -> str:
    """Relative to here where that is shorter."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _port(text: str) -> int:
    """A number that a port can have; for argparse."""
    port = int(text) if text.isdecimal() else 0
    if not 0 < port < 65536:
        raise ArgumentTypeError(f"{text} is no port; ports are numbers from 1 to 65535")
    return port


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    _hear_no_more()
    raise KeyboardInterrupt


def _hear_no_more() -> None:
    """From now on children are being ended. An impatient second signal must not leave some behind."""
    for each in _SIGNALS:
        signal.signal(each, _do_nothing)


def _do_nothing(_number: int, _frame: FrameType | None) -> None:
    """Instead of SIG_IGN, under which Python complains about a signal that came just before it."""
