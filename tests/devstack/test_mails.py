from __future__ import annotations

import threading
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest

from django_ory.devstack.ports import Ports
from django_ory.devstack.stack.mails import _parse, read_mails
from django_ory.devstack.stack.plan import StackAddresses

if TYPE_CHECKING:
    from pathlib import Path


def put(
    folder: Path, moment: int, to: str = "eva@example.com", subject: str = "Hello", *, html: bool = False
) -> None:
    message = EmailMessage()
    message["To"] = to
    message["Subject"] = subject
    message.set_content("plain ünïcode")
    if html:
        message.add_alternative("<p>rich</p>", subtype="html")
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{moment:016d}-1.part"  # as the SMTP server: a mail gets its name when it is whole
    unfinished.write_bytes(message.as_bytes())
    unfinished.rename(unfinished.with_suffix(".eml"))


def stack(folder: Path) -> StackAddresses:
    """A stack with its mails in this folder."""
    found = StackAddresses(folder=folder, site_url="http://localhost:8000", ports=Ports())
    found.mail_folder = folder
    return found


def test_missing_folder_has_no_mails(tmp_path: Path) -> None:
    assert read_mails(tmp_path / "none") == []


def test_mails_are_read_oldest_first(tmp_path: Path) -> None:
    put(tmp_path, 1_800_000_000_000_000, subject="Später")
    put(tmp_path, 1_700_000_000_000_000, html=True)
    (tmp_path / "notes.eml").write_text("not ours")
    (tmp_path / f"{5:016d}-1.part").write_text("half")
    first, second = read_mails(tmp_path)
    assert (first.id, first.to, first.subject) == ("1700000000000000-1", "eva@example.com", "Hello")
    assert (first.text.strip(), first.html.strip()) == ("plain ünïcode", "<p>rich</p>")
    assert first.received_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert (second.subject, second.html) == ("Später", "")


def test_recipients_come_from_the_envelope(tmp_path: Path) -> None:
    (tmp_path / f"{1:016d}-1.eml").write_bytes(
        b"X-RcptTo: a@x.example, b@x.example\r\nTo: c@x.example\r\n\r\n"
    )
    assert read_mails(tmp_path)[0].to == "a@x.example, b@x.example"


def test_mail_without_headers_or_text_is_read(tmp_path: Path) -> None:
    (tmp_path / f"{1:016d}-1.eml").write_bytes(b"\r\n")
    (tmp_path / f"{2:016d}-1.eml").write_bytes(b"Content-Type: image/png\r\n\r\nx")
    assert [(mail.to, mail.subject, mail.text.strip(), mail.html) for mail in read_mails(tmp_path)] == [
        ("", "", "", "")
    ] * 2


def test_deleted_mail_is_not_returned(tmp_path: Path) -> None:
    put(tmp_path, 1)
    put(tmp_path, 2)
    assert len(read_mails(tmp_path)) == 2
    next(tmp_path.glob("*1-1.eml")).unlink()
    assert [mail.id for mail in read_mails(tmp_path)] == [f"{2:016d}-1"]


def test_wait_returns_the_newest_mail_with_recipient_and_subject(tmp_path: Path) -> None:
    put(tmp_path, 1, subject="Code 1")
    put(tmp_path, 2, subject="Code 2")
    put(tmp_path, 3, subject="Other")
    put(tmp_path, 4, to="tom@example.com", subject="Code 3")
    assert stack(tmp_path).wait_for_mail("eva@example.com", subject_contains="Code").subject == "Code 2"


def test_wait_returns_a_mail_newer_than_after(tmp_path: Path) -> None:
    put(tmp_path, 1)
    (first,) = read_mails(tmp_path)
    timer = threading.Timer(0.2, put, (tmp_path, 2, "eva@example.com", "Second"))
    timer.start()
    assert stack(tmp_path).wait_for_mail("eva@example.com", after=first.id, timeout=5).subject == "Second"
    timer.join()


def test_timeout_names_the_recipients_of_other_mails(tmp_path: Path) -> None:
    with pytest.raises(TimeoutError, match="Last mails: none"):
        stack(tmp_path).wait_for_mail("eva@example.com", timeout=0)
    put(tmp_path, 1, to="tom@example.com")
    with pytest.raises(TimeoutError, match=r"No mail to eva@example\.com .* tom@example\.com: Hello"):
        stack(tmp_path).wait_for_mail("eva@example.com", timeout=0)


def test_each_file_is_parsed_once(tmp_path: Path) -> None:
    for moment in range(1, 21):
        put(tmp_path, moment)
    before = _parse.cache_info().misses
    assert read_mails(tmp_path) == read_mails(tmp_path)
    put(tmp_path, 21)
    assert read_mails(tmp_path)[-1] == stack(tmp_path).wait_for_mail("eva@example.com")
    assert _parse.cache_info().misses - before == 21


@pytest.mark.parametrize(
    ("text", "code", "link"),
    [
        # As Kratos v1.3.1 writes them.
        (
            "Hi,\n\nthe code:\n\n048319\n\nor the link:\n\nhttp://localhost:4433/verification?code=048319&flow=1\n",
            "048319",
            "http://localhost:4433/verification?code=048319&flow=1",
        ),
        ("Hi,\r\n\r\nthe code:\r\n\r\n707899\r\n\r\n", "707899", ""),
        ("Your account since 2024 has 12345 points", "", ""),
        ("", "", ""),
    ],
)
def test_code_and_link_are_found_in_the_text(tmp_path: Path, text: str, code: str, link: str) -> None:
    message = EmailMessage()
    message.set_content(text, cte="quoted-printable")
    (tmp_path / f"{1:016d}-1.eml").write_bytes(message.as_bytes())
    (mail,) = read_mails(tmp_path)
    assert (mail.code, mail.link) == (code, link)
