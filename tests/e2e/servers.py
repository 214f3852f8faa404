"""The example sites as processes of their own, served for real on free ports."""

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
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]
MANAGE = ROOT / "example_project" / "manage.py"


class ServedSite:
    """One process that answers at ``url`` once started; its output is kept in a file."""

    def __init__(
        self, url: str, command: Sequence[str], *, environment: Mapping[str, str], log: Path
    ) -> None:
        self.url = url
        self._command = list(command)
        self._environment = dict(environment)
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, timeout: float = 30.0) -> None:
        """Return when the first page answers. Raises RuntimeError with the end of the log if it does not."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, env=self._environment, stdout=log, stderr=log)
        deadline = time.monotonic() + timeout
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(
                    f"{' '.join(self._command)} does not answer at {self.url}:\n{self.log()[-4000:]}"
                )
            time.sleep(0.1)

    def stop(self) -> None:
        """End it, and wait for its end."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def log(self) -> str:
        """What it printed so far."""
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


def environment_of(stack: Mapping[str, str], *, folder: Path) -> dict[str, str]:
    """What the example project reads from its environment: these servers, and its own data in ``folder``."""
    return {
        **os.environ,
        **stack,
        "DJANGO_SETTINGS_MODULE": "toolshelf.settings",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])),
        "PYTHONUNBUFFERED": "1",
        "SQLITE_PATH": str(folder / "toolshelf.sqlite3"),
    }


def manage(environment: Mapping[str, str], *arguments: str) -> str:
    """What ``manage.py`` of the example project printed. Raises RuntimeError with it if it fails."""
    finished = subprocess.run(
        [sys.executable, str(MANAGE), *arguments],
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise RuntimeError(f"manage.py {' '.join(arguments)} failed:\n{finished.stdout}")
    return finished.stdout


def serve_example(url: str, *, environment: Mapping[str, str], log: Path) -> ServedSite:
    """Toolshelf with its tables made, not yet started."""
    manage(environment, "migrate", "--verbosity=0")
    port = url.rpartition(":")[2]
    command = [sys.executable, str(MANAGE), "runserver", "--noreload", f"localhost:{port}"]
    return ServedSite(url, command, environment=environment, log=log)
