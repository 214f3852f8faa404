"""A Kratos with identities, PostgreSQL, Redis as the broker, and workers in processes of their own."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connections

from django_ory.clients import get_client
from django_ory.devstack.servers.process import ChildProcess, tail
from tests.live.services import redis_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django_ory.devstack import OryStack

ROOT = Path(__file__).resolve().parents[3]


class Workers:
    """Worker processes of the site. All are killed at the end."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.environment = environment
        self.folder = folder
        self.running: list[ChildProcess] = []

    def start(self, *arguments: str) -> ChildProcess:
        """Start a worker with the arguments of ``worker.py``."""
        log = self.folder / f"worker-{len(self.running)}.log"
        command = [sys.executable, "-m", "tests.live.tasks.worker", *arguments]
        child = ChildProcess(command, log=log, env=self.environment, cwd=ROOT)
        self.running.append(child)
        return child

    def start_celery(self) -> ChildProcess:
        """Start a Celery worker with two pool processes."""
        return self.start("celery", "worker", "--concurrency=2", "--loglevel=INFO", "--without-mingle")

    def wait_for(self, condition: Callable[[], bool], *, seconds: float = 120.0) -> None:
        """Wait until a condition is true. Fails with the logs after some time."""
        until = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > until:
                logs = [tail(log) for log in sorted(self.folder.glob("worker-*.log"))]
                pytest.fail("\n\n".join(["The workers did not finish:", *logs]))
            time.sleep(0.05)


def list_children(process: ChildProcess) -> list[int]:
    """Return the ids of the processes that a process has started."""
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(number) for number in path.read_text().split()]


def kill_children(process: ChildProcess) -> int:
    """Kill the pool processes of a worker. Returns their number."""
    children = list_children(process)
    for number in children:
        os.kill(number, signal.SIGKILL)
    return len(children)


@pytest.fixture
def identities(ory_stack_factory: Callable[..., OryStack], settings: Any) -> list[uuid.UUID]:
    """300 identities in a Kratos of the test, without rows."""
    servers = ory_stack_factory().ory_setting["default"]
    urls = {key: servers[key] for key in ("KRATOS_PUBLIC_URL", "KRATOS_ADMIN_URL")}
    settings.ORY = {"default": {**urls, "TIMEOUT": 10.0}}  # for a busy machine
    client = get_client()
    schema = client.list_identity_schemas()[0].id
    bodies = [
        {"create": {"schema_id": schema, "traits": {"email": f"{uuid.uuid4().hex}@example.com"}}}
        for _ in range(300)
    ]
    made: list[uuid.UUID] = []
    for start in range(0, len(bodies), 100):
        result = client.batch_patch_identities(body={"identities": bodies[start : start + 100]})
        made += [uuid.UUID(str(each.identity)) for each in result.identities or []]
    assert len(made) == len(bodies)
    return made


@pytest.fixture(scope="session")
def broker() -> Iterator[str]:
    """Return the URL of a Redis for Celery."""
    with redis_server() as url:
        path = url.removeprefix("unix://").partition("?")[0]
        yield f"redis+socket://{path}?virtual_host=0"


@pytest.fixture
def workers(
    on_postgres: None, identities: list[uuid.UUID], broker: str, settings: Any, tmp_path: Path
) -> Iterator[Workers]:
    database = connections.settings["default"]
    workers = Workers(
        {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.live.tasks.settings",
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])),
            "SITE_BROKER": broker,
            "SITE_DATABASE": json.dumps(
                {name: database[name] for name in ("ENGINE", "NAME", "USER", "HOST")}
            ),
            "SITE_ORY": json.dumps(settings.ORY),
        },
        tmp_path,
    )
    try:
        yield workers
    finally:
        for child in workers.running:
            child.kill()
