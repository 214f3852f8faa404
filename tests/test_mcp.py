"""An MCP server with tokens of FakeOry, called by the client of the package ``mcp``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx2
import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_not_required
from django.core.asgi import get_asgi_application
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.server import MCPServer
from mcp.server.auth.provider import AccessToken

from django_ory.client import OryError
from django_ory.exceptions import OryConfigurationError
from django_ory.mcp import (
    OryTokenVerifier,
    aget_current_user,
    build_auth_settings,
    build_mcp_application,
    get_current_principal,
    get_current_user,
    oauth2_tool,
)
from django_ory.signals import ory_unavailable
from django_ory.testing import FakeOry

URL = "http://testserver/mcp"
METADATA_URL = "http://testserver/.well-known/oauth-protected-resource/mcp"

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("the site")


urlpatterns = [
    path("", home),
    path(".well-known/oauth-protected-resource", include("django_ory.tokens.urls")),
]


def build_server(**options: Any) -> MCPServer[Any]:
    server: MCPServer[Any] = MCPServer(
        "Photos", token_verifier=OryTokenVerifier(URL), auth=build_auth_settings(URL, **options)
    )

    @server.tool()
    @oauth2_tool(scopes=["photos.read"])
    def count_photos(year: int) -> dict[str, Any]:
        """Count the photos of a year."""
        return {"year": year, "client": get_current_principal().token.client_id}

    @server.tool()
    @oauth2_tool(scopes=["photos.write"])
    def delete_photos() -> str:
        return "deleted"

    @server.tool()
    @oauth2_tool()
    def get_name() -> str:
        return str(get_current_user())

    @server.tool()
    @oauth2_tool()
    async def get_name_async() -> str:
        return str(await aget_current_user())

    return server


@pytest.fixture(autouse=True)
def configure(settings: Any) -> None:
    resources = {"/mcp": {"scopes": ["photos.read", "photos.write"]}}
    settings.ORY = {"default": {**settings.ORY["default"], "OAUTH2_RESOURCES": resources}}


@pytest.fixture
def use(ory: FakeOry) -> Callable[..., Any]:
    """``use(function, token=..., **options)``: call an async function with an HTTP client of the server."""

    def use_server(
        function: Callable[[httpx2.AsyncClient], Awaitable[Any]],
        *,
        token: str = "",
        server: MCPServer[Any] | None = None,
        run_async: Callable[..., Any] = async_to_sync,
        **options: Any,
    ) -> Any:
        async def run() -> Any:
            served = server or build_server()
            application = build_mcp_application(served, get_asgi_application(), **options)
            headers = {b"Authorization": f"Bearer {token}".encode()} if token else {}
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(served.session_manager.run())
                transport = httpx2.ASGITransport(application)
                http = httpx2.AsyncClient(transport=transport, headers=headers, base_url="http://testserver")
                return await function(await stack.enter_async_context(http))

        return run_async(run)()

    return use_server


def call_tool(name: str, **arguments: Any) -> Callable[[httpx2.AsyncClient], Awaitable[Any]]:
    """By the client of the package."""

    async def call(http: httpx2.AsyncClient) -> Any:
        async with Client(streamable_http_client(URL, http_client=http)) as client:
            result = await client.call_tool(name, arguments)
            return result.structured_content or result.content[0].text  # type: ignore[union-attr]

    return call


def post_tool_call(name: str) -> Callable[[httpx2.AsyncClient], Awaitable[httpx2.Response]]:
    """As one HTTP request, to see its response."""

    async def post(http: httpx2.AsyncClient) -> httpx2.Response:
        message = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {"name": name, "arguments": {}},
        }
        headers = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}
        return await http.post(URL, json=message, headers=headers)

    return post


@pytest.mark.parametrize("options", [{}, {"json_response": False}, {"stateless_http": False}])
def test_token_with_the_scope_calls_a_tool(use: Any, ory: FakeOry, options: dict[str, Any]) -> None:
    token = ory.create_token("agent", scope=["photos.read"], audience=[URL])
    result = use(call_tool("count_photos", year=2026), token=token.value, **options)
    assert result == {"year": 2026, "client": "agent"}


def test_jwt_calls_a_tool(use: Any, ory: FakeOry, settings: Any) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "OAUTH2_VERIFICATION": "jwt"}}
    token = ory.create_token("agent", scope=["photos.read"], audience=[URL], as_jwt=True)
    assert use(call_tool("count_photos", year=2026), token=token.value)["client"] == "agent"


@pytest.mark.parametrize("name", ["get_name", "get_name_async"])
def test_tool_gets_the_user_of_the_token(use: Any, ory: FakeOry, name: str) -> None:
    identity = ory.create_identity({"email": "ann@example.com"})
    token = ory.create_token("agent", subject=identity.id, audience=[URL])
    response = use(post_tool_call(name), token=token.value)
    user: Any = get_user_model().objects.get(ory_identities__identity_id=identity.id)
    assert response.json()["result"]["content"][0]["text"] == str(user)


def test_tool_for_users_fails_for_a_client(use: Any, ory: FakeOry) -> None:
    token = ory.create_token("agent", audience=[URL])
    result = use(post_tool_call("get_name"), token=token.value).json()["result"]
    assert result["isError"]
    assert "needs a user" in result["content"][0]["text"]


def test_request_without_token_gets_401_with_the_metadata(use: Any) -> None:
    response = use(post_tool_call("count_photos"))
    assert response.status_code == 401
    assert f'resource_metadata="{METADATA_URL}"' in response.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"audience": ["http://testserver/api"]}, "audience"),
        ({"audience": []}, "audience"),
        ({"audience": [URL], "expires_in": -60}, "expired"),
    ],
)
def test_unsuitable_token_gets_401_with_the_reason(
    use: Any, ory: FakeOry, values: dict[str, Any], reason: str
) -> None:
    token = ory.create_token("agent", scope=["photos.read"], **values)
    response = use(post_tool_call("count_photos"), token=token.value)
    assert response.status_code == 401
    assert reason in response.json()["error_description"]
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]
    assert METADATA_URL in response.headers["WWW-Authenticate"]
    assert token.value not in response.text


@pytest.mark.parametrize("token", ["ory_st_abc", "a b", "é", "a" * 100_000, "x.y.z"])
def test_hostile_token_gets_401(use: Any, ory: FakeOry, token: str) -> None:
    response = use(post_tool_call("count_photos"), token=token)
    assert response.status_code == 401
    if token != "x.y.z":
        assert ory.requests == []  # not sent to Hydra


def test_two_tokens_in_one_request_get_400(use: Any, ory: FakeOry) -> None:
    token = ory.create_token("agent", scope=["photos.read"], audience=[URL]).value

    async def post(http: httpx2.AsyncClient) -> httpx2.Response:
        headers = [("Authorization", f"Bearer {token}"), ("Authorization", "Bearer other")]
        return await http.post(URL, json={}, headers=headers)

    response = use(post)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")
    assert ory.requests == []


@pytest.mark.parametrize("options", [{}, {"json_response": False}])
def test_missing_scope_gets_403_with_the_scope(use: Any, ory: FakeOry, options: dict[str, Any]) -> None:
    token = ory.create_token("agent", scope=["photos.read"], audience=[URL])
    response = use(post_tool_call("delete_photos"), token=token.value, **options)
    assert response.status_code == 403
    challenge = response.headers["WWW-Authenticate"]
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="photos.write"' in challenge
    assert METADATA_URL in challenge
    assert "deleted" not in response.text


def test_scope_strategy_of_the_settings_applies(use: Any, ory: FakeOry, settings: Any) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "OAUTH2_SCOPE_STRATEGY": "hierarchic"}}
    token = ory.create_token("agent", scope=["photos"], audience=[URL])
    assert use(post_tool_call("delete_photos"), token=token.value).status_code == 200


def test_missing_scope_of_the_whole_server_gets_403(use: Any, ory: FakeOry) -> None:
    token = ory.create_token("agent", scope=["photos.read"], audience=[URL])
    server = build_server(required_scopes=["photos.admin"])
    response = use(post_tool_call("count_photos"), token=token.value, server=server)
    assert (response.status_code, response.json()["error"]) == (403, "insufficient_scope")


def test_inactive_user_gets_401(use: Any, ory: FakeOry) -> None:
    identity = ory.create_identity({"email": "ann@example.com"})
    token = ory.create_token("agent", subject=identity.id, audience=[URL])
    assert use(post_tool_call("get_name"), token=token.value).status_code == 200
    get_user_model().objects.update(is_active=False)
    response = use(post_tool_call("get_name"), token=token.value)
    assert response.status_code == 401
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


@pytest.mark.parametrize("service", ["hydra", "kratos"])
@pytest.mark.parametrize("kind", ["down", "slow", "error", "html", "truncated", "rate_limited"])
def test_outage_gets_503_with_retry_after(use: Any, ory: FakeOry, service: str, kind: str) -> None:
    identity = ory.create_identity({"email": "ann@example.com"})
    token = ory.create_token("agent", subject=identity.id, audience=[URL])
    with ory.fault(service, kind):
        response = use(post_tool_call("get_name"), token=token.value)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) >= 1
    assert response.json()["error"] == "temporarily_unavailable"


def test_receiver_of_an_outage_may_use_the_database(use: Any, ory: FakeOry) -> None:
    counts = []

    def count_users(**_: Any) -> None:
        counts.append(get_user_model().objects.count())

    token = ory.create_token("agent", audience=[URL])
    ory_unavailable.connect(count_users)
    try:
        with ory.fault("hydra", "down"):
            assert use(post_tool_call("get_name"), token=token.value).status_code == 503
    finally:
        ory_unavailable.disconnect(count_users)
    assert counts == [0]


@pytest.mark.parametrize("is_async", [True, False])
def test_tool_leaves_no_connection_of_its_thread_open(use: Any, ory: FakeOry, is_async: bool) -> None:
    opened: list[Any] = []
    closed: list[Any] = []

    def open_connection() -> str:
        connection = connections["default"]
        connection.ensure_connection()
        connection.close_at = None  # as with CONN_MAX_AGE = None

        def close() -> None:  # a test database in memory ignores close()
            closed.append(connection)
            connection.connection.close()
            connection.connection = None

        connection.close = close  # type: ignore[method-assign]
        opened.append(connection)
        return "opened"

    async def open_connection_async() -> str:
        return await sync_to_async(open_connection)()

    server = build_server()
    server.tool(name="open")(oauth2_tool()(open_connection_async if is_async else open_connection))
    token = ory.create_token("agent", audience=[URL])

    def run_async(function: Any) -> Any:  # as a server: without a thread that waits for the event loop
        return lambda: asyncio.run(function())

    response = use(post_tool_call("open"), token=token.value, server=server, run_async=run_async)
    assert response.json()["result"]["content"][0]["text"] == "opened"
    assert len(opened) == 1
    assert opened[0] is not connections["default"]
    assert closed == opened


def test_other_paths_belong_to_the_site(use: Any, ory: FakeOry) -> None:
    async def get(http: httpx2.AsyncClient) -> list[Any]:
        metadata = await http.get("/.well-known/oauth-protected-resource/mcp")
        return [(await http.get("/")).text, metadata.json()]

    text, metadata = use(get)
    assert text == "the site"
    assert metadata["resource"] == URL
    assert metadata["authorization_servers"] == ["http://hydra.test:4444"]
    assert metadata["scopes_supported"] == ["photos.read", "photos.write"]


def test_other_host_is_rejected(use: Any, ory: FakeOry) -> None:
    token = ory.create_token("agent", scope=["photos.read"], audience=[URL])

    async def post(http: httpx2.AsyncClient) -> httpx2.Response:
        return await http.post("http://evil.example/mcp", json={})

    assert use(post, token=token.value).status_code == 421


def test_repr_of_a_token_hides_its_text_and_claims(ory: FakeOry) -> None:
    token = ory.create_token("agent", subject="ann", audience=[URL], claims={"acr": "aal2"})
    verified = async_to_sync(OryTokenVerifier(URL).verify_token)(token.value)
    assert isinstance(verified, AccessToken)
    assert (verified.client_id, verified.subject, verified.resource) == ("agent", "ann", URL)
    assert token.value not in repr(verified)
    assert "ann" not in repr(verified)


def test_event_stream_with_an_invalid_token_gets_401_with_the_reason(use: Any, ory: FakeOry) -> None:
    async def get(http: httpx2.AsyncClient) -> httpx2.Response:
        return await http.get(URL, headers={"Accept": "application/json"})

    token = ory.create_token("agent", audience=["http://testserver/api"])
    response = use(get, token=token.value)
    assert response.status_code == 401
    assert "audience" in response.json()["error_description"]
    assert use(get, token=ory.create_token("agent", audience=[URL]).value).status_code == 406


def test_server_without_the_site_denies_by_errors_of_the_tool(ory: FakeOry) -> None:
    token = ory.create_token("agent", scope=["photos.read"], audience=[URL])

    async def run() -> httpx2.Response:
        server = build_server()
        application = server.streamable_http_app(host="testserver", json_response=True, stateless_http=True)
        headers = {"Authorization": f"Bearer {token.value}"}
        async with (
            server.session_manager.run(),
            httpx2.AsyncClient(transport=httpx2.ASGITransport(application), headers=headers) as http,
        ):
            return await post_tool_call("delete_photos")(http)

    response = async_to_sync(run)()
    assert response.json()["result"]["isError"]
    assert "lacks a scope: photos.write" in response.text
    assert "deleted" not in response.text


def test_error_of_another_verifier_is_not_hidden(use: Any) -> None:
    class Verifier:
        async def verify_token(self, token: str) -> AccessToken | None:
            raise OryError("broken", operation="GET /")

    server = MCPServer[Any]("Photos", token_verifier=Verifier(), auth=build_auth_settings(URL))
    with pytest.raises(ExceptionGroup) as raised:
        use(post_tool_call("count_photos"), token="a", server=server)
    assert raised.group_contains(OryError)


def test_application_starts_and_stops_with_its_server() -> None:
    application = build_mcp_application(build_server(), get_asgi_application())
    messages: list[Any] = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent: list[str] = []

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message["type"])

    async_to_sync(application)({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_principal_outside_of_a_tool_raises() -> None:
    with pytest.raises(LookupError):
        get_current_principal()


@pytest.mark.parametrize(
    "url", ["http://testserver/other", "http://testserver/mcp/", "http://testserver/mcp?a=1", ""]
)
def test_url_that_is_not_a_resource_is_a_configuration_error(url: str) -> None:
    with pytest.raises(OryConfigurationError, match="OAUTH2_RESOURCES"):
        build_auth_settings(url)


def test_missing_issuer_is_a_configuration_error(settings: Any) -> None:
    settings.ORY = {"default": {"OAUTH2_RESOURCES": {"/mcp": {}}}}
    with pytest.raises(OryConfigurationError, match="HYDRA_PUBLIC_URL"):
        build_auth_settings(URL)


@pytest.mark.urls("tests.testing.guide_urls")
def test_site_without_metadata_is_a_configuration_error() -> None:
    with pytest.raises(OryConfigurationError, match="urlpatterns"):
        build_mcp_application(build_server(), get_asgi_application())


def test_server_without_resource_is_a_configuration_error() -> None:
    with pytest.raises(OryConfigurationError, match="build_auth_settings"):
        build_mcp_application(MCPServer("Photos"), get_asgi_application())
