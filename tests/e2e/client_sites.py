"""Steps of a user of two sites: one that follows a guide, and the provider with which that one signs in."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from .visitor import Visitor

__all__ = [
    "allow",
    "check_logs",
    "expect_heading",
    "expect_welcome",
    "sign_out_of_both",
    "sign_out_of_the_provider_alone",
    "start",
]


def expect_heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def start(alma: Visitor, url: str) -> None:
    """Use the "Sign in" of a site, which is a link or a button."""
    alma.page.goto(url)
    alma.page.get_by_role("link", name="Sign in").or_(alma.page.get_by_role("button", name="Sign in")).click()


def allow(alma: Visitor, app: str) -> None:
    """Allow the access, and choose not to be asked again."""
    expect_heading(alma.page, f"Allow {app}?")
    alma.field("Don't ask again").check()
    alma.press("Allow")


def expect_welcome(alma: Visitor) -> None:
    expect_heading(alma.page, f"Welcome, {alma.first} {alma.last}")
    expect(alma.page.get_by_text(alma.email)).to_be_visible()


def sign_out_of_both(alma: Visitor, folder: Path) -> None:
    """Sign out at the site, and of the provider as well. ``folder``: that of the guide."""
    with expect_logout_token(alma, folder):
        alma.press("Sign out")
        expect_heading(alma.page, "Sign out?")
        alma.press("Sign out")


def sign_out_of_the_provider_alone(alma: Visitor, folder: Path) -> None:
    """Sign out at the provider, which reaches the site by Hydra's logout token."""
    with expect_logout_token(alma, folder):
        alma.page.goto(f"{alma.stack.site_url}/auth/logout/")
        alma.press("Sign out")


@contextmanager
def expect_logout_token(alma: Visitor, folder: Path) -> Iterator[None]:
    """Wait at the end until the site has accepted the logout token that Hydra posts after its response."""
    accepted = '"POST /oidc/backchannel-logout/ HTTP/1.1" 200'
    before = read_logs(folder).count(accepted)
    yield
    deadline = time.monotonic() + 30
    while (logs := read_logs(folder)).count(accepted) == before:
        assert time.monotonic() < deadline, logs[-4000:]
        alma.page.wait_for_timeout(100)


def check_logs(folder: Path) -> None:
    """Fail if a server of the guide has printed a traceback."""
    logs = read_logs(folder)
    assert "Traceback" not in logs, logs[-6000:]


def read_logs(folder: Path) -> str:
    return "".join(log.read_text() for log in sorted(folder.glob("server-*.log")))
