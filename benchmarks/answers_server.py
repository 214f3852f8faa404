"""Answers each path with a fixed JSON document: ``python -m benchmarks.answers_server PORT FILE``.

FILE is a JSON object: path -> document. The server runs until its standard input closes.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

from .listing_server import build_answer


def serve(connection: socket.socket, answers: dict[str, bytes]) -> None:
    """Answer one connection until the client closes."""
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
            connection.sendall(answers[urlsplit(head.split(b" ", 2)[1].decode()).path])


def main() -> None:
    """Listen on the port of the loopback until the standard input closes."""
    port, file = sys.argv[1:]
    answers = {path: build_answer(value) for path, value in json.loads(Path(file).read_text()).items()}
    listener = socket.create_server(("127.0.0.1", int(port)))

    def accept() -> None:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection, answers), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
