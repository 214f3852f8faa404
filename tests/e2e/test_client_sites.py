"""Clients that others wrote sign in with Toolshelf, on servers that ``ory_config`` configured.

The site with Authlib is built by following its page of the docs to the letter. ``tests/docs`` has the sites
with mozilla-django-oidc and django-allauth.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from playwright.sync_api import expect

from django_ory.client import OryClient
from django_ory.devstack.ports import find_free_ports, is_free
from django_ory.devstack.servers.process import ChildProcess
from tests.support.guides import ROOT, Environments, GuideRun

from .client_sites import (
    allow,
    check_logs,
    expect_heading,
    expect_welcome,
    sign_out_of_both,
    sign_out_of_the_provider_alone,
    start,
)
from .printed_config import run_printed_stack
from .servers import EXAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from django_ory.devstack import StackAddresses

    from .servers import ServedSite
    from .visitor import Visitor


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[StackAddresses, ServedSite]]:
    [mcp_port] = find_free_ports(1)
    agents = {"TOOLSHELF_AGENTS": "on", "MCP_URL": f"http://localhost:{mcp_port}/mcp"}
    with run_printed_stack(tmp_path_factory.mktemp("printed"), **agents) as (stack, site):
        yield stack, site
        assert "Traceback" not in site.read_log()


@pytest.fixture(scope="module")
def stack(printed: tuple[StackAddresses, ServedSite]) -> StackAddresses:
    return printed[0]


@pytest.fixture(scope="module")
def hydra(stack: StackAddresses) -> Iterator[OryClient]:
    with OryClient(hydra_admin_url=stack.hydra_admin_url, timeout=30.0) as client:
        yield client


@pytest.fixture(scope="module")
def reading_circle(stack: StackAddresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuideRun]:
    """The site of the page about Authlib, at the port ``ports[8001]``."""
    [port] = find_free_ports(1)
    run = GuideRun(
        ROOT / "docs" / "guides" / "authlib.md",
        tmp_path_factory.mktemp("authlib"),
        Environments(tmp_path_factory.mktemp("environments")),
        ports={4444: stack.ports.hydra_public, 4445: stack.ports.hydra_admin, 8001: port},
        elsewhere=frozenset({"python manage.py ory_dev", "cd .."}),  # Toolshelf is the provider
    )
    with run:
        assert run.follow().illustrations == []
        yield run
    check_logs(run.folder)


@pytest.fixture
def mcp_url(printed: tuple[StackAddresses, ServedSite], tmp_path: Path) -> Iterator[str]:
    """The MCP server of Toolshelf, a process beside its site."""
    environment = printed[1].environment
    url, log = environment["MCP_URL"], tmp_path / "uvicorn.log"
    port = str(urlsplit(url).port)
    command = [sys.executable, "-m", "uvicorn", "toolshelf.asgi:application", "--port", port]
    server = ChildProcess(command, log=log, env=environment, cwd=EXAMPLE)
    try:
        deadline = time.monotonic() + 120
        while is_free(int(port)):
            assert server.get_returncode() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield url
    finally:
        server.stop(timeout=5)
    assert "Traceback" not in log.read_text(), log.read_text()[-6000:]


@pytest.fixture
def alma(member: Callable[..., Visitor], stack: StackAddresses) -> Visitor:
    return member(stack=stack, javascript=False)


def test_authlib_signs_in_refreshes_revokes_and_signs_out(
    alma: Visitor, reading_circle: GuideRun, hydra: OryClient
) -> None:
    page, url = alma.page, f"http://localhost:{reading_circle.ports[8001]}"
    start(alma, url)
    alma.fill_in_sign_in()
    expect_heading(page, "Allow Reading circle?")
    alma.press("Deny")
    expect(page.get_by_role("alert")).to_have_text("The club answered: access_denied")
    start(alma, url)
    allow(alma, "Reading circle")
    expect_welcome(alma)
    [consent] = hydra.admin_list_o_auth2_subject_consent_sessions(subject=get_subject(alma))
    assert set(consent.grant_scope) == {"openid", "profile", "email", "offline_access"}

    for _ in range(2):  # the second time with the refresh token of the first
        alma.press("Refresh")
        expect_welcome(alma)

    sign_out_of_both(alma, reading_circle.folder)
    expect_heading(page, "Reading circle")
    start(alma, url)
    alma.fill_in_sign_in()
    expect_welcome(alma)  # without a question
    alma.page.context.clear_cookies(name="reading_session")
    start(alma, url)
    expect_welcome(alma)  # without any page

    alma.press("Disconnect")
    expect_welcome(alma)
    alma.press("Refresh")
    expect(page.get_by_role("alert")).to_have_text("The club answered: invalid_grant")

    sign_out_of_the_provider_alone(alma, reading_circle.folder)
    page.goto(url)
    expect_heading(page, "Reading circle")


def test_machine_gets_and_renews_and_revokes_its_own_token(stack: StackAddresses, hydra: OryClient) -> None:
    machine = hydra.admin_create_o_auth2_client(
        body={
            "grant_types": ["client_credentials"],
            "scope": "loans.overdue",
            "audience": [f"{stack.site_url}/api"],
            "token_endpoint_auth_method": "client_secret_basic",
        }
    )
    server = f"{stack.hydra_public_url}/oauth2"
    with OAuth2Session(
        machine.client_id,
        machine.client_secret,
        scope="loans.overdue",
        grant_type="client_credentials",
        token_endpoint=f"{server}/token",
        default_timeout=10,
    ) as session:
        audience = {"audience": f"{stack.site_url}/api"}
        old = session.fetch_token(**audience)["access_token"]
        overdue = f"{stack.site_url}/api/loans/overdue/"
        assert session.get(overdue).json()["results"] == []
        assert session.get(f"{stack.site_url}/api/loans/").status_code == 403  # for members
        new = session.fetch_token(**audience)["access_token"]
        assert new != old
        session.revoke_token(f"{server}/revoke", new, "access_token").raise_for_status()
        assert session.get(overdue).status_code == 401
        with pytest.raises(OAuthError, match="invalid_request"):
            session.fetch_token(audience="https://other.example")


def test_mcp_client_registers_signs_in_refreshes_and_asks_for_more(
    alma: Visitor, mcp_url: str, hydra: OryClient, tmp_path: Path
) -> None:
    [port] = find_free_ports(1)
    output = tmp_path / "assistant.log"
    with output.open("w") as log:
        program = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.mcp_program", mcp_url, str(port)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )

    def read() -> dict[str, Any]:
        assert program.stdout is not None
        line = program.stdout.readline()
        assert line, output.read_text()[-6000:]
        return dict(json.loads(line))

    try:
        request = read()
        client = hydra.admin_get_o_auth2_client(request["client"])
        assert client.redirect_uris == [f"http://localhost:{port}/callback"]
        assert (client.audience, client.token_endpoint_auth_method) == ([mcp_url], "none")
        hydra.set_o_auth2_client_lifespans(
            request["client"], body={"authorization_code_grant_access_token_lifespan": "5s"}
        )
        alma.page.goto(request["open"])
        alma.fill_in_sign_in()
        expect_heading(alma.page, "Allow Assistant?")
        alma.press("Allow")
        expect_heading(alma.page, "Return to the assistant")
        first = read()
        assert "apple-press" in {tool["id"] for tool in first["result"]["result"]}
        assert set(first["scope"].split()) == {"loans.read", "offline_access"}

        assert read() == {"result": {"result": []}, "token_count": 2}

        alma.page.goto(read()["open"])
        expect_heading(alma.page, "Allow Assistant?")
        for box in alma.page.get_by_role("checkbox").all():
            box.check()
        alma.press("Allow")
        expect_heading(alma.page, "Return to the assistant")
        last = read()
        assert last["result"]["tool_id"] == "apple-press"
        assert "loans.write" in last["scope"].split()
        assert program.wait(30) == 0, output.read_text()[-6000:]
    finally:
        program.kill()
        program.communicate()


def get_subject(alma: Visitor) -> str:
    with OryClient(kratos_admin_url=alma.stack.kratos_admin_url, timeout=30.0) as kratos:
        [identity] = kratos.admin_list_identities(credentials_identifier=alma.email)
    return identity.id
