"""The example sites as separate processes on free ports."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.devstack import StackAddresses

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "example_project"

_COMMON = {
    "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])),
    "PYTHONUNBUFFERED": "1",
}


#: Program of a project -> its migrated database, made once in this process.
_DATABASES: dict[Path, bytes] = {}


class ServedSite:
    """A Django project, served at ``url``. Its output is written to a file."""

    def __init__(self, url: str, manage: Path, *, environment: Mapping[str, str], log: Path) -> None:
        self.url = url
        self._manage = manage
        self.environment = dict(environment)
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, timeout: float = 120.0) -> None:
        """Start the server and wait for the first page. Raises RuntimeError with the end of the log."""
        port = self.url.rpartition(":")[2]
        command = [sys.executable, str(self._manage), "runserver", "--noreload", f"localhost:{port}"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        deadline = time.monotonic() + timeout
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(
                    f"{self._manage} does not answer at {self.url}:\n{self.read_log()[-4000:]}"
                )
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop the process and wait for the end."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def manage(self, *arguments: str) -> str:
        """Run a command of ``manage.py`` and return its output. Raises RuntimeError if the command fails."""
        finished = subprocess.run(
            [sys.executable, str(self._manage), *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if finished.returncode:
            raise RuntimeError(f"manage.py {' '.join(arguments)} failed:\n{finished.stdout}")
        return finished.stdout

    def migrate(self, database: Path) -> None:
        """Create the SQLite database: a copy of the one that the first site of this project has migrated."""
        if self._manage in _DATABASES:
            database.write_bytes(_DATABASES[self._manage])
            return
        self.manage("migrate", "--verbosity=0")
        _DATABASES[self._manage] = database.read_bytes()

    def read_log(self) -> str:
        """Return the output so far."""
        return self._log.read_text(errors="replace")

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url, timeout=5):
                return True
        except urllib.error.HTTPError as error:
            error.close()
            return True
        except OSError:
            return False


def build_example_site(stack: StackAddresses, *, folder: Path, **variables: str) -> ServedSite:
    """Return Toolshelf for a stack, migrated but not started, with its data in ``folder``.

    ``variables``: of the environment, such as ``TOOLSHELF_THEME``.
    """
    environment = {
        **os.environ,
        **stack.environment,
        **variables,
        "DJANGO_SETTINGS_MODULE": "toolshelf.settings",
        **_COMMON,
    }
    served = ServedSite(
        stack.site_url, EXAMPLE / "manage.py", environment=environment, log=folder / "site.log"
    )
    served.migrate(stack.folder / "toolshelf.sqlite3")
    return served


def build_client_site(url: str, *, oidc: Mapping[str, str], folder: Path) -> ServedSite:
    """Return the second site, a client of Toolshelf, not started. ``oidc``: its OIDC_* variables."""
    database = folder / "client_site.sqlite3"
    environment = {
        **os.environ,
        **oidc,
        "DJANGO_SETTINGS_MODULE": "client_site.settings",
        "TMPDIR": str(folder),  # its sessions are files there
        "CLIENT_SITE_DATABASE": str(database),
        **_COMMON,
    }
    manage = EXAMPLE / "client_site" / "manage.py"
    served = ServedSite(url, manage, environment=environment, log=folder / "site.log")
    served.migrate(database)
    return served
