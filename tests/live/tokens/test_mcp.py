"""The MCP server of the example site, called by the client of ``mcp`` with tokens of the real Hydra."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from asgiref.sync import async_to_sync

from django_ory.clients import get_client
from django_ory.devstack import StackAddresses
from django_ory.devstack.ports import find_free_ports
from django_ory.devstack.servers.process import ChildProcess
from tests.live.services import START_SECONDS

from .grants import CALLBACK, SECONDS, TokenClient, create_token_client
from .mcp_clients import HydraClientCredentials, MemoryStorage, authorize, connect, sign_in_by_code

ROOT = Path(__file__).resolve().parents[3]
PROJECT = ROOT / "example_project"

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def url(ory_stack: StackAddresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the MCP server of the example site."""
    folder = tmp_path_factory.mktemp("toolshelf")
    [port] = find_free_ports(1)
    address = f"http://localhost:{port}/mcp"
    environment = {
        **os.environ,
        **ory_stack.environment,
        "DJANGO_SETTINGS_MODULE": "toolshelf.settings",
        "MCP_URL": address,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{PROJECT}",
        "SQLITE_PATH": str(folder / "toolshelf.sqlite3"),
    }
    migrate = [sys.executable, "-m", "django", "migrate", "--verbosity=0"]
    subprocess.run(migrate, env=environment, cwd=PROJECT, check=True, timeout=120)
    log = folder / "uvicorn.log"
    command = [sys.executable, "-m", "uvicorn", "toolshelf.asgi:application", "--port", str(port)]
    server = ChildProcess(command, log=log, env=environment, cwd=PROJECT)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _is_served(address):
            if server.get_returncode() is not None or time.monotonic() > deadline:
                pytest.fail(f"The MCP server does not answer:\n{log.read_text()[-4000:]}")
            time.sleep(0.1)
        yield address
    finally:
        server.stop(timeout=5)
    assert "Traceback" not in log.read_text()


def _is_served(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=SECONDS).status_code == 401
    except httpx2.HTTPError:
        return False


@pytest.fixture(autouse=True)
def use_stack(ory_stack: StackAddresses, settings: Any) -> None:
    settings.ORY = ory_stack.ory_setting


@pytest.fixture
def create_agent(ory_stack: StackAddresses, url: str) -> Callable[..., TokenClient]:
    """A client that may ask for tokens for the MCP server."""

    def create(scope: str = "loans.read loans.write", **values: Any) -> TokenClient:
        audience = [url, "https://other.example"]
        return create_token_client(ory_stack, strategy="opaque", scope=scope, audience=audience, **values)

    return create


def build_auth(url: str, agent: TokenClient) -> HydraClientCredentials:
    issuer = agent.stack.hydra_public_url
    return HydraClientCredentials(url, MemoryStorage(), agent.id, agent.secret, issuer=issuer)


def post(url: str, name: str, *, token: str = "") -> httpx2.Response:
    """A tool call as one HTTP request."""
    headers = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": {}}}
    return httpx2.post(url, json=message, headers=headers, timeout=SECONDS)


def test_client_credentials_find_hydra_and_call_a_tool(url: str, create_agent: Any) -> None:
    auth = build_auth(url, create_agent())

    async def run() -> Any:
        async with connect(url, auth) as client:
            names = {tool.name for tool in (await client.list_tools()).tools}
            return names, (await client.call_tool("list_tools")).structured_content

    names, tools = async_to_sync(run)()
    assert names == {"list_tools", "list_my_loans", "borrow_tool", "return_tool"}
    assert {"id": "apple-press", "name": "Apple press", "is_available": True} in tools["result"]


def test_client_asks_for_the_scope_of_a_tool_when_it_is_needed(url: str, create_agent: Any) -> None:
    auth = build_auth(url, create_agent())

    async def run() -> Any:
        async with connect(url, auth) as client:
            await client.call_tool("list_tools")
            assert auth.context.current_tokens is not None
            first = auth.context.current_tokens.scope
            result = await client.call_tool("borrow_tool", {"tool_id": "apple-press"})
            return first, auth.context.current_tokens.scope, result

    first, second, result = async_to_sync(run)()
    assert (first, set(second.split())) == ("loans.read", {"loans.read", "loans.write"})
    assert result.is_error  # with the scope, but without a user
    assert "needs a user" in result.content[0].text


def test_request_without_token_names_the_metadata_which_name_hydra(
    url: str, ory_stack: StackAddresses
) -> None:
    response = post(url, "list_tools")
    assert response.status_code == 401
    found = re.search(r'resource_metadata="([^"]+)"', response.headers["WWW-Authenticate"])
    assert found is not None
    metadata = httpx2.get(found[1], timeout=SECONDS).json()
    assert metadata["resource"] == url
    [issuer] = metadata["authorization_servers"]
    discovery = httpx2.get(f"{issuer}/.well-known/openid-configuration", timeout=SECONDS).json()
    assert discovery["issuer"] == issuer
    assert discovery["token_endpoint"].startswith(ory_stack.hydra_public_url)


def test_token_for_another_audience_gets_401(url: str, create_agent: Any) -> None:
    token = create_agent().client_credentials(scope="loans.read", audience="https://other.example")
    response = post(url, "list_tools", token=token)
    assert (response.status_code, response.json()["error"]) == (401, "invalid_token")
    assert "audience" in response.json()["error_description"]


def test_token_without_the_scope_gets_403(url: str, create_agent: Any) -> None:
    token = create_agent().client_credentials(scope="loans.write", audience=url)
    response = post(url, "list_my_loans", token=token)
    assert response.status_code == 403
    assert 'scope="loans.read"' in response.headers["WWW-Authenticate"]


def test_revoked_token_gets_401(url: str, create_agent: Any) -> None:
    agent = create_agent()
    token = agent.client_credentials(scope="loans.read", audience=url)
    assert post(url, "list_tools", token=token).status_code == 200
    agent.revoke(token)
    assert post(url, "list_tools", token=token).status_code == 401


def test_user_borrows_a_tool_with_code_and_pkce(url: str, create_agent: Any) -> None:
    email = f"p{secrets.token_hex(6)}@example.org"
    identity = get_client().admin_create_identity(body={"schema_id": "person", "traits": {"email": email}})
    authorizations: list[str] = []
    agent = create_agent("loans.read loans.write offline_access", skip_consent=True)
    auth = sign_in_by_code(url, agent, subject=identity.id, urls=authorizations)

    async def run() -> list[Any]:
        async with connect(url, auth) as client:
            return [
                (await client.call_tool("list_my_loans")).structured_content,
                (await client.call_tool("borrow_tool", {"tool_id": "apple-press"})).structured_content,
                (await client.call_tool("list_my_loans")).structured_content,
                (await client.call_tool("return_tool", {"tool_id": "apple-press"})).structured_content,
            ]

    before, borrowed, after, returned = async_to_sync(run)()
    assert before == {"result": []}
    assert borrowed["name"] == "Apple press"
    assert after == {"result": [borrowed]}
    assert returned["returned_on"]
    assert len(authorizations) == 2  # the second one for loans.write
    assert all("code_challenge_method=S256" in each and "resource=" in each for each in authorizations)


def test_resource_of_the_request_is_the_audience_also_after_a_refresh(url: str, create_agent: Any) -> None:
    email = f"p{secrets.token_hex(6)}@example.org"
    identity = get_client().admin_create_identity(body={"schema_id": "person", "traits": {"email": email}})
    agent = create_agent("loans.read offline_access", skip_consent=True)
    query = {
        "client_id": agent.id,
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "loans.read offline_access",
        "state": secrets.token_hex(8),
        "resource": url,
    }
    location = f"{agent.stack.hydra_public_url}/oauth2/auth?{urlencode(query)}"
    code = authorize(location, subject=identity.id)["code"]
    tokens = agent.post_token(grant_type="authorization_code", code=code, redirect_uri=CALLBACK)
    assert post(url, "list_my_loans", token=tokens["access_token"]).status_code == 200
    tokens = agent.refresh(tokens["refresh_token"])
    assert post(url, "list_my_loans", token=tokens["access_token"]).status_code == 200
