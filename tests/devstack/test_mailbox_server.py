from __future__ import annotations

import base64
import hashlib
import http.client
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from django_ory.devstack.errors import DevstackError
from django_ory.devstack.ports import HOST, find_free_ports
from django_ory.devstack.stack.mailbox_server import MAX_MAILS, STYLE, render_mailbox, serve_mailbox
from django_ory.devstack.stack.mails import Mail

from .test_mails import put

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    (port,) = find_free_ports(1)
    with serve_mailbox(tmp_path, port=port):
        yield port


def request(
    port: int, *, path: str = "/", host: str = "", method: str = "GET"
) -> tuple[http.client.HTTPResponse, str]:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    connection.request(method, path, headers={"Host": host or f"localhost:{port}"})
    response = connection.getresponse()
    content = response.read().decode()
    connection.close()
    return response, content


def mail(text: str = "Hello", **changes: str) -> Mail:
    fields = {"id": "1", "to": "eva@example.com", "subject": "Hi", "text": text, "html": "", **changes}
    return Mail(**fields, received_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))


def test_page_shows_new_mails_first(port: int, tmp_path: Path) -> None:
    assert "No mail yet." in request(port)[1]
    put(tmp_path, 1, subject="First")
    put(tmp_path, 2, subject="Second")
    response, page = request(port)
    assert response.status == 200
    assert page.index("Second") < page.index("First")
    assert "plain ünïcode" in page


def test_markup_in_mails_is_escaped() -> None:
    evil = '<script>alert(1)</script><img src=x onerror="alert(1)">'
    page = render_mailbox([mail(evil, to=evil, subject=evil), mail("", html=evil)])
    assert "<script" not in page
    assert "<img" not in page
    assert page.count("&lt;script&gt;") == 4


@pytest.mark.parametrize(
    ("text", "link"),
    [
        (
            "see http://localhost:4433/a?b=1&c=2.",
            '<a href="http://localhost:4433/a?b=1&amp;c=2" rel="nofollow">',
        ),
        ('https://example.com/"onclick="x', '<a href="https://example.com/%22onclick=%22x" rel="nofollow">'),
    ],
)
def test_urls_in_mails_become_links(text: str, link: str) -> None:
    assert link in render_mailbox([mail(text)])


def test_javascript_url_does_not_become_a_link() -> None:
    assert '<a href="javascript' not in render_mailbox([mail("javascript:alert(1)")])


def test_code_and_time_are_shown() -> None:
    page = render_mailbox([mail("The code:\n\n123456\n")])
    assert '<span class="code">123456</span>' in page
    assert "To eva@example.com, 03:04:05 UTC" in page


def test_only_the_newest_mails_are_shown() -> None:
    page = render_mailbox([mail(subject=f"Mail {number}.") for number in range(MAX_MAILS + 5)])
    assert page.count("<article>") == MAX_MAILS
    assert "Mail 4." not in page
    assert f"Mail {MAX_MAILS + 4}." in page


def test_content_security_policy_allows_the_style_only(port: int) -> None:
    response, page = request(port)
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    assert f"<style>{STYLE}</style>" in page
    assert response.headers["Content-Security-Policy"] == f"default-src 'none'; style-src 'sha256-{digest}'"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8025", "localhost.evil.example", "192.0.2.1"])
def test_foreign_host_name_gets_no_mails(port: int, tmp_path: Path, host: str) -> None:
    put(tmp_path, 1, subject="Secret")
    response, page = request(port, host=host)
    assert response.status == 403
    assert "Secret" not in page


def test_other_paths_and_methods_are_rejected(port: int) -> None:
    assert request(port, path="/../secrets.json")[0].status == 404
    assert request(port, path="/?reload=1")[0].status == 200
    assert request(port, method="POST")[0].status == 501


def test_server_listens_on_this_machine_only(port: int) -> None:
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", port), timeout=5)


def test_port_in_use_raises_its_number(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(DevstackError, match=f"Port {port}, needed by the mailbox"),
            serve_mailbox(tmp_path, port=port),
        ):
            pass


def test_end_of_the_block_frees_the_port(tmp_path: Path) -> None:
    (port,) = find_free_ports(1)
    with serve_mailbox(tmp_path, port=port):
        pass
    with socket.create_server((HOST, port)):
        pass
