"""One stack for all processes of a test run: whoever comes first starts it, whoever goes last ends it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self, cast

from django_ory.conf import DEFAULT_ALIAS

from .binaries import find_server
from .errors import DevstackError
from .host import plan_as_json, plan_from_json
from .kinds import HYDRA, KRATOS
from .lock import locked
from .plan import write_configurations
from .ports import HOST
from .server import READY_SECONDS
from .stack import StackAddresses, new_plan

if TYPE_CHECKING:
    from types import TracebackType

    from .plan import StackPlan

__all__ = ["RemoteServer", "SharedStack", "join_stack"]


class RemoteServer:
    """A server of the shared stack: the same methods as ``OryServer``, done by the process that runs it."""

    def __init__(self, name: str, connection: _Connection) -> None:
        self._name = name
        self._connection = connection

    @property
    def pid(self) -> int:
        """The process id."""
        pid: int = self._call("pid")
        return pid

    def is_running(self) -> bool:
        """Whether its process exists."""
        return bool(self._call("is_running"))

    def start(self) -> None:
        """Start it, unless it runs."""
        self._call("start")

    def stop(self) -> None:
        """End it properly (SIGTERM) and wait until it has gone."""
        self._call("stop")

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        self._call("kill")

    def pause(self) -> None:
        """Hold it (SIGSTOP): connections are accepted by the system and never answered."""
        self._call("pause")

    def resume(self) -> None:
        """Let a paused one go on (SIGCONT)."""
        self._call("resume")

    def restart(self) -> None:
        """Stop it, start it on the same ports with the same data, and wait until it answers."""
        self._call("restart")

    def wait_ready(self, timeout: float = READY_SECONDS) -> None:
        """Return once both ports answer. Raises DevstackError if they do not in ``timeout`` seconds."""
        self._call("wait_ready", timeout)

    def _call(self, name: str, *arguments: object) -> Any:
        return self._connection.call(self._name, name, *arguments)


class SharedStack(StackAddresses):
    """A stack that another process runs. It runs as long as this object is open, at least."""

    def __init__(self, plan: StackPlan, connection: _Connection) -> None:
        super().__init__(plan)
        self._connection = connection
        self.kratos = RemoteServer("kratos", connection)
        self.hydra = RemoteServer("hydra", connection)

    def close(self) -> None:
        """It is not needed here any more."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def join_stack(folder: Path, *, alias: str = DEFAULT_ALIAS) -> SharedStack:
    """The stack of everybody who names this folder; started if there is none.

    Raises DevstackError when it cannot start.
    """
    with locked(folder / "stack.lock"):
        state = folder / "stack.json"
        if state.exists():
            known = json.loads(state.read_text())
            connection = _connect(known["port"])
            if connection is not None:
                return SharedStack(plan_from_json(known["plan"]), connection)
        plan, port = _launch_somewhere(folder, alias)
        state.write_text(json.dumps({"port": port, "plan": plan_as_json(plan)}))
        connection = _connect(port)
        if connection is None:
            raise DevstackError(
                f"The development stack ended right after its start. Its logs are in {plan.folder}"
            )
        return SharedStack(plan, connection)


def _launch_somewhere(folder: Path, alias: str) -> tuple[StackPlan, int]:
    """Start a stack; if that fails once, on other ports: one of the first may have been taken meanwhile."""
    binaries = {kind.name: str(find_server(kind)) for kind in (KRATOS, HYDRA)}
    try:
        return _launch(folder, alias, binaries)
    except DevstackError:
        return _launch(folder, alias, binaries)


def _launch(folder: Path, alias: str, binaries: dict[str, str]) -> tuple[StackPlan, int]:
    from .site import site_from_project

    plan = new_plan(Path(tempfile.mkdtemp(prefix="stack-", dir=folder)))
    write_configurations(plan, site_from_project(plan.site_url, alias=alias))
    package = Path(__file__).parents[2]
    paths = [str(package), *filter(None, [os.environ.get("PYTHONPATH")])]
    with (plan.folder / "host.log").open("ab") as log:
        host = subprocess.Popen(
            [sys.executable, "-m", "django_ory.devstack.host"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            start_new_session=True,  # Ctrl-C is for pytest; the host ends when its guests have gone
        )
    # It may outlive us on purpose; a thread takes note of its end, so that neither zombie nor warning stays.
    threading.Thread(target=host.wait, daemon=True).start()
    with cast("IO[str]", host.stdout) as answers:  # both are pipes
        with suppress(BrokenPipeError), cast("IO[str]", host.stdin) as orders:
            json.dump({"plan": plan_as_json(plan), "binaries": binaries}, orders)
        answer: dict[str, Any] = json.loads(answers.readline() or "{}")
    if "error" in answer:
        raise DevstackError(f"The development stack did not start: {answer['error']}")
    if "port" not in answer:
        raise DevstackError(f"The development stack ended while it started. Its logs are in {plan.folder}")
    return plan, answer["port"]


class _Connection:
    """One line of JSON there, one back."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection((HOST, port), timeout=2 * READY_SECONDS)
        self._file = self._socket.makefile("rw")
        self._lock = threading.Lock()

    def call(self, server: str, name: str, *arguments: object) -> Any:
        with self._lock:
            self._file.write(json.dumps({"server": server, "call": name, "arguments": arguments}) + "\n")
            self._file.flush()
            line = self._file.readline()
        answer = json.loads(line) if line else {"error": "The development stack has gone."}
        if "error" in answer:
            raise DevstackError(answer["error"])
        return answer["result"]

    def close(self) -> None:
        self._file.close()
        self._socket.close()


def _connect(port: int) -> _Connection | None:
    """A connection that counts, or None if that host has ended or is about to."""
    try:
        connection = _Connection(port)
    except OSError:
        return None
    try:
        connection.call("kratos", "is_running")
    except (DevstackError, OSError, ValueError):  # ValueError: the port is somebody else's by now
        connection.close()
        return None
    return connection
