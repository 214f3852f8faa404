"""The mails that the SMTP sink kept, one ``.eml`` file each. Reading needs nothing but the folder."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

__all__ = ["Mail", "Mailbox", "read_mails"]

# The sink names files by the time of arrival in microseconds since 1970, then a number that tells two of one
# moment apart.
_NAME = re.compile(r"(\d{16})-\d+")

# A code is alone on its line; a link begins one.
_CODE = re.compile(r"^[ \t]*(\d{4,10})[ \t]*\r?$", re.MULTILINE)
_LINK = re.compile(r"^[ \t]*(https?://\S+)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail that arrived."""

    id: str
    """The name of its file without the suffix."""
    to: str
    """The addresses it was sent to, separated by commas."""
    subject: str
    text: str
    html: str
    received_at: datetime

    @property
    def code(self) -> str:
        """The one-time code in the text, empty if there is none."""
        found = _CODE.search(self.text)
        return found[1] if found else ""

    @property
    def link(self) -> str:
        """The first link in the text, empty if there is none."""
        found = _LINK.search(self.text)
        return found[1] if found else ""


def read_mails(folder: Path) -> list[Mail]:
    """Every mail in the folder, the oldest first. An absent folder has none."""
    return [_read(path) for path in _files(folder)]


class Mailbox(Sequence[Mail]):
    """The mails of a folder as a list that is always current. Each file is read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, Mail] = {}

    def __len__(self) -> int:
        return len(_files(self.folder))

    def __iter__(self) -> Iterator[Mail]:
        return iter(self._current())

    def __reversed__(self) -> Iterator[Mail]:
        return reversed(self._current())

    @overload
    def __getitem__(self, index: int) -> Mail: ...
    @overload
    def __getitem__(self, index: slice) -> list[Mail]: ...
    def __getitem__(self, index: int | slice) -> Mail | list[Mail]:
        return self._current()[index]

    def wait_for_mail(
        self, to: str, *, subject_contains: str = "", after: str = "", timeout: float = 15.0
    ) -> Mail:
        """The newest mail to this address, waited for. ``after`` is the id of a mail that is not wanted
        again.

        Raises TimeoutError, naming who else got mail, if none comes in ``timeout`` seconds.
        """
        deadline = time.monotonic() + timeout
        while True:
            mails = self._current()
            for mail in reversed(mails):
                if mail.id > after and to in mail.to.split(", ") and subject_contains in mail.subject:
                    return mail
            if time.monotonic() > deadline:
                others = "; ".join(f"{mail.to}: {mail.subject}" for mail in mails[-5:]) or "none at all"
                raise TimeoutError(f"No mail to {to} in {timeout} seconds. The last ones were: {others}")
            time.sleep(0.05)

    def _current(self) -> list[Mail]:
        """All mails, the oldest first. A file never changes once it has its name."""
        known = self._read
        self._read = {
            path.stem: known[path.stem] if path.stem in known else _read(path) for path in _files(self.folder)
        }
        return list(self._read.values())


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.eml") if _NAME.fullmatch(path.stem))


def _read(path: Path) -> Mail:
    message: EmailMessage = message_from_bytes(path.read_bytes(), policy=policy.default)
    found = _NAME.fullmatch(path.stem)
    microseconds = int(found[1]) if found else 0
    return Mail(
        id=path.stem,
        to=str(message["X-RcptTo"] or message["To"] or ""),
        subject=str(message["Subject"] or ""),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        received_at=datetime.fromtimestamp(microseconds / 1_000_000, UTC),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    content = part.get_content() if part is not None else ""
    return content if isinstance(content, str) else ""
