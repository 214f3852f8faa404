"""An SMTP server that stores each mail as a file. Requires aiosmtpd, of the extra ``django-ory[dev]``."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING, Any

from django_ory.devstack.errors import import_dev_package
from django_ory.devstack.ports import HOST, require_free_port

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["SmtpSink"]


class SmtpSink:
    """Listens on a port of this machine, in a separate thread, and writes ``*.eml`` files into a folder."""

    def __init__(self, folder: Path, *, port: int) -> None:
        self._folder = folder
        self._port = port
        self._numbers = itertools.count(1)
        self._controller_class: Any = import_dev_package("aiosmtpd.controller").Controller
        self._controller: Any = None

    def start(self) -> None:
        """Start the server and wait until the port is open. Raises DevstackError if the port is in use."""
        self._folder.mkdir(parents=True, exist_ok=True)
        require_free_port(self._port, "the mailbox (SMTP)")  # the controller would wait for its timeout
        self._controller = self._controller_class(self, hostname=HOST, port=self._port, ready_timeout=10)
        self._controller.start()

    def stop(self) -> None:
        """Stop the server and wait for the end."""
        self._controller.stop()

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:
        """Store a mail. aiosmtpd calls this method by its name."""
        name = f"{time.time_ns() // 1000:016d}-{next(self._numbers)}"
        recipients = f"X-RcptTo: {', '.join(envelope.rcpt_tos)}\r\n".encode()
        # Readers look for *.eml only, so they never read an incomplete file.
        part = self._folder / f"{name}.part"
        part.write_bytes(recipients + envelope.original_content)
        part.rename(self._folder / f"{name}.eml")
        return "250 Message accepted for delivery"
