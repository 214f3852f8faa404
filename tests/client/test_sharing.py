"""One client in many threads, before and after a fork: answers and connections are never mixed up."""

from __future__ import annotations

import json
import os
import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from django_ory.client import OryClient, Timeout

if TYPE_CHECKING:
    from collections.abc import Iterator

THREADS = 16
CALLS = 12


class Echo(BaseHTTPRequestHandler):
    """Returns the token of the request, and records the process of each connection."""

    protocol_version = "HTTP/1.1"
    wbufsize = 65536  # head and body in one piece

    def do_GET(self) -> None:
        token = self.headers["X-Session-Token"]
        assert isinstance(self.server, EchoServer)
        self.server.seen[self.client_address[1]].add(token.partition(".")[0])
        body = json.dumps({"id": token}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Print nothing."""


class EchoServer(ThreadingHTTPServer):
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Echo)
        self.seen: defaultdict[int, set[str]] = defaultdict(set)


@pytest.fixture
def server() -> Iterator[EchoServer]:
    with EchoServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def ory(server: EchoServer) -> Iterator[OryClient]:
    with OryClient(
        kratos_public_url=f"http://127.0.0.1:{server.server_port}", timeout=Timeout(20, 20)
    ) as client:
        yield client


def ask(ory: OryClient, thread: int) -> bool:
    """Return whether each answer belongs to the call of this thread."""
    tokens = [f"{os.getpid()}.{thread}.{call}" for call in range(CALLS)]
    return [ory.to_session(x_session_token=token).id for token in tokens] == tokens


def ask_in_threads(ory: OryClient, number: int) -> bool:
    with ThreadPoolExecutor(number) as pool:
        return all(pool.map(lambda thread: ask(ory, thread), range(number)))


def test_sixteen_threads_share_a_client(ory: OryClient, server: EchoServer) -> None:
    assert ask_in_threads(ory, THREADS)
    # The race for the first session may leave some connections unused; later calls reuse connections.
    assert len(server.seen) <= 2 * THREADS


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_child_of_a_busy_process_makes_calls(ory: OryClient, server: EchoServer) -> None:
    assert ask(ory, 0)
    with ThreadPoolExecutor(4) as pool:
        busy = [pool.submit(ask, ory, thread) for thread in range(THREADS)]
        children = []
        for _ in range(3):
            child = os.fork()
            if child == 0:
                answered = False
                try:
                    answered = ask_in_threads(ory, 4)
                finally:
                    os._exit(0 if answered else 1)
            children.append(child)
        assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
        assert all(task.result() for task in busy)
    assert all(len(processes) == 1 for processes in server.seen.values())
    assert {process for processes in server.seen.values() for process in processes} == {
        str(process) for process in (os.getpid(), *children)
    }
