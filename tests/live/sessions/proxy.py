"""A proxy in front of Kratos that counts, delays, cuts, corrupts and hangs, as it is told."""

from __future__ import annotations

import http.client
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import urlsplit

Mood = Literal["fair", "slow", "cut", "garbage", "html", "error", "hang"]


class Proxy:
    """``with Proxy(url) as proxy: proxy.mood = "cut"``"""

    def __init__(self, target: str) -> None:
        self.target = urlsplit(target)
        self.mood: Mood = "fair"
        self.delay = 0.0
        self.counted = 0
        self.stopping = threading.Event()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                proxy.answer(self)

            do_POST = do_DELETE = do_PATCH = do_PUT = do_GET

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> Proxy:
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Pass one request on, and its answer back, in the mood of the moment."""
        if handler.path.startswith("/sessions/whoami"):
            self.counted += 1
        mood = self.mood
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length) if length else None
        if mood == "hang":
            self.stopping.wait(30)
            handler.close_connection = True
            return
        if mood == "slow":
            time.sleep(self.delay)
        status, headers, content = self._ask(handler, body)
        if mood == "html":
            status, content, headers = 200, b"<html>Welcome</html>", [("Content-Type", "text/html")]
        elif mood == "error":
            status, content, headers = 500, b"oops", []
        elif mood == "garbage":
            content = content[: len(content) // 2] + b"\xff\x00"
        try:
            handler.send_response_only(status)
            for name, value in headers:
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(content)))
            handler.end_headers()
            if mood == "cut":
                handler.wfile.write(content[: len(content) // 2])
                handler.close_connection = True
            else:
                handler.wfile.write(content)
        except OSError:
            handler.close_connection = True  # who asked has gone

    def _ask(
        self, handler: BaseHTTPRequestHandler, body: bytes | None
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(self.target.hostname or "", self.target.port, timeout=10)
        try:
            headers = {name: value for name, value in handler.headers.items() if name.lower() != "host"}
            connection.request(handler.command, handler.path, body, headers)
            response = connection.getresponse()
            kept = [
                (name, value)
                for name, value in response.getheaders()
                if name.lower() not in ("content-length", "transfer-encoding", "connection")
            ]
            return response.status, kept, response.read()
        except OSError:
            return 502, [], b"no Kratos"
        finally:
            connection.close()
