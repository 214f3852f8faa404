"""``FakeOry``: the real client of this package, answered by an in-memory Kratos and Hydra."""

from __future__ import annotations

import io
import json as jsonlib
import secrets
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from unittest import mock
from urllib.parse import parse_qs, urlencode, urlsplit

from django.urls import reverse
from urllib3 import HTTPHeaderDict, HTTPResponse

from django_ory.authentication.resolver import clear_process_state
from django_ory.client import models
from django_ory.client.connection import OryHTTPAdapter
from django_ory.clients import reset_circuit_breakers
from django_ory.conf import DEFAULT_ALIAS, OryConfigurationError, get_settings
from django_ory.devstack.config.identity_schema import IDENTITY_SCHEMA

from .errors import FakeError
from .faults import FAULTS
from .flows import CSRF_COOKIE
from .http import FakeRequest, FakeResponse, compile_route, json_response
from .hydra import FakeHydra
from .kratos import FakeKratos

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping, Sequence
    from types import TracebackType

    from django.test import AsyncClient, Client
    from requests import PreparedRequest, Response

    from .http import Handler
    from .sessions import StoredSession
    from .tokens import StoredToken

__all__ = ["FakeOry"]

# Paths of Hydra; every other path belongs to Kratos.
_HYDRA_PATHS = (
    "/admin/clients",
    "/admin/oauth2",
    "/admin/keys",
    "/admin/trust",
    "/oauth2/",
    "/userinfo",
    "/.well-known/",
)
_HEALTH = {
    "/health/alive": {"status": "ok"},
    "/health/ready": {"status": "ok"},
    "/version": {"version": "fake"},
}


class FakeOry:
    """An in-memory Kratos and Hydra for tests: a context manager, and the pytest fixture ``ory``.

    Inside the block every ``OryClient`` of the process gets its responses from memory, for any URL. No
    network is used. Models, errors, pagination, cache and circuit breaker are the real ones. An endpoint
    that is not implemented raises ``UnsupportedRequest``, which fails the test.

    ``kratos_public_url`` and ``hydra_public_url`` are the origins of the URLs in responses, such as the
    ``action`` of a form. The default is where ``settings.ORY`` expects them, as pages reject others.
    """

    def __init__(
        self,
        *,
        kratos_public_url: str = "",
        hydra_public_url: str = "",
        schemas: Mapping[str, dict[str, Any]] | None = None,
    ) -> None:
        self.kratos = FakeKratos(
            public_url=kratos_public_url or _get_browser_url("kratos") or "http://kratos.test:4433",
            schemas=schemas or {"person": jsonlib.loads(IDENTITY_SCHEMA.read_text())},
        )
        self.hydra = FakeHydra(
            public_url=hydra_public_url or _get_browser_url("hydra") or "http://hydra.test:4444"
        )
        self.requests: list[FakeRequest] = []  #: every request, in order
        self._faults: dict[str, str] = {}
        self._responders: dict[str, tuple[str, re.Pattern[str], Handler]] = {}
        self._patch = mock.patch.object(OryHTTPAdapter, "send", self._build_send())

    def __enter__(self) -> Self:
        clear_process_state()
        self._patch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._patch.stop()
        clear_process_state()

    # Identities and sessions.

    def create_identity(
        self,
        traits: Mapping[str, Any] | None = None,
        *,
        verified: bool = True,
        password: str = "",
        second_factor: bool = False,
        identity_id: str = "",
        **fields: Any,
    ) -> models.Identity:
        """Create an identity. ``traits``: a unique e-mail address by default.

        ``verified``: whether its addresses are verified. ``second_factor``: add an authenticator app.
        ``identity_id``: a new UUID by default. ``fields`` are those of ``CreateIdentityBody``: ``schema_id``,
        ``state``, ``metadata_public``, ...
        Raises ``FakeError`` if Kratos would reject the identity.
        """
        traits = {"email": f"user-{secrets.token_hex(4)}@example.com"} if traits is None else traits
        credentials: dict[str, Any] = {
            "password": {"config": {"password": password or secrets.token_urlsafe(12)}}
        }
        stored = self.kratos.identities.add(
            {"traits": traits, "credentials": credentials, **fields},
            totp=second_factor,
            identity_id=identity_id,
        )
        if verified:
            for address in stored.get("verifiable_addresses", ()):
                address |= {"verified": True, "status": "completed", "verified_at": stored["created_at"]}
        return models.Identity.model_validate(stored)

    def update_identity(self, identity_id: str, **changes: Any) -> models.Identity:
        """Change fields of an identity behind the site's back, as another application would."""
        body = [{"op": "add", "path": f"/{name}", "value": value} for name, value in changes.items()]
        response = self._handle("PATCH", f"/admin/identities/{identity_id}", body)
        return models.Identity.model_validate(response)

    def delete_identity(self, identity_id: str) -> None:
        """Delete an identity and its sessions behind the site's back."""
        self.kratos.identities.remove(identity_id)
        self.kratos.sessions.remove_of_identity(identity_id)

    def create_session(
        self,
        identity: models.Identity | str,
        *,
        aal: str = "aal1",
        authenticated_at: datetime | timedelta | None = None,
        method: str = "password",
        **fields: Any,
    ) -> StoredSession:
        """Create a session. Browsers send its ``cookie``, apps its ``token``.

        ``authenticated_at``: a time, or how long ago. ``fields`` replace those of the session's JSON, such
        as ``devices`` or a field of a newer Kratos.
        """
        if isinstance(authenticated_at, timedelta):
            authenticated_at = datetime.now(UTC) - authenticated_at
        identity_id = identity if isinstance(identity, str) else identity.id
        return self.kratos.sessions.add(
            identity_id, aal=aal, authenticated_at=authenticated_at, method=method, fields=fields
        )

    def login(
        self,
        client: Client | AsyncClient,
        identity: models.Identity | str | None = None,
        *,
        traits: Mapping[str, Any] | None = None,
        aal: str = "aal1",
        verified: bool = True,
        authenticated_at: datetime | timedelta | None = None,
    ) -> StoredSession:
        """Sign a user in at a Django test client, sync or async, with the session cookie of Kratos.

        Without ``identity`` one is created from ``traits``; for ``aal="aal2"`` it has a second factor.
        """
        if identity is None:
            identity = self.create_identity(traits, verified=verified, second_factor=aal == "aal2")
        session = self.create_session(identity, aal=aal, authenticated_at=authenticated_at)
        client.cookies[self.kratos.sessions.session_cookie] = session.cookie
        return session

    def revoke_session(self, session: StoredSession) -> None:
        """End a session behind the site's back."""
        session.is_active = False

    # Self-service flows.

    def create_flow(
        self, flow_type: str, *, client: Client | AsyncClient | None = None, **options: Any
    ) -> dict[str, Any]:
        """Create a self-service flow and return its JSON; the page shows it with ``?flow=<id>``.

        ``client``: the test client that started the flow; others cannot fetch the flow. ``options``:
        ``refresh``, ``aal``, ``return_to``, ``nodes``, ``messages``, ``identity`` and top-level keys.
        """
        csrf_token = ""
        if client is not None:
            csrf_token = secrets.token_urlsafe(24)
            client.cookies[CSRF_COOKIE] = csrf_token
        return self.kratos.flows.add(flow_type, csrf_token=csrf_token, **options)

    # OAuth2.

    def create_oauth2_client(self, client_id: str = "", **fields: Any) -> models.OAuth2Client:
        """Create an OAuth2 client; ``fields`` are those of Hydra. The result has the client secret."""
        body = {
            "client_name": "Example app",
            "redirect_uris": ["https://app.example/callback"],
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "response_types": ["code"],
            "scope": "openid offline_access offline email profile",
            **({"client_id": client_id} if client_id else {}),
            **fields,
        }
        return models.OAuth2Client.model_validate(self.hydra.clients.add(body))

    def create_login_request(self, client_id: str, **options: Any) -> str:
        """A login request of Hydra. Returns its challenge for the page ``ory:oauth2-login``.

        ``options``: ``scope``, ``audience``, ``subject``, ``skip``, and parameters of the authorization
        request such as ``prompt``.
        """
        return self.hydra.authorization.add_login_request(client_id, **options).challenge

    def create_logout_request(self, subject: str, *, client_id: str = "", sid: str = "") -> str:
        """A logout request of Hydra. Returns its challenge."""
        return self.hydra.authorization.add_logout_request(subject, client_id=client_id, sid=sid).challenge

    def start_authorization(self, client_id: str, **options: Any) -> str:
        """The path of the login page with a new challenge, as Hydra redirects the browser there."""
        query = urlencode({"login_challenge": self.create_login_request(client_id, **options)})
        return f"{reverse('ory:oauth2_login')}?{query}"

    def continue_authorization(self, redirect_to: str) -> str:
        """Where Hydra sends the browser from the URL that the site redirected to.

        After the login page this is the consent page, after consent the client's redirect URI with ``code``
        or ``error``.
        """
        query = {name: values[0] for name, values in parse_qs(urlsplit(redirect_to).query).items()}
        store = self.hydra.authorization
        stored = store.find_by_verifier(query.get("login_verifier") or query.get("consent_verifier") or "")
        if stored is None:
            raise ValueError("The URL has no login or consent verifier of this fake Hydra.")
        if stored.rejected is not None:
            error = {"error": "access_denied", **stored.rejected}
            parameters = {name: error[name] for name in ("error", "error_description") if error.get(name)}
        elif "login_verifier" in query:
            consent = store.add_consent_request(stored)
            return f"{reverse('ory:oauth2_consent')}?{urlencode({'consent_challenge': consent.challenge})}"
        else:
            parameters = {"code": self.hydra.tokens.add_code(stored)}
        return f"{query['redirect_uri']}?{urlencode({**parameters, 'state': query.get('state', '')})}"

    def exchange_code(self, url: str) -> dict[str, Any]:
        """The tokens for the code in a redirect URI: ``{"access_token": ..., "scope": ..., ...}``."""
        store, code = self.hydra.tokens, parse_qs(urlsplit(url).query)["code"][0]
        consent = store.codes.pop(code)
        return store.issue_for_consent(consent.content["client"]["client_id"], consent)

    def create_token(
        self,
        client_id: str,
        *,
        subject: str = "",
        scope: Sequence[str] = (),
        audience: Sequence[str] = (),
        expires_in: int | None = None,
        claims: dict[str, Any] | None = None,
        as_jwt: bool | None = None,
    ) -> StoredToken:
        """An access token; its ``value`` goes into ``Authorization: Bearer``.

        Args:
            client_id: the client that got the token. It need not exist.
            subject: the user, such as the id of an identity; by default the client itself.
            expires_in: seconds; negative for an expired token.
            claims: claims of the consent (``ext``), such as ``{"acr": "aal2"}``.
            as_jwt: a signed JWT or an opaque token; by default as the client's ``access_token_strategy``.
        """
        return self.hydra.tokens.add_token(
            client_id,
            subject=subject,
            scope=scope,
            audience=audience,
            claims=claims,
            expires_in=expires_in,
            as_jwt=as_jwt,
        )

    # Faults and fixed responses.

    def set_fault(self, service: str, kind: str | None) -> None:
        """Let ``"kratos"`` or ``"hydra"`` fail until the fault is changed; None ends it.

        The circuit breaker stays open until its probe succeeds, as with a real server. See ``fault`` for the
        kinds.
        """
        if service not in ("kratos", "hydra") or (kind is not None and kind not in FAULTS):
            raise ValueError(f"Unknown fault {kind!r} of {service!r}; the kinds are {', '.join(FAULTS)}.")
        if kind is None:
            self._faults.pop(service, None)
        else:
            self._faults[service] = kind

    @contextmanager
    def fault(self, service: str, kind: str) -> Iterator[None]:
        """Let ``"kratos"`` or ``"hydra"`` fail inside the block, and close the circuit breaker after it.

        ``kind``: ``"down"``, ``"slow"`` (times out at once), ``"error"`` (500), ``"html"`` (a proxy's 502),
        ``"truncated"`` or ``"rate_limited"`` (429).
        """
        self.set_fault(service, kind)
        try:
            yield
        finally:
            self.set_fault(service, None)
            reset_circuit_breakers()

    def respond(
        self,
        route: str,
        handler: Handler | None = None,
        *,
        json: Any = None,
        status: int = 200,
        body: bytes | str = b"",
        headers: Mapping[str, str] | None = None,
        fault: str = "",
    ) -> None:
        """Give one route a fixed response, such as the recorded one of a newer server.

        Args:
            route: Such as ``"GET /sessions/whoami"`` or ``"GET /admin/identities/{id}"``; ``*`` matches
                any path. With an origin in front of the path it is only for this server. A later
                response for the same route replaces this one.
            handler: Takes the ``FakeRequest`` and returns a ``FakeResponse``. It may raise an exception of
                requests, or call ``ory.answer(request)`` for the response from memory.
            json: The body as JSON.
            status: The status code.
            body: The body, where ``json`` is None.
            headers: Response headers.
            fault: A kind of ``fault`` instead of a response.
        """
        if handler is None and fault:
            failure = FAULTS[fault]

            def handler(request: FakeRequest) -> FakeResponse:
                return failure()

        elif handler is None:
            response = FakeResponse(
                status, body.encode() if isinstance(body, str) else body, tuple((headers or {}).items())
            )
            if json is not None:
                response = json_response(json, status=status, headers=headers)

            def handler(request: FakeRequest) -> FakeResponse:
                return response

        method, pattern = compile_route(route)
        self._responders[f"{method} {pattern.pattern}"] = (method, pattern, handler)

    # HTTP.

    def handle(self, request: FakeRequest) -> FakeResponse:
        """Record one request and return its response."""
        self.requests.append(request)
        kind = self._faults.get("hydra" if _is_for_hydra(request) else "kratos")
        if kind is not None:
            return FAULTS[kind]()
        for method, pattern, handler in reversed(self._responders.values()):
            if method == request.method:
                match = pattern.fullmatch(request.path) or pattern.fullmatch(request.origin + request.path)
                if match:
                    return handler(replace(request, path_parameters=match.groupdict()))
        return self.answer(request)

    def answer(self, request: FakeRequest) -> FakeResponse:
        """The response from memory to one request."""
        for path, content in _HEALTH.items():
            if request.path.endswith(path):
                return json_response(content)
        try:
            return (self.hydra if _is_for_hydra(request) else self.kratos).router.handle(request)
        except FakeError as error:
            return error.build_response()

    def _handle(self, method: str, path: str, body: Any) -> Any:
        return jsonlib.loads(self.handle(FakeRequest(method, path, body=jsonlib.dumps(body).encode())).body)

    def _build_send(self) -> Any:
        def send(adapter: OryHTTPAdapter, request: PreparedRequest, *args: Any, **options: Any) -> Response:
            timeout = getattr(options.get("timeout"), "total", None)
            response = self.handle(FakeRequest.from_prepared(request, timeout=timeout))
            return adapter.build_response(request, _build_raw_response(request.method or "", response))

        return send


def _is_for_hydra(request: FakeRequest) -> bool:
    return any(part in request.path for part in _HYDRA_PATHS)


def _get_browser_url(service: str) -> str:
    """Where browsers reach a service of the default alias; empty if the settings have no such URL."""
    try:
        return str(getattr(get_settings(DEFAULT_ALIAS), f"{service}_browser_url")).rstrip("/")
    except OryConfigurationError:  # a test of the client alone needs no settings
        return ""


def _build_raw_response(method: str, response: FakeResponse) -> HTTPResponse:
    headers = HTTPHeaderDict()
    for name, value in response.headers:
        headers.add(name, value)
    headers.setdefault("Content-Length", str(len(response.body)))
    return HTTPResponse(
        body=io.BytesIO(response.body),
        headers=headers,
        status=response.status,
        preload_content=False,
        request_method=method,
    )
