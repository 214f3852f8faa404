"""The development stack itself, on real servers."""

from __future__ import annotations

import json
import smtplib
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from django_ory.devstack import SharedStack

pytestmark = pytest.mark.live


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.load(answer)


def test_both_servers_tell_their_version(ory_stack: SharedStack) -> None:
    assert get(f"{ory_stack.kratos_admin_url}/version") == {"version": "v1.3.1"}
    assert get(f"{ory_stack.hydra_admin_url}/version") == {"version": "v2.3.0"}


@pytest.mark.parametrize("number", range(4))
def test_mails_arrive(ory_stack: SharedStack, number: int) -> None:
    with smtplib.SMTP("127.0.0.1", ory_stack.plan.ports.smtp) as smtp:
        smtp.sendmail("a@example.com", [f"b{number}@example.com"], f"Subject: Hello {number}\r\n\r\nBody")
    mail = ory_stack.wait_for_mail(f"b{number}@example.com", "Hello")
    assert mail.text.strip() == "Body"
