"""A site in a server of its own, and visitors who do not rest."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .services import free_port, running

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]
#: How each server is started; {port} is filled in.
SERVERS = {
    "gunicorn sync": [
        "gunicorn",
        "-w",
        "2",
        "-b",
        "127.0.0.1:{port}",
        "tests.live.sessions.site_application:wsgi",
    ],
    "gunicorn threads": [
        *("gunicorn", "-w", "1", "-k", "gthread", "--threads", "8", "-b", "127.0.0.1:{port}"),
        "tests.live.sessions.site_application:wsgi",
    ],
    "uvicorn": [
        *("uvicorn", "--port", "{port}", "--log-level", "warning", "--lifespan", "off"),
        "tests.live.sessions.site_application:asgi",
    ],
}
#: Visitors at once: no more than the server can take at once, or we would measure its queue.
VISITORS = {"gunicorn sync": 2, "gunicorn threads": 6, "uvicorn": 6}


@contextmanager
def serving(kind: str, folder: Path, ory: dict[str, Any]) -> Iterator[int]:
    """The site under this server; yields its port. The log is ``server.log`` in the folder."""
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.live.sessions.site_settings",
        "SITE_DATABASE": str(folder / "site.sqlite3"),
        "SITE_ORY": json.dumps(ory),
        "PYTHONPATH": str(ROOT),
    }
    os.environ.update(environment)  # for the server, which is our child
    subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], check=True, cwd=ROOT)
    port = free_port()
    try:
        command = [part.format(port=port) for part in SERVERS[kind]]
        with running([sys.executable, "-m", *command], port, folder):
            yield port
    finally:
        for name in environment:
            os.environ.pop(name)


@dataclass
class Tally:
    """What visitors met."""

    statuses: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0
    strangers_let_in: int = 0
    broken_connections: int = 0

    def __str__(self) -> str:
        statuses = ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        return f"{sum(self.statuses.values())} answers ({statuses}), slowest {self.slowest:.2f} s"


def visit(port: int, method: str, path: str, cookie: str) -> tuple[int, bytes, float]:
    """One request on a connection of its own; returns status, body and seconds."""
    started = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, headers={"Cookie": cookie} if cookie else {})
        response = connection.getresponse()
        return response.status, response.read(), time.monotonic() - started
    finally:
        connection.close()


@contextmanager
def crowd(port: int, visitors: int, member: str, stranger: str) -> Iterator[Tally]:
    """Visitors who ask without a rest, members and strangers in turn."""
    tally, stop, lock = Tally(), threading.Event(), threading.Lock()
    walk = [
        ("GET", "/who/", member),
        ("GET", "/user/", member),
        ("POST", "/who/", member),
        ("GET", "/public/", member),
        ("GET", "/awho/", member),
        ("GET", "/who/", stranger),
        ("GET", "/session-async/", stranger),
        ("GET", "/who/", ""),
    ]

    def wander(start: int) -> None:
        step = start
        while not stop.is_set():
            method, path, cookie = walk[step % len(walk)]
            step += 1
            try:
                status, body, seconds = visit(port, method, path, cookie)
            except (OSError, http.client.HTTPException):
                with lock:
                    tally.broken_connections += 1
                continue
            let_in = cookie != member and (
                body == b"in" or (path == "/who/" and status == 200 and json.loads(body)["is_authenticated"])
            )
            with lock:
                tally.statuses[status] += 1
                tally.slowest = max(tally.slowest, seconds)
                tally.strangers_let_in += let_in
            time.sleep(0.005)

    threads = [threading.Thread(target=wander, args=(index,)) for index in range(visitors)]
    for thread in threads:
        thread.start()
    try:
        yield tally
    finally:
        stop.set()
        for thread in threads:
            thread.join(40)
