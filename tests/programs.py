"""External programs of the live and e2e suites. On Debian, root installs missing ones."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from django_ory.devstack.lock import file_lock

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ProgramMissing", "find_program"]

_APT = ("apt-get", "-o", "DPkg::Lock::Timeout=300", "-qq")


class ProgramMissing(Exception):
    """A program is missing. The message names the package to install."""


def find_program(look: Callable[[], str | None], *, package: str, advice: str) -> str:
    """Return the path that ``look`` finds, after the installation of Debian's ``package`` if necessary.

    Raises ProgramMissing with ``advice`` without root rights, or with the output of apt after a failure.
    """
    found = look()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        # Several workers of a test run may need the program at the same time; only one installs the package.
        with file_lock(Path(tempfile.gettempdir()) / "django-ory-apt.lock"):
            found = look() or _install(package, look, advice)
    if found is None:
        raise ProgramMissing(advice)
    return found


def _install(package: str, look: Callable[[], str | None], advice: str) -> str | None:
    print(f"Installing Debian's package {package}.")
    install = [*_APT, "install", "--yes", "--no-install-recommends", package]
    if _run(install).returncode:  # most likely the list of packages is outdated
        for command in ([*_APT, "update"], install):
            done = _run(command)
            if done.returncode:
                raise ProgramMissing(f"{' '.join(command)} failed:\n{done.stderr.strip()[-1000:]}\n{advice}")
    return look()


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
