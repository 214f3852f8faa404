"""One of Ory's servers as a child process: migrations, start, readiness, pause and stop."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import time
from pathlib import Path

from django_ory.devstack.errors import DevstackError
from django_ory.devstack.ports import HOST, require_free_port

from .database import prepare_database
from .process import ChildProcess, describe_exit, tail
from .specs import ServerSpec

READY_SECONDS = 120.0
"""The longest time that a server takes to become ready; ten times the usual time, for a busy machine."""

# An environment variable named like a setting (SECRETS_COOKIE, LOG_LEVEL ...) overrides the configuration
# file. The servers get these variables of the developer only.
_INHERITED = ("HOME", "LANG", "PATH", "SSL_CERT_DIR", "SSL_CERT_FILE", "TMPDIR", "TZ")


class OryServer:
    """Kratos or Hydra, with its files in a folder: ``kratos.yaml``, ``kratos.sqlite3``, ``kratos.log``.

    ``dsn`` is the URL of another database than the SQLite file. ``more_config`` is a file of the developer,
    which the server merges into its configuration.
    """

    def __init__(
        self,
        spec: ServerSpec,
        *,
        binary: Path,
        folder: Path,
        public_port: int,
        admin_port: int,
        dsn: str = "",
        more_config: Path | None = None,
    ) -> None:
        self.spec = spec
        self.binary = binary
        self.public_port = public_port
        self.admin_port = admin_port
        self.config = folder / f"{spec.name}.yaml"
        self.overrides = folder / f"{spec.name}.overrides.json"  # merged into the configuration
        self.configs = (self.config, *([more_config] if more_config else []), self.overrides)
        self.log = folder / f"{spec.name}.log"
        self._database = None if dsn else folder / f"{spec.name}.sqlite3"
        self._dsn = dsn or sqlite_dsn(folder / f"{spec.name}.sqlite3")
        self._child: ChildProcess | None = None

    @property
    def pid(self) -> int:
        """The process id. Raises DevstackError before the first start."""
        if self._child is None:
            raise DevstackError(f"{self.spec.title} was not started.")
        return self._child.pid

    def is_running(self) -> bool:
        """Return whether the process exists. A running server may be paused, or not ready yet."""
        return self._child is not None and self._child.get_returncode() is None

    def check_running(self) -> None:
        """Raise DevstackError with the end of the log if the process has ended."""
        code = None if self._child is None else self._child.get_returncode()
        if code is not None:
            raise DevstackError(f"{self.spec.title} {describe_exit(code)}. {self._log_end()}")

    def migrate(self) -> None:
        """Create or update the tables, unless this binary has done so before.

        Raises DevstackError with the end of the output on failure. This is the first use of the binary, which
        may be another program.
        """
        self.log.write_text("")
        if self._database is None:
            self._run_migrations()
        else:
            prepare_database(self._database, program=self.binary, migrate=self._run_migrations)

    def _run_migrations(self) -> None:
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
                f"{self.spec.title} could not create its tables. Output of {self.binary}:\n{tail(self.log)}\n"
                f"If this program is not Ory's {self.spec.title}, set {self.spec.variable} to the right one."
            )

    def start(self) -> None:
        """Start the process, unless running. Use ``wait_ready`` to wait for the server.

        Raises DevstackError if another program uses one of the ports.
        """
        if not self.is_running():
            for port in (self.public_port, self.admin_port):
                require_free_port(port, self.spec.title)
            configs = [word for file in self.configs for word in ("-c", str(file))]
            self._child = ChildProcess(
                [str(self.binary), *self.spec.serve, *configs],
                log=self.log,
                env=self._environment(),
            )

    def is_ready(self) -> bool:
        """Return whether both ports answer now, whichever process is listening."""
        paths = ((self.admin_port, self.spec.admin_health), (self.public_port, "/health/ready"))
        return all(_get(port, path)[0] == http.HTTPStatus.OK for port, path in paths)

    def wait_ready(self, timeout: float = READY_SECONDS) -> None:
        """Wait until both ports answer.

        Raises DevstackError with the end of the log if the process ends or ``timeout`` seconds pass.
        """
        deadline = time.monotonic() + timeout
        while not self.is_ready():
            self.check_running()
            if time.monotonic() > deadline:
                raise DevstackError(
                    f"{self.spec.title} is not ready after {timeout:.0f} seconds. {self._log_end()}"
                )
            time.sleep(0.05)
        self.check_running()  # otherwise another process answered

    def check_configuration(self) -> None:
        """Request a page for which the server reads the rest of its configuration.

        Raises DevstackError with the server's reason if the configuration cannot be used.
        """
        deadline = time.monotonic() + READY_SECONDS
        status, content = _get(self.public_port, self.spec.first_request, timeout=READY_SECONDS)
        while not status and time.monotonic() < deadline:
            # On a busy machine, Hydra needs longer for its keys than its own timeout of a response.
            self.check_running()
            time.sleep(0.05)
            status, content = _get(self.public_port, self.spec.first_request, timeout=READY_SECONDS)
        if not 0 < status < http.HTTPStatus.INTERNAL_SERVER_ERROR:
            raise DevstackError(
                f"{self.spec.title} cannot use its configuration ({self.spec.configuration_hint}): "
                f"GET {self.spec.first_request} returned {status}: {content}"
            )

    def stop(self) -> None:
        """End the process with SIGTERM and wait for the end."""
        if self._child is not None:
            self._child.stop()

    def kill(self) -> None:
        """End the process with SIGKILL."""
        if self._child is not None:
            self._child.kill()

    def pause(self) -> None:
        """Pause the process (SIGSTOP): connections are accepted and never answered."""
        if self._child is not None:
            self._child.send(signal.SIGSTOP)

    def resume(self) -> None:
        """Continue a paused process (SIGCONT)."""
        if self._child is not None:
            self._child.send(signal.SIGCONT)

    def restart(self) -> None:
        """Stop the process, start it with the same ports and data, and wait until the server is ready."""
        self.stop()
        self.start()
        self.wait_ready()

    def _environment(self) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        return {**inherited, "DSN": self._dsn}

    def _log_end(self) -> str:
        return f"The end of {self.log}:\n{tail(self.log)}"


def sqlite_dsn(file: Path) -> str:
    """Return Ory's URL of an SQLite database, for a development machine.

    ``_synchronous=off``: a crash of the system may lose the last writes. ``lock=false``: the servers guard
    SQLite with a mutex of their own, which deadlocks with SQLite's lock. Without the mutex, transactions must
    take SQLite's lock at their start (``_txlock``).
    """
    options = "_fk=true&_journal_mode=WAL&_synchronous=off&_busy_timeout=10000&_txlock=immediate&lock=false"
    return f"sqlite://{file}?{options}"


def _get(port: int, path: str, *, timeout: float = 1) -> tuple[int, str]:
    """Return status and content of a GET request. Without a response: 0 and the error."""
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout)
    try:
        connection.request("GET", path, headers={"Accept": "application/json"})
        response = connection.getresponse()
        return response.status, response.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error)
    finally:
        connection.close()
