"""Clients that others wrote sign in with Toolshelf, on servers that ``ory_config`` configured.

The test builds the three sites by following their pages of the docs to the letter.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
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

from .printed_config import run_printed_stack
from .servers import EXAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from django_ory.devstack import StackAddresses

    from .servers import ServedSite
    from .visitor import Visitor

GUIDES = ROOT / "docs" / "guides"
#: Page of the docs -> port of its site.
SITES = {"authlib": "8001", "mozilla-django-oidc": "8002", "django-allauth": "8003"}
#: The folders of the running sites.
SITE_FOLDERS: dict[str, Path] = {}
#: Seconds after which the site with mozilla-django-oidc asks the provider again, without a page.
RENEWAL = 3


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
def sites(stack: StackAddresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The sites of the pages. Returns their URLs by the name of the page."""
    environments = Environments(tmp_path_factory.mktemp("environments"))
    urls = {}
    with ExitStack() as closing, ThreadPoolExecutor() as pool:
        runs = []
        for (name, usual), port in zip(SITES.items(), find_free_ports(len(SITES)), strict=True):
            urls[name] = f"http://localhost:{port}"
            replace = {
                "http://localhost:4444": stack.hydra_public_url,
                "http://localhost:4445": stack.hydra_admin_url,
                f"localhost:{usual}": f"localhost:{port}",
                "ID_TOKEN_EXPIRY_SECONDS = 900": f"ID_TOKEN_EXPIRY_SECONDS = {RENEWAL}",
            }
            run = GuideRun(
                GUIDES / f"{name}.md",
                tmp_path_factory.mktemp(name),
                environments,
                replace=replace,
                elsewhere=frozenset({"python manage.py ory_dev", "cd .."}),  # Toolshelf is the provider
            )
            runs.append(closing.enter_context(run))
        for run in pool.map(GuideRun.follow, runs):
            assert run.illustrations == []
        SITE_FOLDERS.update({name: run.folder for name, run in zip(SITES, runs, strict=True)})
        yield urls
    for run in runs:
        for log in run.folder.glob("server-*.log"):
            assert "Traceback" not in log.read_text(), log.read_text()[-6000:]


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


@contextmanager
def expect_logout_token(alma: Visitor, name: str) -> Iterator[None]:
    """Wait at the end until the site has accepted the logout token that Hydra posts after its response."""
    [log] = SITE_FOLDERS[name].glob("server-*.log")
    accepted = '"POST /oidc/backchannel-logout/ HTTP/1.1" 200'
    before = log.read_text().count(accepted)
    yield
    deadline = time.monotonic() + 30
    while log.read_text().count(accepted) == before:
        assert time.monotonic() < deadline, log.read_text()[-4000:]
        alma.page.wait_for_timeout(100)


def sign_out_of_both(alma: Visitor, name: str) -> None:
    """Sign out at the site, and of the provider as well."""
    with expect_logout_token(alma, name):
        alma.press("Sign out")
        expect_heading(alma.page, "Sign out?")
        alma.press("Sign out")


def sign_out_of_the_provider_alone(alma: Visitor, stack: StackAddresses, name: str) -> None:
    """Sign out at Toolshelf, which reaches the site by Hydra's logout token."""
    with expect_logout_token(alma, name):
        alma.page.goto(f"{stack.site_url}/auth/logout/")
        alma.press("Sign out")


def test_authlib_signs_in_refreshes_revokes_and_signs_out(
    alma: Visitor, sites: dict[str, str], stack: StackAddresses, hydra: OryClient
) -> None:
    page, url = alma.page, sites["authlib"]
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

    sign_out_of_both(alma, "authlib")
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

    sign_out_of_the_provider_alone(alma, stack, "authlib")
    page.goto(url)
    expect_heading(page, "Reading circle")


def test_mozilla_django_oidc_signs_in_renews_and_ends_with_the_provider(
    alma: Visitor, sites: dict[str, str], stack: StackAddresses
) -> None:
    page, url = alma.page, sites["mozilla-django-oidc"]
    start(alma, url)
    alma.fill_in_sign_in()
    expect_heading(page, "Allow Garden?")
    alma.press("Deny")
    expect(page.get_by_role("alert")).to_have_text("You are not signed in.")
    start(alma, url)
    alma.field("See your email address").uncheck()
    alma.press("Allow")
    expect_heading(page, f"Welcome, {alma.first} {alma.last}")
    expect(page.get_by_text(alma.email)).to_have_count(0)
    page.context.clear_cookies(name="garden_session")
    start(alma, url)
    alma.field("See your email address").check()
    allow(alma, "Garden")
    expect_welcome(alma)

    time.sleep(RENEWAL)
    with page.expect_request(re.compile("prompt=none")):
        page.goto(url)
    expect_welcome(alma)

    sign_out_of_both(alma, "mozilla-django-oidc")
    expect_heading(page, "Garden")
    start(alma, url)
    alma.fill_in_sign_in()
    expect_welcome(alma)

    sign_out_of_the_provider_alone(alma, stack, "mozilla-django-oidc")
    page.goto(url)
    expect_heading(page, "Garden")


def test_django_allauth_signs_in_and_signs_out(
    alma: Visitor, sites: dict[str, str], stack: StackAddresses
) -> None:
    page, url = alma.page, sites["django-allauth"]
    start(alma, url)
    alma.fill_in_sign_in()
    expect_heading(page, "Allow Choir?")
    alma.press("Deny")
    expect_heading(page, "Login Cancelled")
    start(alma, url)
    allow(alma, "Choir")
    expect_welcome(alma)

    page.context.clear_cookies(name="choir_session")
    start(alma, url)
    expect_welcome(alma)  # without any page

    sign_out_of_both(alma, "django-allauth")
    start(alma, url)
    expect_heading(page, "Sign in")
    alma.fill_in_sign_in()
    expect_welcome(alma)

    sign_out_of_the_provider_alone(alma, stack, "django-allauth")
    page.goto(url)
    expect_heading(page, "Choir")


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
