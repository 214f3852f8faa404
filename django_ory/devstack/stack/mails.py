"""Reads the mails that the SMTP sink has stored, one ``.eml`` file each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path

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
