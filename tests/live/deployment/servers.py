"""The small site in a separate process: gunicorn with processes or threads, or uvicorn."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from django_ory.devstack.ports import find_free_ports
from django_ory.devstack.servers.process import ChildProcess, tail

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from http.client import HTTPMessage

__all__ = [
    "SERVERS",
    "Answer",
    "ServerKind",
    "Site",
    "migrate",
    "serve",
    "sign_out_form",
    "site_environment",
]

ROOT = Path(__file__).resolve().parents[3]
SITE = "tests.live.deployment.applications"
CONCURRENCY = 24
WORKER = "X-Worker"  #: the header with the id of the process


@dataclass(frozen=True)
class ServerKind:
    """A server program and its arguments. ``{port}`` is replaced."""

    arguments: tuple[str, ...]
    workers: int
    is_async: bool = False

    def command(self, port: int) -> list[str]:
        """Return the command line."""
        return [sys.executable, "-m", *(part.format(port=port) for part in self.arguments)]


def _gunicorn(*options: str, workers: int) -> ServerKind:
    bind = ("--bind=127.0.0.1:{port}", "--backlog=256", f"--workers={workers}", "--log-level=warning")
    return ServerKind(("gunicorn", *bind, *options, f"{SITE}:application"), workers)


def _uvicorn(*, workers: int) -> ServerKind:
    options = ("--host=127.0.0.1", "--port={port}", f"--workers={workers}", "--log-level=warning")
    return ServerKind(("uvicorn", *options, f"{SITE}:asgi_application"), workers, is_async=True)


SERVERS = {
    "gunicorn-sync": _gunicorn(workers=3),
    "gunicorn-gthread": _gunicorn(
        # With few connections each, one worker cannot take all requests.
        *("--worker-class=gthread", "--threads=8", "--worker-connections=10"),
        workers=2,
    ),
    "uvicorn": _uvicorn(workers=2),
    "uvicorn-single": _uvicorn(workers=1),
}


@dataclass(frozen=True)
class Answer:
    """A response of the site, and its duration."""

    status: int
    headers: HTTPMessage
    text: str
    seconds: float

    @property
    def name(self) -> str | None:
        """The user name in the response, if any."""
        if self.status != 200 or not self.text.startswith("{"):
            return None
        name: str | None = json.loads(self.text)["name"]
        return name

    @property
    def worker(self) -> str:
        """The id of the process."""
        return self.headers[WORKER]


class Site:
    """A running site."""

    def __init__(self, kind: ServerKind, port: int, *, host: str, log: Path) -> None:
        self.kind = kind
        self.port = port
        self._host = host  # the host in the URL of browsers
        self._log = log

    def get(self, path: str, **options: Any) -> Answer:
        """Call ``fetch`` with GET."""
        return self.fetch("GET", path, **options)

    def fetch(self, method: str, path: str, **options: Any) -> Answer:
        """Call ``send``. Status 500 fails the test."""
        answer = self.send(method, path, **options)
        assert answer.status != 500, f"{method} {path} crashed:\n{self.log()[-6000:]}"
        return answer

    def send(
        self,
        method: str,
        path: str,
        *,
        cookie: str = "",
        headers: Mapping[str, str] | None = None,
        body: str | None = None,
        timeout: float = 30.0,
    ) -> Answer:
        """Send one request over a separate connection, so that any worker may get it. ``body`` is form data.

        Raises OSError.
        """
        started = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            sent = {"Host": self._host, "Connection": "close", **({"Cookie": cookie} if cookie else {})}
            if body is not None:
                sent["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request(method, path, body=body, headers={**sent, **(headers or {})})
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        return Answer(response.status, response.headers, text, time.monotonic() - started)

    def get_from_every_worker(self, path: str, **options: Any) -> list[Answer]:
        """Send concurrent requests until each worker has answered at least one. Returns the answers."""
        found: list[Answer] = []
        until = time.monotonic() + 20
        with ThreadPoolExecutor(CONCURRENCY) as pool:
            while len({answer.worker for answer in found}) < self.kind.workers:
                assert time.monotonic() < until, f"not every worker answers: {[a.worker for a in found]}"
                found += pool.map(lambda _: self.get(path, **options), range(CONCURRENCY))
        return found

    def log(self) -> str:
        """Return the output of the server."""
        return self._log.read_text(errors="replace")


def sign_out_form(served: Site, cookie: str) -> tuple[str, str]:
    """Return the cookies and the body of the form of the sign-out page."""
    page = served.get("/auth/logout/", cookie=cookie, headers={"Accept": "text/html"})
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    csrf = re.search(r"csrftoken=([^;]+)", page.headers["Set-Cookie"])
    assert token is not None
    assert csrf is not None
    return f"{cookie}; csrftoken={csrf[1]}", urlencode({"csrfmiddlewaretoken": token[1]})


def site_environment(
    *, ory: Mapping[str, Any], database: Mapping[str, Any], cache: str, home: Path
) -> dict[str, str]:
    """Return the variables of the site's settings. ``home``: the home folder of the server process."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDEVMODE"}
    return {
        **kept,
        "DJANGO_SETTINGS_MODULE": "tests.live.deployment.settings",
        "HOME": str(home),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])),
        "PYTHONUNBUFFERED": "1",
        "SITE_CACHE": cache,
        "SITE_DATABASE": json.dumps(database),
        "SITE_ORY": json.dumps(ory),
    }


def migrate(environment: Mapping[str, str]) -> None:
    """Create the tables."""
    command = [sys.executable, "-m", "django", "migrate", "--verbosity=0"]
    subprocess.run(command, env=dict(environment), check=True, cwd=ROOT)


@contextlib.contextmanager
def serve(kind: ServerKind, *, environment: Mapping[str, str], host: str, folder: Path) -> Iterator[Site]:
    """Serve the site until the end of the block."""
    [port] = find_free_ports(1)
    log = folder / "server.log"
    child = ChildProcess(kind.command(port), log=log, env=environment, cwd=folder)
    try:
        served = Site(kind, port, host=host, log=log)
        until = time.monotonic() + 60
        while not _answers(served):
            if child.get_returncode() is not None or time.monotonic() > until:
                pytest.fail(f"{kind.arguments[0]} does not answer:\n{tail(log)}")
            time.sleep(0.1)
        served.get_from_every_worker("/")
        yield served
    finally:
        child.stop(timeout=5)


def _answers(served: Site) -> bool:
    try:
        return served.get("/", timeout=5).status == 200
    except (OSError, http.client.HTTPException):
        return False
