"""Commands that serve until the reader stops them."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from django_ory.devstack.ports import is_listening
from django_ory.devstack.servers.process import ChildProcess

from .blocks import GuideError
from .outputs import contains_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Server", "ServingCommand", "find_serving_command"]

START_SECONDS = 120
STOP_SECONDS = 20
POLL_SECONDS = 0.05
#: The time until a change is repeated. The reloader looks at the files once a second.
RELOAD_SECONDS = 0.25


@dataclass(frozen=True)
class ServingCommand:
    """A command that serves.

    Args:
        start: the start of the command.
        defaults: ports of the documentation that the command uses unless the page names others, as
            arguments. They are added to the command, so that the runner can replace the ports.
        ready: a part of the output when the server is ready. Without it, the last number of the command
            is the port, which accepts connections then.
        reloads: whether the site is served by ``runserver`` with its reloader.
    """

    start: str
    defaults: tuple[str, ...] = ()
    ready: str = ""
    reloads: bool = False


ORY_DEV_PORTS = (
    "--kratos-public-port 4433",
    "--kratos-admin-port 4434",
    "--hydra-public-port 4444",
    "--hydra-admin-port 4445",
    "--smtp-port 1025",
    "--mailbox-port 8025",
    "--port 8000",
)
COMMANDS = (
    ServingCommand("python manage.py ory_dev", ORY_DEV_PORTS, "Ready. Press Ctrl-C to stop.", reloads=True),
    ServingCommand("python manage.py runserver", ("localhost:8000",), reloads=True),
    ServingCommand("python -m uvicorn", ("--port 8000",)),
    ServingCommand("uvicorn", ("--port 8000",)),
    ServingCommand("python -m gunicorn", ("--bind localhost:8000",)),
    ServingCommand("gunicorn", ("--bind localhost:8000",)),
    ServingCommand("python -m http.server"),
    ServingCommand("python provider.py"),
    # run.sh of the page about production starts a command with the secrets of a file.
    ServingCommand("sh deploy/run.sh deploy/secrets/site.env gunicorn"),
    ServingCommand(
        "sh deploy/run.sh deploy/secrets/kratos.env kratos serve", ready="Starting the public httpd"
    ),
    ServingCommand("sh deploy/run.sh deploy/secrets/hydra.env hydra serve", ready="Setting up http server"),
    ServingCommand("nginx -p deploy -c nginx.conf -g"),
    ServingCommand("python manage.py db_worker", ready="Starting worker"),
    ServingCommand("python -m celery", ready=" ready."),
    ServingCommand("celery", ready=" ready."),
)
PORT_ARGUMENT = re.compile(r"^(?:[\w.]+:)?\d{2,5}$")


def find_serving_command(command: str) -> ServingCommand | None:
    """Return the entry of the table for a command of a page, if the command serves."""
    if "--help" in command or "--version" in command:
        return None
    return next((each for each in COMMANDS if f"{command} ".startswith(f"{each.start} ")), None)


def add_default_ports(serving: ServingCommand, command: str) -> str:
    """Return the command with the documented ports as arguments."""
    words = command.split()
    for argument in serving.defaults:
        option = argument.split()[0]
        is_given = any(
            word.partition("=")[0] == option if option.startswith("--") else PORT_ARGUMENT.match(word)
            for word in words
        )
        if not is_given:
            command += f" {argument}"
    return command


class Server:
    """A running command that serves, with its output in a file."""

    def __init__(
        self,
        serving: ServingCommand,
        command: str,
        *,
        folder: Path,
        environment: Mapping[str, str],
        log: Path,
    ) -> None:
        self.serving, self.command, self.folder = serving, command, folder
        self._environment = dict(environment)
        self._log = log
        self._child: ChildProcess | None = None
        self._start_of_log = 0

    def start(self) -> None:
        """Start the command and wait until it is ready. Raises GuideError with the end of its output."""
        self._start_of_log += len(self.read_log())  # a log may be that of the page that this page continues
        command = ["bash", "-c", f"exec {self.command}"]
        self._child = ChildProcess(command, log=self._log, env=self._environment, cwd=self.folder)
        self._wait(self._is_ready, "did not start")

    def stop(self) -> None:
        """End the command and its children."""
        if self._child is not None:
            self._child.stop(timeout=STOP_SECONDS)
            self._child = None

    def replaces(self, other: Server) -> bool:
        """Whether both are the same command at the same port, or without a port."""
        return (self.serving, self._get_site_port()) == (other.serving, other._get_site_port())

    def read_log(self) -> str:
        """Return the output since the start."""
        text = self._log.read_text(errors="replace") if self._log.exists() else ""
        return text[self._start_of_log :]

    def wait_for_lines(self, expected: str) -> None:
        """Wait until the output has these lines. Raises GuideError with the output if it never has."""
        self._wait(lambda: contains_lines(self.read_log(), expected), f"did not print\n{expected}\nbut")

    def reload(self) -> None:
        """Wait until Django's reloader has started the site again, after files of the site changed.

        The reloader may not watch the changed files, but it watches ``manage.py``. A change is repeated,
        because a new process of the site notices no change before its first look at the files.
        """
        if not self.serving.reloads:
            return
        known = self._list_site_processes()
        next_change, deadline = 0.0, time.monotonic() + START_SECONDS
        while not self._list_site_processes() - known:
            if time.monotonic() > next_change:
                (self.folder / "manage.py").touch()
                next_change = time.monotonic() + RELOAD_SECONDS
            self._check_running("did not reload the site", deadline)
            time.sleep(POLL_SECONDS)
        self._wait(lambda: is_listening(self._get_site_port()), "did not start the site again")

    def _list_site_processes(self) -> set[int]:
        assert self._child is not None
        try:
            processes = psutil.Process(self._child.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return set()
        return {each.pid for each in processes if _is_runserver(each)}

    def _get_site_port(self) -> int:
        """Return the last number of the command, or 0 if there is none."""
        return int([0, *re.findall(r"\d+", self.command)][-1])

    def _is_ready(self) -> bool:
        if self.serving.ready:
            return self.serving.ready in self.read_log()
        return not self._get_site_port() or is_listening(self._get_site_port())

    def _wait(self, is_done: Callable[[], bool], failure: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not is_done():
            self._check_running(failure, deadline)
            time.sleep(POLL_SECONDS)

    def _check_running(self, failure: str, deadline: float) -> None:
        assert self._child is not None
        if self._child.get_returncode() is not None or time.monotonic() > deadline:
            raise GuideError(f"{self.command} {failure}:\n{self.read_log()[-6000:]}")


def _is_runserver(process: psutil.Process) -> bool:
    try:
        return "runserver" in process.cmdline()
    except psutil.Error:  # it has ended
        return False
