"""The pages: our own time per page view, beyond the time in which Kratos and Hydra answer.

Each page is requested from the WSGI application in this process. Kratos and Hydra are a stub in another
process. The peer is a bare HTTP connection that sends the same requests to the same stub. Both are measured
in turns; the figure is the difference of the two medians, in milliseconds.
"""

from __future__ import annotations

import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock
from urllib.parse import urlsplit
from uuid import UUID
from wsgiref.util import setup_testing_defaults

from django_ory.devstack.config.identity_schema import IDENTITY_SCHEMA
from django_ory.testing import (
    build_consent_request_json,
    build_flow_json,
    build_identity_json,
    build_login_request_json,
    build_oauth2_client_json,
    build_session_json,
)

from .requests_per_second import free_port, process, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "200"))
WARM_UP_ROUNDS = 10
GOAL_MILLISECONDS = 5.0
FLOW = str(UUID(int=1))
COOKIE = "ory_kratos_session=bench; csrf_token_0123=abcdef"

#: page -> path, and whether the browser has a session
PAGES = {
    **{
        name: (f"/auth/{name}/?flow={FLOW}", False)
        for name in ("login", "registration", "recovery", "verification")
    },
    "settings": (f"/auth/settings/?flow={FLOW}", True),
    "consent": ("/auth/oauth2/consent/?consent_challenge=c", True),
}


def build_answers(url: str) -> dict[str, Any]:
    """Return the answers of Kratos and Hydra at ``url``: path -> document."""
    schema = json.loads(IDENTITY_SCHEMA.read_text())
    identity = build_identity_json({"email": "ann@example.org", "name": {"first": "Ann", "last": "Lee"}})
    flows = {
        f"/self-service/{name}/flows": build_flow_json(name, id=FLOW, kratos_url=url)
        for name in ("login", "registration", "recovery", "verification", "settings")
    }
    flows["/self-service/settings/flows"]["identity"] = identity
    client = build_oauth2_client_json("app", client_name="Photo Lab")
    login = build_login_request_json(client, requested_scope=["openid", "email", "profile"])
    return {
        **flows,
        "/sessions/whoami": build_session_json(identity),
        "/schemas": [{"id": identity["schema_id"], "schema": schema}],
        "/admin/oauth2/auth/requests/consent": build_consent_request_json(identity["id"], login),
        "/admin/oauth2/auth/sessions/consent": [],
        "/admin/clients/app": client,
        f"/admin/identities/{identity['id']}": identity,
    }


def main() -> None:
    """Start the stub and measure in a process of its own."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answers.json"
        url = f"http://127.0.0.1:{port}"
        file.write_text(json.dumps(build_answers(url)))
        command = (sys.executable, "-m", "benchmarks.answers_server", str(port), str(file))
        with process(*command, stdin=subprocess.PIPE):
            wait_for(port)
            subprocess.run(
                [sys.executable, "-m", "benchmarks.pages"], env={**os.environ, "BENCH_ORY": url}, check=True
            )


class Visitor:
    """Requests pages from the WSGI application."""

    def __init__(self, application: Any) -> None:
        self.application = application

    def get(self, target: str, *, signed_in: bool) -> bytes:
        """Return the body of a page. Raises SystemExit unless the status is 200."""
        path, _, query = target.partition("?")
        statuses: list[str] = []
        environ = {
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "HTTP_HOST": "127.0.0.1:8000",
            "HTTP_ACCEPT": "text/html",
            "HTTP_ACCEPT_LANGUAGE": "en",
            **({"HTTP_COOKIE": COOKIE} if signed_in else {}),
        }
        setup_testing_defaults(environ)
        response = self.application(environ, lambda status, _headers: statuses.append(status))
        body = b"".join(response)
        response.close()
        if statuses != ["200 OK"]:
            raise SystemExit(f"{target}: {statuses}")
        return body


def record_calls(visitor: Visitor, target: str, *, signed_in: bool) -> list[str]:
    """Return the requests to Kratos and Hydra of one page view: paths with queries."""
    from django_ory.client.connection import OryHTTPAdapter

    targets: list[str] = []
    original = OryHTTPAdapter.send

    def send(adapter: Any, request: Any, *args: Any, **options: Any) -> Any:
        url = urlsplit(request.url)
        targets.append(f"{url.path}?{url.query}")
        return original(adapter, request, *args, **options)

    with mock.patch.object(OryHTTPAdapter, "send", send):
        visitor.get(target, signed_in=signed_in)
    return targets


def measure(visitor: Visitor) -> Iterator[tuple[str, list[str], list[float], list[float]]]:
    """Yield for each page: its name, its calls, and the milliseconds of the page and of the bare calls."""
    url = urlsplit(os.environ["BENCH_ORY"])
    connection = http.client.HTTPConnection(url.hostname or "", url.port)
    for name, (target, signed_in) in PAGES.items():
        for _ in range(WARM_UP_ROUNDS):
            visitor.get(target, signed_in=signed_in)
        calls = record_calls(visitor, target, signed_in=signed_in)
        pages, bare = [], []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            visitor.get(target, signed_in=signed_in)
            pages.append((time.perf_counter() - started) * 1000)
            started = time.perf_counter()
            for call in calls:
                connection.request("GET", call)
                connection.getresponse().read()
            bare.append((time.perf_counter() - started) * 1000)
        yield name, calls, pages, bare
    connection.close()


def report() -> None:
    """Measure and print the table."""
    from django.core.management import call_command

    from .pages_site import application

    call_command("migrate", verbosity=0)
    print(f"\nMilliseconds of a page view beyond the answers of Kratos and Hydra, {ROUNDS} rounds")
    for name, calls, pages, bare in measure(Visitor(application)):
        whole, answers = statistics.median(pages), statistics.median(bare)
        verdict = "reached" if whole - answers <= GOAL_MILLISECONDS else "missed"
        print(
            f"  {name:14} {whole - answers:5.2f}   ({whole:.2f} less {answers:.2f} for {len(calls)} calls)"
            f"   goal {GOAL_MILLISECONDS:.2f} {verdict}"
        )


if __name__ == "__main__":
    report()
