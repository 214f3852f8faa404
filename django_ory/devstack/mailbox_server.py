"""The mailbox as a page, for ``ory_dev``: every mail that the stack received, the newest first.

It listens on this machine only and accepts local host names only, because it shows the codes of all accounts.
"""

from __future__ import annotations

import base64
import hashlib
import re
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final

from django.utils.html import format_html, format_html_join

from .errors import DevstackError
from .ports import HOST, require_free

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .mails import Mail, Mailbox

__all__ = ["MailboxServer", "render_mailbox"]

MAX_MAILS: Final = 100
"""How many mails the page shows."""

STYLE: Final = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
article { border-top: 1px solid; padding: 1rem 0; }
h2 { font-size: 1.125rem; margin: 0; }
p { margin: .25rem 0; }
pre { white-space: pre-wrap; font: inherit; }
.code { font: 600 1.5rem ui-monospace, monospace; }
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
_URL: Final = re.compile(r"(https?://[^\s<>\"']*[^\s<>\"'.,;:!?)])")
# Prevents DNS rebinding: a page of another site could read the mails under a host name of its own.
_NAMES: Final = frozenset({"localhost", HOST})


class MailboxServer:
    """Serves the page on a port of this machine, in a separate thread."""

    def __init__(self, mails: Mailbox, *, port: int) -> None:
        self.port = port
        self._mails = mails
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """The address of the page."""
        return f"http://localhost:{self.port}/"

    def start(self) -> None:
        """Start the server. Raises DevstackError if it cannot listen on its port."""
        require_free(self.port, "the mailbox (page)")
        mails = self._mails

        class Handler(_Handler):
            mailbox = mails

        try:
            self._server = ThreadingHTTPServer((HOST, self.port), Handler)
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
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def _answer(self) -> None:
        if self.headers.get("Host", "").partition(":")[0].lower() not in _NAMES:
            self._send(HTTPStatus.FORBIDDEN, "<p>Open this page as http://localhost.</p>")
        elif self.path.partition("?")[0] != "/":
            self._send(HTTPStatus.NOT_FOUND, "<p>There is only one page, at /.</p>")
        else:
            self._send(HTTPStatus.OK, render_mailbox(self.mailbox))

    def _send(self, status: HTTPStatus, page: str) -> None:
        content = page.encode()
        self.send_response(status)
        for name, value in {**_HEADERS, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None:
        """Requests are not printed between the lines of ``ory_dev``."""


def render_mailbox(mails: Iterable[Mail]) -> str:
    """Return the page. Mails are shown as text, because their HTML could load external content."""
    newest = list(mails)[: -MAX_MAILS - 1 : -1]
    articles = format_html_join("\n", "{}", ((_render_mail(mail),) for mail in newest))
    return format_html(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Mailbox</title>'
        '<meta name="viewport" content="width=device-width"><style>{}</style>'
        "<h1>Mailbox</h1><p>Mails of the development stack, the newest first. "
        '<a href="/">Reload</a></p>{}</html>',
        STYLE,  # has nothing to escape
        articles or "No mail yet.",
    )


def _render_mail(mail: Mail) -> str:
    code = format_html('<p>Code: <span class="code">{}</span></p>', mail.code) if mail.code else ""
    return format_html(
        "<article><h2>{}</h2><p>To {}, {} UTC</p>{}<pre>{}</pre></article>",
        mail.subject or "(no subject)",
        mail.to,
        mail.received_at.strftime("%H:%M:%S"),
        code,
        _with_links(mail.text or mail.html),
    )


def _with_links(text: str) -> str:
    """Return the text, escaped, with its http and https addresses as links."""
    parts = _URL.split(text)
    return format_html_join(
        "",
        "{}",
        (
            (format_html('<a href="{0}">{0}</a>', part) if index % 2 else part,)
            for index, part in enumerate(parts)
        ),
    )
