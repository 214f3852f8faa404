"""``python -m benchmarks.stub_ory``: answers whoami and pages of 250 identities; prints its port."""

from __future__ import annotations

import json
import socket
import sys
import threading
from typing import Any

PAGES = 8
ROWS = 250
UUID = "{:08x}-0000-4000-8000-000000000000"


def identity(number: int) -> dict[str, Any]:
    """An identity as Kratos writes it."""
    when = "2026-01-02T03:04:05.123456Z"
    address = {
        "id": UUID.format(number),
        "value": f"person{number}@example.org",
        "via": "email",
        "created_at": when,
        "updated_at": when,
    }
    return {
        "id": UUID.format(number),
        "schema_id": "default",
        "schema_url": "http://127.0.0.1:4433/schemas/ZGVmYXVsdA",
        "state": "active",
        "state_changed_at": when,
        "traits": {
            "email": f"person{number}@example.org",
            "name": {"first": "Person", "last": f"Number {number}"},
        },
        "verifiable_addresses": [{**address, "verified": True, "status": "completed", "verified_at": when}],
        "recovery_addresses": [address],
        "metadata_public": None,
        "created_at": when,
        "updated_at": when,
        "organization_id": None,
    }


def session() -> dict[str, Any]:
    """A session as Kratos writes it."""
    when = "2026-01-02T03:04:05.123456789Z"
    return {
        "id": UUID.format(1),
        "active": True,
        "expires_at": "2027-01-02T03:04:05.123456789Z",
        "authenticated_at": when,
        "issued_at": when,
        "authenticator_assurance_level": "aal1",
        "authentication_methods": [{"method": "password", "aal": "aal1", "completed_at": when}],
        "identity": identity(1),
        "devices": [
            {
                "id": UUID.format(2),
                "ip_address": "192.0.2.7:40000",
                "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0)",
                "location": "",
            }
        ],
    }


def answer(value: Any, *headers: str) -> bytes:
    """A whole HTTP answer."""
    body = json.dumps(value, separators=(",", ":")).encode()
    head = ["HTTP/1.1 200 OK", "Content-Type: application/json; charset=utf-8", *headers]
    return "\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode() + body


def serve(connection: socket.socket, answers: dict[str, bytes]) -> None:
    """Answer one connection until it closes."""
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
            target = head.split(b" ", 2)[1].decode()
            page = target.partition("page_token=")[2].partition("&")[0] or "0"
            connection.sendall(answers["whoami" if target.startswith("/sessions/whoami") else page])


def main() -> None:
    """Listen on a free port of this machine until the standard input closes."""
    answers = {"whoami": answer(session())}
    for page in range(PAGES):
        rows = [identity(page * ROWS + row) for row in range(ROWS)]
        following = f'Link: </admin/identities?page_size={ROWS}&page_token={page + 1}>; rel="next"'
        answers[str(page)] = answer(rows, *([following] if page + 1 < PAGES else []))
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)

    def accept() -> None:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection, answers), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
