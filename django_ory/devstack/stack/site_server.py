"""Django's ``runserver``, with its reloader, as a child process of ``ory_dev``."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from django_ory.devstack.errors import DevstackError
from django_ory.devstack.servers.process import ChildProcess, describe_exit

# The outer process of Django's reloader, which starts the site again after each change. That of runserver
# sets up the whole project first, which takes a second and is not needed there.
_RELOADER = """\
import sys
from django.utils.autoreload import restart_with_reloader

del sys.argv[0]
sys.exit(restart_with_reloader())
"""


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
    program, arguments = Path(sys.argv[0]), ["runserver", f"localhost:{port}"]
    if program.name != "manage.py":
        return [sys.executable, "-m", "django", *arguments]
    return [sys.executable, "-c", _RELOADER, str(program), *arguments]
