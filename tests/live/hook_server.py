"""A server on loopback for the posts of Kratos and Hydra, such as web hooks to the site.

The site answers a web hook that Kratos does not wait for in another thread than that of the test, and the
threads of a test share the connection of SQLite. So the test decides when the site gets the post.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    #: Gets path, headers and body of a post, and returns the status and the body of the response.
    Respond = Callable[[str, dict[str, str], bytes], tuple[int, bytes]]

__all__ = ["hook_server"]


@contextmanager
def hook_server(respond: Respond) -> Iterator[str]:
    """Run the server. Yields its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, content = respond(self.path, dict(self.headers), body)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            if status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name of the base class)
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
