"""Finds a Chromium on this machine and starts it so that it talks to nobody but this machine."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests.programs import ProgramMissing, find_program

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

ARGUMENTS = [
    # Whatever a page asks for, only this machine's own names resolve: also for redirects and prefetches.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

ADVICE = (
    "No Chromium found. Install one, or name a binary in the environment variable DJANGO_ORY_CHROMIUM:\n"
    "  Debian, Ubuntu:  apt-get install chromium\n"
    "  anywhere:        python -m playwright install --with-deps chromium"
)


def find_chromium(playwrights_own: str) -> str:
    """A Chromium: named by the environment, on PATH, Playwright's own, or Debian's if we may install it.

    Raises ProgramMissing with what to install.
    """
    named = os.environ.get("DJANGO_ORY_CHROMIUM")
    if named:
        if not os.access(named, os.X_OK):
            raise ProgramMissing(f"DJANGO_ORY_CHROMIUM names {named}, and there is no program there.")
        return named

    def look() -> str | None:
        on_path = next(filter(None, map(shutil.which, NAMES)), None)
        return on_path or (playwrights_own if Path(playwrights_own).is_file() else None)

    return find_program(look, package="chromium", advice=ADVICE)


def launch_arguments() -> list[str]:
    """What Chromium is started with, beside Playwright's own; root's needs a word more."""
    return [*ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
