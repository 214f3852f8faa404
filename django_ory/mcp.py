"""MCP servers as OAuth2 resource servers of Hydra, for ``MCPServer`` of the package ``mcp``.

``OryTokenVerifier`` verifies access tokens, ``oauth2_tool`` checks the scopes of one tool, and
``build_mcp_application`` serves the MCP server and the Django site as one ASGI application.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

from anyio import CancelScope
from asgiref.sync import ThreadSensitiveContext, iscoroutinefunction, sync_to_async
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import close_old_connections, connections
from django.urls import Resolver404, resolve
from mcp.server import MCPServer
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken as SDKAccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import AnyHttpUrl, Field, PrivateAttr
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from django_ory.client import OryError
from django_ory.conf import DEFAULT_ALIAS, OryConfigurationError, get_settings
from django_ory.http.responses import RETRY_AFTER_SECONDS, report_outage
from django_ory.tokens.access_token import InvalidToken
from django_ory.tokens.bearer import check_token_text, is_kratos_token
from django_ory.tokens.challenges import build_challenge
from django_ory.tokens.principals import Principal, UserPrincipal, get_principal
from django_ory.tokens.resources import ProtectedResource, get_resource_by_url
from django_ory.tokens.scopes import is_scope_granted
from django_ory.tokens.verification import VerificationMethod, averify_access_token

__all__ = [
    "OryTokenVerifier",
    "VerifiedToken",
    "aget_current_user",
    "build_auth_settings",
    "build_mcp_application",
    "get_current_principal",
    "get_current_user",
    "oauth2_tool",
]

P = ParamSpec("P")
T = TypeVar("T")


class VerifiedToken(SDKAccessToken):
    """The ``AccessToken`` of the package ``mcp`` with its principal. ``repr`` omits token and claims."""

    token: str = Field(repr=False)
    subject: str | None = Field(default=None, repr=False)
    claims: dict[str, Any] | None = Field(default=None, repr=False)
    _principal: Principal = PrivateAttr()

    def __init__(self, *, principal: Principal, **values: Any) -> None:
        super().__init__(**values)
        self._principal = principal

    @property
    def principal(self) -> Principal:
        """The user, or the client with a token of its own."""
        return self._principal


class OryTokenVerifier:
    """The ``token_verifier`` of an ``MCPServer``: accepts tokens of Hydra whose audience is this MCP server.

    Args:
        resource_url: the URL of the MCP server, such as ``https://www.example.org/mcp``. Its path must be in
            ``OAUTH2_RESOURCES``.
        method: see ``verify_access_token``.
        alias: the key in ``settings.ORY`` of the Ory project.
    """

    def __init__(
        self, resource_url: str, *, method: VerificationMethod | None = None, alias: str = DEFAULT_ALIAS
    ) -> None:
        self._resource_url = resource_url
        self._method = method
        self._alias = alias

    async def verify_token(self, token: str) -> VerifiedToken | None:
        """Return the verified token; None if it is not accepted.

        Raises OryError while Hydra is unavailable: nothing is known about the token. The application of
        ``build_mcp_application`` responds with 503, a server without it with 500.
        """
        resource = get_resource_by_url(self._resource_url, alias=self._alias)
        try:
            if is_kratos_token(check_token_text(token)):
                raise InvalidToken("A session token of Kratos is not an access token.")
            verified = await averify_access_token(
                token, alias=self._alias, method=self._method, audience=[resource.identifier]
            )
        except InvalidToken as error:
            _deny(_build_invalid_token_response(error, resource))
            return None
        except OryError as error:
            build = partial(_build_outage_response, error, alias=self._alias)
            _deny(await sync_to_async(_call_with_connections)(build))  # receivers may use the database
            raise
        return VerifiedToken(
            principal=get_principal(verified, alias=self._alias),
            token=token,
            client_id=verified.client_id,
            scopes=sorted(verified.scopes),
            expires_at=int(verified.expires_at),
            resource=resource.identifier,
            subject=verified.subject,
            claims=dict(verified.claims),
        )


def build_auth_settings(
    resource_url: str, *, required_scopes: Sequence[str] = (), alias: str = DEFAULT_ALIAS
) -> AuthSettings:
    """The ``auth`` of an ``MCPServer``: issuer and resource from ``settings.ORY``.

    Args:
        resource_url: the URL of the MCP server. Its path must be in ``OAUTH2_RESOURCES``.
        required_scopes: scopes for every request, compared exactly. ``oauth2_tool`` has those of one tool.
        alias: the key in ``settings.ORY`` of the Ory project.

    Raises OryConfigurationError for a URL or an issuer that is not configured.
    """
    resource = get_resource_by_url(resource_url, alias=alias)
    if not resource.issuer:
        raise OryConfigurationError(f'settings.ORY["{alias}"] has no HYDRA_PUBLIC_URL, the issuer of tokens.')
    return AuthSettings(
        issuer_url=AnyHttpUrl(resource.issuer),
        resource_server_url=AnyHttpUrl(resource.identifier),
        required_scopes=list(required_scopes) or None,
        validate_token_resource=True,
    )


def get_current_principal() -> Principal:
    """The owner of the access token of the current tool call: a user, or a client without a user.

    Raises LookupError outside of a request with a token that ``OryTokenVerifier`` has verified.
    """
    token = get_access_token()
    if not isinstance(token, VerifiedToken):
        raise LookupError("No request with an access token that OryTokenVerifier has verified.")
    return token.principal


def get_current_user() -> AbstractBaseUser:
    """The Django user of the current tool call, for sync tools. Use it inside of ``oauth2_tool``.

    Raises ToolError if the token belongs to a client without a user.
    """
    principal = get_current_principal()
    if not isinstance(principal, UserPrincipal):
        raise ToolError("This tool needs a user, but the access token belongs to the client itself.")
    return principal.user


async def aget_current_user() -> AbstractBaseUser:
    """``get_current_user`` for async tools."""
    return await sync_to_async(get_current_user)()


def oauth2_tool(*, scopes: Sequence[str] = ()) -> Callable[[Callable[P, Any]], Callable[P, Awaitable[Any]]]:
    """Decorator for a tool, below ``@server.tool()``: requires scopes, and the user of the token is active.

    Each call has a thread of its own for sync code. Its database connections are closed after the call.

    A call that lacks a scope gets 403 and the challenge with the scopes, with which clients can ask for them;
    401 for an inactive user, 503 while Ory is unavailable. Without ``build_mcp_application``, and after the
    response has started, these are errors of the tool.

    Args:
        scopes: all of them are required, compared by ``OAUTH2_SCOPE_STRATEGY``.
    """

    def decorate(function: Callable[P, Any]) -> Callable[P, Awaitable[Any]]:
        @wraps(function)
        async def call_tool(*args: P.args, **kwargs: P.kwargs) -> Any:
            async with ThreadSensitiveContext():
                try:
                    await sync_to_async(_authorize)(scopes)
                    if iscoroutinefunction(function):
                        return await function(*args, **kwargs)
                    return await sync_to_async(function)(*args, **kwargs)
                finally:
                    with CancelScope(shield=True):  # also after the client has canceled the call
                        await sync_to_async(_close_connections)()

        return call_tool

    return decorate


def build_mcp_application(
    server: MCPServer[Any], site: Callable[..., Awaitable[None]], **options: Any
) -> ASGIApp:
    """One ASGI application: the MCP server at the path of its resource, the Django site at all others.

    Args:
        server: with ``OryTokenVerifier`` and ``build_auth_settings``.
        site: the result of ``get_asgi_application()``.
        options: of ``MCPServer.streamable_http_app``. By default the server keeps no state between requests
            and responds with JSON, which works with any number of processes.

    Raises OryConfigurationError if the server has no resource, or the site does not publish its metadata.
    """
    url = server.settings.auth.resource_server_url if server.settings.auth is not None else None
    if url is None or not (path := urlsplit(str(url)).path):
        raise OryConfigurationError("The MCP server needs auth=build_auth_settings(url), a URL with a path.")
    try:
        resolve(f"/.well-known/oauth-protected-resource{path}")
    except Resolver404:
        raise OryConfigurationError(
            "MCP clients find Hydra by the metadata of the MCP server. Add to the urlpatterns of the site: "
            'path(".well-known/oauth-protected-resource", include("django_ory.tokens.urls"))'
        ) from None
    parts = urlsplit(str(url))
    defaults = {
        "streamable_http_path": path,
        "stateless_http": True,
        "json_response": True,
        "transport_security": TransportSecuritySettings(
            allowed_hosts=[parts.netloc], allowed_origins=[f"{parts.scheme}://{parts.netloc}"]
        ),
    }
    application = server.streamable_http_app(**{**defaults, **options})
    application.add_middleware(_DenialMiddleware)

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        is_mcp = scope["type"] == "lifespan" or scope["path"] == path
        await (application if is_mcp else site)(scope, receive, send)

    return dispatch


class _Denial:
    """The response to a denied request, in place of the one of the package ``mcp``."""

    response: Response | None = None


#: Set during a request of ``build_mcp_application``. Tools run in copies of its context.
_current_denial: ContextVar[_Denial | None] = ContextVar("django_ory_mcp_denial", default=None)


class _DenialMiddleware:
    """Sends the response of a denial, and 503 while Ory is unavailable.

    The start of a response is held back until the first part of its body, when the tool has run.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if sum(name == b"authorization" for name, _ in scope["headers"]) > 1:
            description = "The request has more than one Authorization header."
            await _build_denial(400, "invalid_request", description, {})(scope, receive, send)
            return
        denial = _Denial()
        start: Message | None = None
        is_replaced = False
        is_stream = scope["method"] == "GET"  # of events, of which the first may be late

        async def send_unless_denied(message: Message) -> None:
            nonlocal start, is_replaced
            if is_replaced:
                return
            if message["type"] == "http.response.start" and not (is_stream and denial.response is None):
                start = message
                return
            if start is not None and denial.response is not None:
                is_replaced = True
                await denial.response(scope, receive, send)
                return
            if start is not None:
                await send(start)
                start = None
            await send(message)

        reset = _current_denial.set(denial)
        try:
            await self._app(scope, receive, send_unless_denied)
        except OryError:
            if denial.response is None:
                raise
            await denial.response(scope, receive, send)  # of the token verifier: no response has started
        finally:
            _current_denial.reset(reset)


def _authorize(scopes: Sequence[str]) -> None:
    """Check scopes and user. Raises ToolError, and sets the response for the client."""
    token = get_access_token()
    principal = get_current_principal()
    resource = get_resource_by_url((token and token.resource) or "", alias=principal.alias)
    strategy = get_settings(principal.alias).oauth2_scope_strategy
    granted = principal.token.scopes
    missing = [scope for scope in scopes if not is_scope_granted(granted, scope, strategy=strategy)]
    if missing:
        message = f"The access token lacks a scope: {' '.join(missing)}"
        challenge = build_challenge(
            error="insufficient_scope", scope=missing, resource_metadata=resource.metadata_url
        )
        _deny(_build_denial(403, "insufficient_scope", message, {"WWW-Authenticate": challenge}))
        raise ToolError(message)
    if isinstance(principal, UserPrincipal):
        try:
            principal.user  # noqa: B018  (loads it)
        except InvalidToken as error:
            _deny(_build_invalid_token_response(error, resource))
            raise ToolError(str(error)) from None
        except OryError as error:
            _deny(_build_outage_response(error, alias=principal.alias))
            raise ToolError("The tool is not available right now. Try again in a moment.") from None


def _close_connections() -> None:
    """Close the connections of this thread, which ends with the tool call, so that none can be used again.

    A test calls tools in its own thread, inside of a transaction, which goes on.
    """
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


def _call_with_connections(call: Callable[[], T]) -> T:
    """Call a function with usable database connections, which Django otherwise checks for each request."""
    close_old_connections()
    try:
        return call()
    finally:
        close_old_connections()


def _deny(response: Response) -> None:
    denial = _current_denial.get()
    if denial is not None:
        denial.response = response


def _build_invalid_token_response(error: InvalidToken, resource: ProtectedResource) -> Response:
    challenge = build_challenge(
        error="invalid_token",
        description=str(error),
        resource_metadata=resource.metadata_url,
    )
    return _build_denial(401, "invalid_token", str(error), {"WWW-Authenticate": challenge})


def _build_outage_response(error: OryError, *, alias: str = DEFAULT_ALIAS) -> Response:
    report_outage(None, error, alias=alias, what="Verifying an access token failed")
    seconds = max(1, int(getattr(error, "retry_after", None) or RETRY_AFTER_SECONDS))
    message = "Access tokens cannot be verified right now. Try again in a moment."
    return _build_denial(503, "temporarily_unavailable", message, {"Retry-After": str(seconds)})


def _build_denial(status: int, error: str, description: str, headers: dict[str, str]) -> Response:
    content = {"error": error, "error_description": description}
    return JSONResponse(content, status_code=status, headers={**headers, "Cache-Control": "no-store"})
