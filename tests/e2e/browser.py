"""Finds a Chromium, and the arguments that restrict its network access to this machine."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests.programs import ProgramMissing, find_program

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

ARGUMENTS = [
    # Only the names of this machine resolve, also for redirects and prefetches.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

ADVICE = (
    "No Chromium found. Install one, or set the environment variable DJANGO_ORY_CHROMIUM to its path:\n"
    "  Debian, Ubuntu:  apt-get install chromium\n"
    "  anywhere:        python -m playwright install --with-deps chromium"
)


def find_chromium(playwright_path: str) -> str:
    """Return the path of a Chromium: from the environment, on PATH, Playwright's, or Debian's package.

    Raises ProgramMissing with the package to install.
    """
    named = os.environ.get("DJANGO_ORY_CHROMIUM")
    if named:
        if not os.access(named, os.X_OK):
            raise ProgramMissing(f"DJANGO_ORY_CHROMIUM is {named}, which is not a program.")
        return named

    def find() -> str | None:
        on_path = next(filter(None, map(shutil.which, NAMES)), None)
        return on_path or (playwright_path if Path(playwright_path).is_file() else None)

    return find_program(find, package="chromium", advice=ADVICE)


def launch_arguments() -> list[str]:
    """Return the arguments of Chromium beside Playwright's. Root cannot use the sandbox."""
    return [*ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
