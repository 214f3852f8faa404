"""Requests, responses and routes of the fake servers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

if TYPE_CHECKING:
    from requests import PreparedRequest

__all__ = [
    "FakeRequest",
    "FakeResponse",
    "Handler",
    "Router",
    "UnsupportedRequest",
    "build_link_header",
    "compile_route",
    "json_response",
    "no_content",
]

_PARAMETER = re.compile(r"\{(\w+)\}")


class UnsupportedRequest(AssertionError):
    """The code under test called an endpoint that ``FakeOry`` does not implement."""


@dataclass(frozen=True, repr=False)
class FakeRequest:
    """One request of the client to Kratos or Hydra."""

    method: str
    path: str
    query: Mapping[str, list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    path_parameters: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""  #: such as "http://localhost:4433"
    timeout: float | None = None  #: the seconds that the client gave the whole call

    @classmethod
    def from_prepared(cls, request: PreparedRequest, *, timeout: float | None = None) -> Self:
        """The request that requests would send."""
        url, body = urlsplit(request.url or ""), request.body or b""
        return cls(
            method=request.method or "",
            path=url.path,
            query=parse_qs(url.query, keep_blank_values=True),
            headers=dict(request.headers),
            body=body if isinstance(body, bytes) else body.encode(),
            origin=f"{url.scheme}://{url.netloc}",
            timeout=timeout,
        )

    def __repr__(self) -> str:
        return f"<FakeRequest {self.method} {self.path}>"  # the query and the body can hold secrets

    @property
    def target(self) -> str:
        """The path with the query."""
        return f"{self.path}?{urlencode(self.query, doseq=True)}" if self.query else self.path

    @property
    def json(self) -> Any:
        """The body as JSON, None for an empty body."""
        return json.loads(self.body) if self.body else None

    @property
    def form(self) -> dict[str, str]:
        """The body as an HTML form. A repeated name has its first value."""
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}

    def get_query(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        return self.query.get(name, [default])[0]

    def get_header(self, name: str) -> str:
        """The value of a header by its name in any case, or an empty string."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")

    def get_cookie(self, name: str) -> str:
        """The value of a cookie, or an empty string."""
        for part in self.get_header("Cookie").split(";"):
            key, _, value = part.strip().partition("=")
            if key == name:
                return value
        return ""


@dataclass(frozen=True)
class FakeResponse:
    """One response of a fake server. Header names may repeat."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


Handler = Callable[[FakeRequest], FakeResponse]


def json_response(data: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> FakeResponse:
    """A response with a JSON body."""
    content_type = (("Content-Type", "application/json; charset=utf-8"),)
    return FakeResponse(status, json.dumps(data).encode(), content_type + tuple((headers or {}).items()))


def no_content(*headers: tuple[str, str]) -> FakeResponse:
    """A 204 response."""
    return FakeResponse(204, headers=headers)


def build_link_header(path: str, **pages: Mapping[str, str]) -> str:
    """A Link header of Ory's servers: ``build_link_header(path, first={...}, next={...})``."""
    return ",".join(f'<{path}?{urlencode(query)}>; rel="{name}"' for name, query in pages.items())


class Router:
    """Finds the handler of a request in a table of ``"GET /admin/identities/{id}"``."""

    def __init__(self, routes: Mapping[str, Handler]) -> None:
        self._routes = [(*compile_route(route), handler) for route, handler in routes.items()]

    def handle(self, request: FakeRequest) -> FakeResponse:
        """The response of the first route that matches. Raises UnsupportedRequest if none does."""
        for method, pattern, handler in self._routes:
            if method == request.method and (match := pattern.fullmatch(request.path)):
                return handler(replace(request, path_parameters=match.groupdict()))
        raise UnsupportedRequest(
            f"FakeOry does not implement {request.method} {request.path}. Give the route a response with "
            "ory.respond(...), or use a real server (the fixture ory_stack)."
        )


@cache
def compile_route(route: str) -> tuple[str, re.Pattern[str]]:
    """The method and path pattern of ``"GET /admin/identities/{id}"``.

    A base path in front of the route, such as a reverse proxy adds, is ignored. ``*`` matches any path.
    """
    method, _, template = route.partition(" ")
    parts = _PARAMETER.split(template)  # literal text and parameter names alternate
    pattern = "".join(
        f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part).replace(r"\*", ".*")
        for index, part in enumerate(parts)
    )
    return method, re.compile(f"(?:/.*)?{pattern}")
