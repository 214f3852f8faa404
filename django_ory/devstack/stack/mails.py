"""Mails of a stack: the SMTP server that stores each one as an ``.eml`` file, and the reader of these files.

The server requires aiosmtpd, of the extra ``django-ory[dev]``.
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path
from typing import Any

from django_ory.devstack.errors import import_dev_package
from django_ory.devstack.ports import HOST, require_free_port

# The sink names files by the time of arrival in microseconds since 1970, and a number.
_FILE_NAME = re.compile(r"(\d{16})-\d+")

# A code is alone on its line. A link is at the start of a line.
_CODE_LINE = re.compile(r"^[ \t]*(\d{4,10})[ \t]*\r?$", re.MULTILINE)
_LINK_LINE = re.compile(r"^[ \t]*(https?://\S+)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One received mail."""

    id: str
    """The name of its file without the suffix."""
    to: str
    """The addresses of the recipients, separated by commas."""
    subject: str
    text: str
    html: str
    received_at: datetime

    @property
    def code(self) -> str:
        """The one-time code in the text, or an empty text."""
        found = _CODE_LINE.search(self.text)
        return found[1] if found else ""

    @property
    def link(self) -> str:
        """The first link in the text, or an empty text."""
        found = _LINK_LINE.search(self.text)
        return found[1] if found else ""


def read_mails(folder: Path) -> list[Mail]:
    """Return all mails in the folder, the oldest first. The folder may be missing."""
    return [_parse(path) for path in sorted(folder.glob("*.eml")) if _FILE_NAME.fullmatch(path.stem)]


@lru_cache(maxsize=10_000)  # files do not change once they have their name
def _parse(path: Path) -> Mail:
    message: EmailMessage = message_from_bytes(path.read_bytes(), policy=policy.default)
    found = _FILE_NAME.fullmatch(path.stem)
    microseconds = int(found[1]) if found else 0
    return Mail(
        id=path.stem,
        to=str(message["X-RcptTo"] or message["To"] or ""),
        subject=str(message["Subject"] or ""),
        text=_get_body(message, "plain"),
        html=_get_body(message, "html"),
        received_at=datetime.fromtimestamp(microseconds / 1_000_000, UTC),
    )


def _get_body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    content = part.get_content() if part is not None else ""
    return content if isinstance(content, str) else ""


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
