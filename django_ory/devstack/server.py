"""One of Ory's servers as a process: migrate its tables, start it, wait until it answers, hold it, end it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

from .configuration import sqlite_dsn
from .errors import DevstackError
from .ports import HOST, require_free
from .process import ChildProcess, Guard, tail

if TYPE_CHECKING:
    from pathlib import Path

    from .kinds import ServerKind

__all__ = ["READY_SECONDS", "OryServer"]

READY_SECONDS = 120.0
"""The longest time that a server takes to become ready. A busy machine needs ten times the usual time."""

# Both servers let any environment variable named like a setting (SECRETS_COOKIE, LOG_LEVEL ...) beat their
# file; so they get none of the developer's but these.
_INHERITED = ("HOME", "LANG", "PATH", "SSL_CERT_DIR", "SSL_CERT_FILE", "TMPDIR", "TZ")


class OryServer:
    """Kratos or Hydra with its files in a folder: ``kratos.yaml``, ``kratos.sqlite3``, ``kratos.log``.

    ``dsn`` is another database than that SQLite file.
    """

    def __init__(
        self,
        kind: ServerKind,
        *,
        binary: Path,
        folder: Path,
        public_port: int,
        admin_port: int,
        guard: Guard,
        dsn: str = "",
    ) -> None:
        self.kind = kind
        self.binary = binary
        self.public_port = public_port
        self.admin_port = admin_port
        self.config = folder / f"{kind.name}.yaml"
        self.log = folder / f"{kind.name}.log"
        self._dsn = dsn or sqlite_dsn(folder / f"{kind.name}.sqlite3")
        self._guard = guard
        self._child: ChildProcess | None = None

    @property
    def pid(self) -> int:
        """The process id. Raises DevstackError if it was never started."""
        if self._child is None:
            raise DevstackError(f"{self.kind.title} was not started.")
        return self._child.pid

    def returncode(self) -> int | None:
        """How it ended, None while it runs or before it was started."""
        return None if self._child is None else self._child.returncode()

    def is_running(self) -> bool:
        """Whether its process exists (it may be paused, or not ready yet)."""
        return self._child is not None and self._child.returncode() is None

    def migrate(self) -> None:
        """Create or update its tables.

        Raises DevstackError with the end of its output if that fails. The first time a binary is used, so it
        may turn out to be none of Ory's.
        """
        done = subprocess.run(
            [str(self.binary), "migrate", "sql", "-e", "--yes"],
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        self.log.write_text(done.stdout)
        if done.returncode:
            raise DevstackError(
                f"{self.kind.title} could not create its tables. "
                f"Output of {self.binary}:\n{tail(self.log)}\n"
                f"If that is not Ory's {self.kind.title}, {self.kind.variable} may name the right one."
            )

    def start(self) -> None:
        """Start the process, unless it runs. ``wait_ready`` says when it answers.

        Raises DevstackError if somebody else has one of its ports.
        """
        if not self.is_running():
            for port in (self.public_port, self.admin_port):
                require_free(port, self.kind.title)
            self._child = ChildProcess(
                [str(self.binary), *self.kind.serve, "-c", str(self.config)],
                guard=self._guard,
                log=self.log,
                env=self._environment(),
            )

    def is_ready(self) -> bool:
        """Whether both ports answer now. Also true when somebody else runs it there."""
        return _answers(self.admin_port, self.kind.admin_health) and _answers(
            self.public_port, "/health/ready"
        )

    def check_configuration(self) -> None:
        """Make the server read the files that it reads on first use, such as an identity schema.

        Raises DevstackError with the reason of the server.
        """
        if not self.kind.probe:
            return
        connection = http.client.HTTPConnection(HOST, self.public_port, timeout=READY_SECONDS)
        try:
            connection.request("GET", self.kind.probe, headers={"Accept": "application/json"})
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise DevstackError(
                f"{self.kind.title} does not answer GET {self.kind.probe}: {error}"
            ) from error
        finally:
            connection.close()
        if answer.status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
            raise DevstackError(
                f"{self.kind.title} started, but cannot use its configuration, most likely the identity "
                f"schema: GET {self.kind.probe} answered {answer.status}: {_reason(content)}"
            )

    def wait_ready(self, timeout: float = READY_SECONDS) -> None:
        """Return once both ports answer.

        Raises DevstackError with the end of its log if it ends before, or if ``timeout`` seconds pass.
        """
        deadline = time.monotonic() + timeout
        while not self.is_ready():
            self._check_running()
            if time.monotonic() > deadline:
                raise DevstackError(
                    f"{self.kind.title} is not ready after {timeout:.0f} seconds. The end of "
                    f"{self.log}:\n{tail(self.log)}"
                )
            time.sleep(0.05)
        if self.kind.warm_up:
            _answers(self.public_port, self.kind.warm_up, timeout=max(deadline - time.monotonic(), 1))
        self._check_running()  # else it was somebody else who answered

    def _check_running(self) -> None:
        code = self.returncode()
        if code is not None:
            raise DevstackError(
                f"{self.kind.title} ended with code {code}. The end of {self.log}:\n{tail(self.log)}"
            )

    def stop(self) -> None:
        """End it properly (SIGTERM) and wait until it has gone."""
        if self._child is not None:
            self._child.stop()

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        if self._child is not None:
            self._child.kill()

    def pause(self) -> None:
        """Hold it (SIGSTOP): connections are accepted by the system and never answered."""
        if self._child is not None:
            self._child.send(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused one go on (SIGCONT)."""
        if self._child is not None:
            self._child.send(signal.SIGCONT)

    def restart(self) -> None:
        """Stop it, start it on the same ports with the same data, and wait until it answers."""
        self.stop()
        self.start()
        self.wait_ready()

    def _environment(self) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        return {**inherited, "DSN": self._dsn}


def _reason(content: bytes) -> str:
    """The reason in an error of Ory; for another response its text."""
    try:
        error = json.loads(content)["error"]
        return str(error.get("reason") or error["message"])
    except (ValueError, LookupError, TypeError, AttributeError):
        return content.decode("utf-8", "replace").strip()[:1000]


def _answers(port: int, path: str, *, timeout: float = 1) -> bool:
    """Whether a server on this port says 200 for this path, within some seconds."""
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
