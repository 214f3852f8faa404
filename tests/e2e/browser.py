"""Finds a Chromium on this machine and starts it so that it talks to nobody but this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

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

HELP = (
    "No Chromium found. Install one, or name a binary in the environment variable DJANGO_ORY_CHROMIUM:\n"
    "  Debian, Ubuntu:  apt-get install chromium\n"
    "  anywhere:        python -m playwright install --with-deps chromium"
)


class BrowserNotFound(Exception):
    """There is no Chromium; the message says what to install."""


def find_chromium(playwrights_own: str) -> str:
    """A Chromium: named by the environment, on PATH, Playwright's own, or Debian's if we may install it.

    Raises BrowserNotFound with what to install.
    """
    named = os.environ.get("DJANGO_ORY_CHROMIUM")
    if named:
        if not os.access(named, os.X_OK):
            raise BrowserNotFound(f"DJANGO_ORY_CHROMIUM names {named}, and there is no program there.")
        return named
    found = _on_path()
    if found is None and Path(playwrights_own).exists():
        found = playwrights_own
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        found = _install_with_apt()
    if found is None:
        raise BrowserNotFound(HELP)
    return found


def launch_arguments() -> list[str]:
    """What Chromium is started with, beside Playwright's own; root's needs a word more."""
    return [*ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def _on_path() -> str | None:
    return next((path for path in map(shutil.which, NAMES) if path), None)


def _install_with_apt() -> str | None:
    print("No Chromium on this machine: installing Debian's.")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    wait = "DPkg::Lock::Timeout=300"
    for command in (
        ["apt-get", "-o", wait, "-qq", "update"],
        ["apt-get", "-o", wait, "-qq", "install", "--yes", "--no-install-recommends", "chromium"],
    ):
        finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if finished.returncode:
            raise BrowserNotFound(f"{' '.join(command)} failed:\n{finished.stderr.strip()[-1000:]}\n{HELP}")
    return _on_path()
