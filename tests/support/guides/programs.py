"""Runs the commands of a page that end by themselves."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.programs import find_program

from .blocks import GuideError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["list_path", "require_program", "run_program"]

COMMAND_SECONDS = 300


def run_program(arguments: list[str], *, folder: Path, environment: Mapping[str, str]) -> tuple[str, str]:
    """Run a command and return its standard output and its standard error.

    Raises GuideError with the end of both if the command fails. A command that hangs is killed with its
    children.
    """
    command = " ".join(arguments[-1:])
    with subprocess.Popen(
        arguments,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as program:
        try:
            stdout, stderr = program.communicate(timeout=COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            raise GuideError(f"{command} takes more than {COMMAND_SECONDS} seconds") from None
        finally:
            if program.returncode is None:
                os.killpg(program.pid, signal.SIGKILL)
    if program.returncode:
        raise GuideError(f"{command} failed:\n{(stdout + stderr)[-6000:]}")
    return stdout, stderr


def require_program(name: str, *, package: str) -> None:
    """Install Debian's package of a program if it is missing and root runs the tests."""
    find_program(lambda: shutil.which(name), package=package, advice=f"{name} is missing.")


def list_path() -> list[str]:
    """The folders of PATH, without the programs of the test environment."""
    tests = Path(sys.executable).parent
    return [each for each in os.environ["PATH"].split(os.pathsep) if Path(each) != tests]
