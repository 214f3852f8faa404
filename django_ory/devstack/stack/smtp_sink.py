"""An SMTP server that stores each mail as a file. Requires aiosmtpd, of the extra ``django-ory[dev]``."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django_ory.devstack.errors import import_dev_package
from django_ory.devstack.ports import HOST, require_free_port


@contextmanager
def run_smtp_sink(folder: Path, *, port: int) -> Iterator[None]:
    """Write mails as ``*.eml`` files into a folder, in a separate thread, until the end of the block.

    Raises DevstackError if the port is in use or aiosmtpd is missing.
    """
    controller_class: Any = import_dev_package("aiosmtpd.controller").Controller
    require_free_port(port, "the mailbox (SMTP)")  # the controller would wait for its timeout
    folder.mkdir(parents=True, exist_ok=True)
    controller = controller_class(_MailHandler(folder), hostname=HOST, port=port, ready_timeout=10)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


class _MailHandler:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:
        """Store a mail. aiosmtpd calls this method by its name."""
        name = f"{time.time_ns() // 1000:016d}-{next(self._numbers)}"
        recipients = f"X-RcptTo: {', '.join(envelope.rcpt_tos)}\r\n".encode()
        # Readers look for *.eml only, so they never read an incomplete file.
        part = self._folder / f"{name}.part"
        part.write_bytes(recipients + envelope.original_content)
        part.rename(self._folder / f"{name}.eml")
        return "250 Message accepted for delivery"
