"""The fake servers in the place of HTTP: they answer every client from memory, or fail on command."""

from __future__ import annotations

import io
import json as jsonlib
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self
from unittest import mock

from urllib3 import HTTPHeaderDict, HTTPResponse

from django_ory.authentication.resolver import clear_process_state
from django_ory.client.connection import OryHTTPAdapter
from django_ory.clients import reset_circuit_breakers
from django_ory.conf import DEFAULT_ALIAS, OryConfigurationError, get_settings
from django_ory.devstack.config.identity_schema import IDENTITY_SCHEMA
from django_ory.provider.agents.server_metadata import get_discovery_store

from .errors import FakeError
from .faults import FAULTS
from .http import FakeRequest, FakeResponse, compile_route, json_response
from .hydra import FakeHydra
from .kratos import FakeKratos

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping

    from requests import PreparedRequest, Response

    from .http import Handler

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


def _clear_state() -> None:
    """Forget what this process knows about other servers."""
    clear_process_state()
    get_discovery_store.clear()


class FakeServers:
    """Inside the block, requests of all clients are answered by a Kratos and a Hydra in memory."""

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
        _clear_state()
        self._patch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._patch.stop()
        _clear_state()

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
            fault: A kind of ``fault`` instead of a response. Raises ValueError for another one.
        """
        if handler is None and fault:
            if fault not in FAULTS:
                raise ValueError(f"Unknown fault {fault!r}; the kinds are {', '.join(FAULTS)}.")
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
