"""Answers each path with a fixed JSON document: ``python -m benchmarks.answers_server PORT FILE``.

FILE is a JSON object: path -> document. The server runs until its standard input closes.
"""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

from .listing_server import build_answer, serve_until_stdin_closes


def main() -> None:
    """Listen on the port of the loopback until the standard input closes."""
    port, file = sys.argv[1:]
    answers = {path: build_answer(value) for path, value in json.loads(Path(file).read_text()).items()}
    listener = socket.create_server(("127.0.0.1", int(port)))
    serve_until_stdin_closes(listener, lambda target: answers[urlsplit(target).path])


if __name__ == "__main__":
    main()
