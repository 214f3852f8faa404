"""An SMTP server that keeps every mail as a file; made with aiosmtpd, of the extra ``django-ory[dev]``."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING, Any

from .errors import DevstackError
from .extra import require
from .ports import HOST, require_free

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MailSink"]


class MailSink:
    """Listens on a port of this machine, in a thread of its own, and writes ``*.eml`` files into a folder."""

    def __init__(self, folder: Path, *, port: int) -> None:
        self._folder = folder
        self._port = port
        self._make_controller: Any = require("aiosmtpd.controller").Controller
        self._controller: Any = None

    def start(self) -> None:
        """Return when it listens.

        Raises DevstackError if it cannot.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        require_free(self._port, "the mailbox (SMTP)")  # at once; the controller would wait for its timeout
        keep = _Keep(self._folder)
        controller = self._make_controller(keep, hostname=HOST, port=self._port, ready_timeout=10)
        try:
            controller.start()
        except OSError as error:
            controller.stop()
            controller.loop.close()
            raise DevstackError(f"The mailbox cannot listen on port {self._port}: {error}") from error
        self._controller = controller

    def stop(self) -> None:
        """Return when it has ended."""
        self._controller.stop()


class _Keep:
    """What aiosmtpd calls for each mail."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:
        name = f"{time.time_ns() // 1000:016d}-{next(self._numbers)}"
        head = f"X-RcptTo: {', '.join(envelope.rcpt_tos)}\r\n".encode()
        # Readers look at *.eml only: they never see half a file.
        part = self._folder / f"{name}.part"
        part.write_bytes(head + envelope.original_content)
        part.rename(self._folder / f"{name}.eml")
        return "250 Message accepted for delivery"
