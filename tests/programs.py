"""Programs that the live and e2e suites start besides ours. On Debian, root gets those that are missing."""

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
    """A program is not on this machine; the message says what to install."""


def find_program(look: Callable[[], str | None], *, package: str, advice: str) -> str:
    """What ``look`` finds, if need be after Debian's ``package`` was installed.

    Raises ProgramMissing with ``advice`` if we may not install it, and with what apt said if it cannot.
    """
    found = look()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        # Workers of one test run may want it at the same moment; who comes second finds it there.
        with file_lock(Path(tempfile.gettempdir()) / "django-ory-apt.lock"):
            found = look() or _install(package, look, advice)
    if found is None:
        raise ProgramMissing(advice)
    return found


def _install(package: str, look: Callable[[], str | None], advice: str) -> str | None:
    print(f"Installing Debian's {package}: it is not on this machine.")
    install = [*_APT, "install", "--yes", "--no-install-recommends", package]
    if _run(install).returncode:  # most likely for want of a current list of packages
        for command in ([*_APT, "update"], install):
            done = _run(command)
            if done.returncode:
                raise ProgramMissing(f"{' '.join(command)} failed:\n{done.stderr.strip()[-1000:]}\n{advice}")
    return look()


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
