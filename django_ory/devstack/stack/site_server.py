"""Django's ``runserver``, with its reloader, as a child process of ``ory_dev``."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from django_ory.devstack.errors import DevstackError
from django_ory.devstack.servers.process import ChildProcess, describe_exit


class SiteServer:
    """``manage.py runserver localhost:PORT``, started at once. The output stays on the terminal."""

    def __init__(self, *, port: int, environment: Mapping[str, str]) -> None:
        self._child = ChildProcess(build_command(port), env={**os.environ, **environment})

    def stop(self) -> None:
        """Stop the process and its reloader."""
        self._child.stop()

    def check_running(self) -> None:
        """Raise DevstackError if the process has ended."""
        code = self._child.get_returncode()
        if code is not None:
            raise DevstackError(f"The site {describe_exit(code)}. Its output is above.")


def build_command(port: int) -> list[str]:
    """Return the command line: with the current manage.py, or ``python -m django`` without one."""
    program = Path(sys.argv[0])
    manage = [str(program)] if program.name == "manage.py" else ["-m", "django"]
    return [sys.executable, *manage, "runserver", f"localhost:{port}"]
