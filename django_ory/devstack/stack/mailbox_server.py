"""The mailbox page of ``ory_dev``: all mails of the stack, the newest first.

It shows the codes of all accounts. So it listens on this machine only and accepts local host names only.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final

from django.template import Context, Engine

from django_ory.devstack.errors import DevstackError
from django_ory.devstack.ports import HOST, require_free_port

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .mails import Mail, Mailbox

__all__ = ["MailboxServer", "render_mailbox"]

MAX_MAILS: Final = 100
"""The number of mails on the page."""

STYLE: Final = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
article { border-top: 1px solid; padding: 1rem 0; }
h2 { font-size: 1.125rem; margin: 0; }
p { margin: .25rem 0; }
pre { white-space: pre-wrap; font: inherit; }
.code { font: 600 1.5rem ui-monospace, monospace; }
"""

# Mails are shown as text, because their HTML could load external content.
_TEMPLATE: Final = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Mailbox</title>
<meta name="viewport" content="width=device-width">
<style>{{ style }}</style>
<h1>Mailbox</h1>
<p>Mails of the development stack, the newest first. <a href="/">Reload</a></p>
{% for mail in mails %}
<article>
<h2>{{ mail.subject|default:"(no subject)" }}</h2>
<p>To {{ mail.to }}, {{ mail.received_at|date:"H:i:s" }} UTC</p>
{% if mail.code %}<p>Code: <span class="code">{{ mail.code }}</span></p>{% endif %}
<pre>{% firstof mail.text mail.html as text %}{{ text|urlize }}</pre>
</article>
{% empty %}No mail yet.{% endfor %}
</html>
"""
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


class MailboxServer:
    """Serves the page on a port of this machine, in a separate thread."""

    def __init__(self, mails: Mailbox, *, port: int) -> None:
        self.port = port
        self.url = f"http://localhost:{port}/"
        self._mails = mails
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """Start the server. Raises DevstackError if it cannot listen on its port."""
        require_free_port(self.port, "the mailbox (page)")
        handler = type("Handler", (_Handler,), {"mailbox": self._mails})
        try:
            self._server = ThreadingHTTPServer((HOST, self.port), handler)
        except OSError as error:
            raise DevstackError(f"The mailbox page cannot listen on port {self.port}: {error}") from error
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Stop the server and wait until it has ended."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class _Handler(BaseHTTPRequestHandler):
    mailbox: Mailbox

    def do_GET(self) -> None:
        if self.headers.get("Host", "").partition(":")[0].lower() not in _HOST_NAMES:
            self._send(HTTPStatus.FORBIDDEN, "<p>Open this page as http://localhost.</p>")
        elif self.path.partition("?")[0] != "/":
            self._send(HTTPStatus.NOT_FOUND, "<p>There is only one page, at /.</p>")
        else:
            self._send(HTTPStatus.OK, render_mailbox(self.mailbox))

    do_HEAD = do_GET

    def _send(self, status: HTTPStatus, page: str) -> None:
        content = page.encode()
        self.send_response(status)
        for name, value in {**_HEADERS, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None:
        """Print no requests between the lines of ``ory_dev``."""


def render_mailbox(mails: Iterable[Mail]) -> str:
    """Return the HTML of the page."""
    newest = list(mails)[: -MAX_MAILS - 1 : -1]
    context = Context({"mails": newest, "style": STYLE}, use_tz=False)  # the times are in UTC
    return Engine().from_string(_TEMPLATE).render(context)
