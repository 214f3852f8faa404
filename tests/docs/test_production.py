"""The page about production: signing in by a browser at the site that the page builds, by way of nginx."""

from __future__ import annotations

import configparser
import secrets
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from django_ory.client import OryClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import BrowserContext, BrowserType

    from tests.docs.reader import Reader
    from tests.support.guides import GuideRun

pytestmark = pytest.mark.page("docs/guides/production.md")

PASSWORD = "a quiet harbor at 5 am"


@pytest.fixture
def context(chromium: BrowserType, program: dict[str, Any]) -> Iterator[BrowserContext]:
    """A browser that finds all hosts at this machine, and trusts the certificate of the page."""
    arguments = [*program["args"], "--host-resolver-rules=MAP * 127.0.0.1"]
    with chromium.launch(**{**program, "args": arguments}) as browser:
        context = browser.new_context(ignore_https_errors=True)
        context.set_default_timeout(30_000)
        yield context


def test_browser_signs_in_with_the_cookie_of_the_other_host_and_signs_out(
    page_run: GuideRun, reader: Reader, context: BrowserContext
) -> None:
    email = f"p{secrets.token_hex(6)}@example.org"
    with OryClient(kratos_admin_url=f"http://127.0.0.1:{reader.ports[4434]}", timeout=20) as client:
        credentials = {"password": {"config": {"password": PASSWORD}}}
        client.admin_create_identity(
            body={"schema_id": "person", "traits": {"email": email}, "credentials": credentials}
        )
    page = context.new_page()
    page.goto(f"https://www.example.org:{reader.ports[8443]}/auth/settings/")
    page.locator("input[name=identifier]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("button[name=method][value=password]").click()
    expect(page.locator("input[name='traits.email']")).to_have_value(email)
    assert page.url.startswith(f"https://www.example.org:{reader.ports[8443]}/auth/settings/")
    [cookie] = [each for each in context.cookies() if each.get("name") == "ory_kratos_session"]
    assert (cookie["domain"], cookie["secure"], cookie["httpOnly"]) == (".example.org", True, True)

    page.goto(f"https://www.example.org:{reader.ports[8443]}/auth/logout/")
    page.locator("main form button").click()
    expect(page.locator("input[name=identifier]")).to_be_visible()
    page.goto(f"https://www.example.org:{reader.ports[8443]}/admin/")
    expect(page.locator("input[name=identifier]")).to_be_visible()


@pytest.mark.parametrize(
    ("service", "program", "environment"),
    [("kratos", "/usr/local/bin/kratos", "kratos.env"), ("site", "/srv/venv/bin/gunicorn", "site.env")],
)
def test_unit_of_systemd_runs_the_command_of_the_page(
    page_run: GuideRun, service: str, program: str, environment: str
) -> None:
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(page_run.current_folder / "deploy" / f"{service}.service")
    command = shlex.split(unit["Service"]["ExecStart"])
    [started] = [
        server.command
        for server in page_run.servers
        if f"/{environment} {Path(program).name} " in server.command
    ]
    assert command[0] == program
    assert command[1:] == shlex.split(started)[4:]
    assert unit["Service"]["EnvironmentFile"].endswith(f"/deploy/secrets/{environment}")


def test_secrets_are_not_in_the_printed_files(page_run: GuideRun) -> None:
    folder = page_run.current_folder / "deploy"
    values = [
        line.partition("=")[2]
        for file in (folder / "secrets").glob("*.env")
        for line in file.read_text().splitlines()
        if line.startswith(("DSN", "SECRET", "DATABASE_PASSWORD"))
    ]
    assert len(values) == 8
    for name in ("kratos.yml", "hydra.yml", "site.conf"):
        text = (folder / name).read_text()
        assert not any(value in text for value in values), name
