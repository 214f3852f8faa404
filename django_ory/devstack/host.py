"""A process that runs one stack for many; it ends when the last of those connected to it goes, or dies.

Started by ``shared.py`` as ``python -m django_ory.devstack.host``. It reads the plan from standard input,
answers ``{"port": ...}`` or ``{"error": ...}``, then serves calls; all is JSON, one object a line.
"""

from __future__ import annotations

import json
import signal
import socketserver
import sys
import threading
from pathlib import Path
from typing import Any, Final, TextIO

from .errors import DevstackError
from .kinds import KINDS
from .plan import Ports, StackPlan
from .ports import HOST
from .stack import RunningStack

__all__ = ["CALLS", "plan_as_json", "plan_from_json", "run"]

CALLS: Final = ("pid", "is_running", "start", "stop", "kill", "pause", "resume", "restart", "wait_ready")
"""What may be asked of a server."""

FIRST_CALL_SECONDS = 30.0
"""How long to wait for anybody at all: whoever started this process may have died at once."""


def plan_as_json(plan: StackPlan) -> dict[str, Any]:
    """The plan for the way to another process."""
    return {"folder": str(plan.folder), "site_url": plan.site_url, "ports": vars(plan.ports)}


def plan_from_json(data: dict[str, Any]) -> StackPlan:
    """What ``plan_as_json`` made."""
    return StackPlan(folder=Path(data["folder"]), site_url=data["site_url"], ports=Ports(**data["ports"]))


class _Host(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, stack: RunningStack) -> None:
        super().__init__((HOST, 0), _Guest)
        self.stack = stack
        self.guests = 0
        self.closing = False
        self.lock = threading.Lock()
        self._nobody_came = threading.Timer(FIRST_CALL_SECONDS, self.leave)

    def serve(self) -> None:
        self._nobody_came.start()
        try:
            self.serve_forever(poll_interval=0.05)
        finally:
            self._nobody_came.cancel()

    def enter(self) -> bool:
        """A guest came. False: too late, the stack is being ended."""
        with self.lock:
            self._nobody_came.cancel()
            self.guests += not self.closing
            return not self.closing

    def leave(self, guests: int = 0) -> None:
        """This many guests went; after the last one there is nothing left to do."""
        with self.lock:
            self.guests -= guests
            self.closing = self.closing or self.guests <= 0
            if self.closing:
                threading.Thread(target=self.shutdown, daemon=True).start()


class _Guest(socketserver.StreamRequestHandler):
    server: _Host

    def handle(self) -> None:
        if not self.server.enter():
            return
        try:
            for line in self.rfile:
                self.wfile.write(json.dumps(self._answer(json.loads(line))).encode() + b"\n")
        except ConnectionError:  # killed in the middle of a call
            pass
        finally:
            self.server.leave(1)

    def _answer(self, call: dict[str, Any]) -> dict[str, Any]:
        if call["call"] not in CALLS or call["server"] not in KINDS:
            return {"error": f"unknown call {call['server']}.{call['call']}"}
        attribute = getattr(getattr(self.server.stack, call["server"]), call["call"])
        try:
            return {"result": attribute(*call["arguments"]) if callable(attribute) else attribute}
        except DevstackError as error:
            return {"error": str(error)}


def run(source: TextIO, answer: TextIO) -> None:
    """Run the stack that ``source`` describes until nobody needs it."""
    order = json.loads(source.read())
    binaries = {KINDS[name]: Path(path) for name, path in order["binaries"].items()}
    stack = RunningStack(plan_from_json(order["plan"]), binaries)
    try:
        with stack, _Host(stack) as host:
            print(json.dumps({"port": host.server_address[1]}), file=answer, flush=True)
            host.serve()
    except DevstackError as error:
        print(json.dumps({"error": str(error)}), file=answer, flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # so that "with" ends the servers
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    run(sys.stdin, sys.stdout)
