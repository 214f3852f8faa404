"""Django's own ``runserver``, with its reloader, as a child of ``ory_dev``."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .ports import HOST
from .process import ChildProcess

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .process import Guard

__all__ = ["SiteServer"]


class SiteServer:
    """``manage.py runserver localhost:PORT``, by the host name that Kratos shares; its output stays on the
    terminal.
    """

    def __init__(
        self, *, port: int, guard: Guard, environment: Mapping[str, str], options: Sequence[str] = ()
    ) -> None:
        self.port = port
        self._guard = guard
        self._environment = environment
        self._options = options
        self._child: ChildProcess | None = None

    def command(self) -> list[str]:
        """The command line: the manage.py that runs now, else ``python -m django`` with the same settings."""
        program = Path(sys.argv[0])
        manage = [str(program)] if program.name == "manage.py" else ["-m", "django"]
        return [sys.executable, *manage, "runserver", f"localhost:{self.port}", *self._options]

    def start(self) -> None:
        """Start it."""
        self._child = ChildProcess(self.command(), guard=self._guard, env={**os.environ, **self._environment})

    def stop(self) -> None:
        """End it and its reloader."""
        if self._child is not None:
            self._child.stop()

    def returncode(self) -> int | None:
        """How it ended, None while it runs or before it was started."""
        return None if self._child is None else self._child.returncode()

    def is_up(self) -> bool:
        """Whether it runs and listens."""
        return self._child is not None and self.is_ready() and self._child.returncode() is None

    def is_ready(self) -> bool:
        """Whether something listens on its port. Nothing is requested: that could cost a call to Kratos."""
        try:
            with socket.create_connection((HOST, self.port), timeout=1):
                return True
        except OSError:
            return False
