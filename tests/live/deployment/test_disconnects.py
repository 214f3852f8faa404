"""Clients of an ASGI server that disconnect before the response."""

from __future__ import annotations

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.live.proxy import delays, passes

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.live.proxy import Proxy

    from .accounts import Person
    from .servers import Site

pytestmark = [
    pytest.mark.live,
    pytest.mark.parametrize("served", ["uvicorn-single"], indirect=True),
]

CONCURRENCY = 30


def disconnect(served: Site, request: str) -> None:
    """Send a request or a part of one, and disconnect after a moment without reading."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        connection.sendall(request.encode())
        time.sleep(0.15)


def measure_resources(served: Site, database: dict[str, Any]) -> dict[str, int]:
    """Return the numbers of threads, files and database connections, once they are constant."""
    count = "SELECT count(*) - 1 FROM pg_stat_activity WHERE backend_type = 'client backend'"
    known: list[dict[str, int]] = []
    for _ in range(40):
        state: dict[str, int] = json.loads(served.get("/state/").text)
        with psycopg.connect(
            host=database["HOST"], user=database["USER"], dbname=database["NAME"]
        ) as connection:
            row = connection.execute(count).fetchone()
        known.append({**state, "databases": row[0] if row else -1})
        if len(known) > 2 and known[-1] == known[-2] == known[-3]:
            break
        time.sleep(0.1)
    return known[-1]


@pytest.mark.parametrize("page", ["/slow/", "/user/", "/members/async/"])
def test_disconnected_clients_leave_no_resources(
    served: Site,
    proxy: Proxy,
    site_database: dict[str, Any],
    person: Callable[[], Person],
    page: str,
) -> None:
    ann = person()
    head = f"Host: localhost\r\nCookie: {ann.cookie}\r\n"
    requests = [
        f"GET {page} HTTP/1.1\r\n{head}\r\n",  # before the answer
        f"POST {page} HTTP/1.1\r\n{head}Content-Length: 100\r\n\r\na=b",  # before the end of the request
        f"GET {page} HTTP/1.1\r\n{head}",
    ]
    rounds = []
    for _ in range(3):
        served.fetch("POST", f"/staff/active/{ann.id}/")  # invalidates the cached session
        proxy.fault = partial(delays, seconds=0.4)
        with ThreadPoolExecutor(CONCURRENCY) as pool:
            list(pool.map(lambda number: disconnect(served, requests[number % 3]), range(CONCURRENCY)))
        proxy.fault = passes
        answer = served.get("/user/async/", cookie=ann.cookie)
        assert (answer.status, answer.name) == (200, ann.id)
        assert answer.seconds < 2
        rounds.append(measure_resources(served, site_database))
    first, second, third = rounds
    assert third["databases"] <= 1, rounds
    assert third["pool"] <= 64, rounds
    assert third["threads"] <= max(first["threads"], second["threads"]) + 2, rounds
    assert third["files"] <= max(first["files"], second["files"]) + 2, rounds
