from __future__ import annotations

import smtplib
import socket
import sys
import time
from typing import TYPE_CHECKING

import pytest

from django_ory.devstack.errors import DevstackError
from django_ory.devstack.ports import HOST, find_free_ports, is_free
from django_ory.devstack.stack.mails import read_mails, run_smtp_sink

if TYPE_CHECKING:
    from pathlib import Path


def test_mails_become_files(tmp_path: Path) -> None:
    (port,) = find_free_ports(1)
    with run_smtp_sink(tmp_path / "mails", port=port), smtplib.SMTP(HOST, port) as smtp:
        for number in range(3):
            smtp.sendmail("a@x.example", ["b@x.example", "c@x.example"], f"Subject: {number}\r\n\r\nBody")
    mails = read_mails(tmp_path / "mails")
    assert [mail.subject for mail in mails] == ["0", "1", "2"]
    assert mails[0].to == "b@x.example, c@x.example"
    assert mails[0].text.strip() == "Body"
    assert is_free(port)


def test_port_in_use_raises_at_once(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        started = time.monotonic()
        with (
            pytest.raises(DevstackError, match=f"Port {port}, needed by the mailbox"),
            run_smtp_sink(tmp_path, port=port),
        ):
            pass
    assert time.monotonic() - started < 5


def test_missing_aiosmtpd_raises_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiosmtpd.controller", None)
    with pytest.raises(DevstackError, match=r"django-ory\[dev\]"), run_smtp_sink(tmp_path, port=1):
        pass
