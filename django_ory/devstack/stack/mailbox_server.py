"""The mailbox page of ``ory_dev``: all mails of the stack, the newest first.

The page shows the codes of all accounts. So the server listens on this machine only and accepts local host
names only.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from django.template import Context, Engine

from django_ory.devstack.ports import HOST, require_free_port

from .mails import Mail, read_mails

MAX_MAILS: Final = 100
"""The number of mails on the page."""

STOP_SECONDS: Final = 0.05
"""How often the server looks whether it shall stop."""

STYLE: Final = Path(__file__).with_name("mailbox.css").read_text()
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
_HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
# Prevents DNS rebinding: a page of another site could read the mails under a host name of its own.
_HOST_NAMES: Final = frozenset({"localhost", HOST})


@contextmanager
def serve_mailbox(folder: Path, *, port: int) -> Iterator[None]:
    """Serve the page for the mails in a folder, in a separate thread, until the end of the block.

    Raises DevstackError if the port is in use.
    """
    require_free_port(port, "the mailbox (page)")
    handler = type("Handler", (_Handler,), {"folder": folder})
    with ThreadingHTTPServer((HOST, port), handler) as server:
        threading.Thread(target=server.serve_forever, args=(STOP_SECONDS,), daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    folder: Path

    def do_GET(self) -> None:
        if self.headers.get("Host", "").partition(":")[0].lower() not in _HOST_NAMES:
            self._send(HTTPStatus.FORBIDDEN, "<p>Open this page as http://localhost.</p>")
        elif self.path.partition("?")[0] != "/":
            self._send(HTTPStatus.NOT_FOUND, "<p>There is only one page, at /.</p>")
        else:
            self._send(HTTPStatus.OK, render_mailbox(read_mails(self.folder)))

    def _send(self, status: HTTPStatus, page: str) -> None:
        content = page.encode()
        self.send_response(status)
        for name, value in {**_HEADERS, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None:
        """Print no requests between the lines of ``ory_dev``."""


def render_mailbox(mails: list[Mail]) -> str:
    """Return the HTML of the page. ``mails`` are sorted, the oldest first."""
    newest = mails[: -MAX_MAILS - 1 : -1]
    context = Context({"mails": newest, "style": STYLE}, use_tz=False)  # the times are in UTC
    return Engine().from_string(Path(__file__).with_name("mailbox.html").read_text()).render(context)
