"""``python -m benchmarks.listing_server``: answers whoami and pages of 250 identities; prints its port."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

from django_ory.testing import build_identity_json, build_session_json

PAGES = 8
ROWS = 250
UUID = "{:08x}-0000-4000-8000-000000000000"


TIME = "2026-01-02T03:04:05.123456Z"


def build_identity(number: int) -> dict[str, Any]:
    """An identity of a listing."""
    traits = {"email": f"person{number}@example.org", "name": {"first": "Person", "last": f"Number {number}"}}
    return build_identity_json(traits, id=UUID.format(number), created_at=TIME, updated_at=TIME)


def build_session() -> dict[str, Any]:
    """The session of the first identity."""
    return build_session_json(build_identity(1), id=UUID.format(1), expires_at="2999-01-02T03:04:05Z")


def build_answer(value: Any, *headers: str) -> bytes:
    """A whole HTTP response."""
    body = json.dumps(value, separators=(",", ":")).encode()
    head = ["HTTP/1.1 200 OK", "Content-Type: application/json; charset=utf-8", *headers]
    return "\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode() + body


def serve(connection: socket.socket, choose: Callable[[str], bytes]) -> None:
    """Answer one connection until the client closes. ``choose`` gets path and query."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection:
        data = b""
        while True:
            while b"\r\n\r\n" not in data:
                more = connection.recv(65536)
                if not more:
                    return
                data += more
            head, _, data = data.partition(b"\r\n\r\n")
            connection.sendall(choose(head.split(b" ", 2)[1].decode()))


def serve_until_stdin_closes(listener: socket.socket, choose: Callable[[str], bytes]) -> None:
    """Answer each connection in a thread of its own."""

    def accept() -> None:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection, choose), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.read()


def main() -> None:
    """Listen on a free port of this machine until the standard input closes."""
    answers = {"whoami": build_answer(build_session())}
    for page in range(PAGES):
        rows = [build_identity(page * ROWS + row) for row in range(ROWS)]
        following = f'Link: </admin/identities?page_size={ROWS}&page_token={page + 1}>; rel="next"'
        answers[str(page)] = build_answer(rows, *([following] if page + 1 < PAGES else []))
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)

    def choose(target: str) -> bytes:
        page = target.partition("page_token=")[2].partition("&")[0] or "0"
        return answers["whoami" if target.startswith("/sessions/whoami") else page]

    serve_until_stdin_closes(listener, choose)


if __name__ == "__main__":
    main()
