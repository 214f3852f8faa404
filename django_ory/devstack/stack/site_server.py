"""Django's ``runserver``, with its reloader, as a child process of ``ory_dev``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from django_ory.devstack.errors import DevstackError
from django_ory.devstack.ports import is_listening
from django_ory.devstack.servers.process import ChildProcess, describe_exit

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SiteServer"]


class SiteServer:
    """``manage.py runserver localhost:PORT``. Its output stays on the terminal."""

    def __init__(self, *, port: int, environment: Mapping[str, str]) -> None:
        self.port = port
        self._environment = environment
        self._child: ChildProcess | None = None

    def build_command(self) -> list[str]:
        """Return the command line: with the current manage.py, or ``python -m django`` without one."""
        program = Path(sys.argv[0])
        manage = [str(program)] if program.name == "manage.py" else ["-m", "django"]
        return [sys.executable, *manage, "runserver", f"localhost:{self.port}"]

    def start(self) -> None:
        """Start the process."""
        environment = {**os.environ, **self._environment}
        self._child = ChildProcess(self.build_command(), env=environment)

    def stop(self) -> None:
        """Stop the process and its reloader."""
        if self._child is not None:
            self._child.stop()

    def check_running(self) -> None:
        """Raise DevstackError if the process has ended."""
        code = None if self._child is None else self._child.get_returncode()
        if code is not None:
            raise DevstackError(f"The site {describe_exit(code)}. Its output is above.")

    def is_listening(self) -> bool:
        """Return whether the port accepts connections. No page is requested, which could call Kratos."""
        return is_listening(self.port)
