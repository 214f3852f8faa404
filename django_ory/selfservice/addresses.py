"""Addresses: where a flow starts, which origins are Ory's, and what ``return_to`` may be handed on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlencode, urlsplit

from django.conf import settings as django_settings
from django.shortcuts import resolve_url
from django.urls import reverse

from django_ory.conf import get_settings
from django_ory.sessions.return_to import safe_return_to

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from .kinds import Kind

__all__ = ["Places", "home", "page_url", "places_of", "return_to_of", "start_url"]

PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Places:
    """The origins (scheme, host, port) of Kratos, Hydra and the site itself, as browsers know them."""

    kratos: frozenset[tuple[str, str, int]]
    others: frozenset[tuple[str, str, int]] = frozenset()

    def may_be_posted_to(self, url: str) -> bool:
        """Passwords are typed into these forms, so they go to Kratos and to nobody else."""
        return origin(url) in self.kratos

    def are_home_to(self, url: str) -> bool:
        return origin(url) in self.kratos | self.others


def origin(url: str) -> tuple[str, str, int] | None:
    """The origin of an absolute http(s) URL, None for anything else."""
    try:
        parts: SplitResult = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in PORTS or not parts.hostname or "\\" in url or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname, port or PORTS[parts.scheme]


def places_of(request: HttpRequest, *, alias: str) -> Places:
    """The places of one Ory project and of this request's site."""
    s = get_settings(alias)
    kratos = {origin(url) for url in (s.kratos_browser_url, s.kratos_public_url, s.sdk_url)}
    others = {origin(url) for url in (s.hydra_browser_url, request.build_absolute_uri("/"))}
    return Places(frozenset(filter(None, kratos)), frozenset(filter(None, others)))


def start_url(kind: Kind, parameters: Mapping[str, str], *, alias: str) -> str:
    """Where the browser goes for a new flow; Kratos sets its CSRF cookie there, Django cannot."""
    url = f"{get_settings(alias).kratos_browser_url}/self-service/{kind.name}/browser"
    return f"{url}?{urlencode(parameters)}" if parameters else url


def page_url(request: HttpRequest, kind: Kind, parameters: Mapping[str, str | None]) -> str:
    """The path of one of our pages with parameters; those without a value are left out."""
    path = reverse(kind.url_name, current_app=getattr(request, "current_app", None))
    query = urlencode({name: value for name, value in parameters.items() if value})
    return f"{path}?{query}" if query else path


def return_to_of(request: HttpRequest, candidate: str | None, *, alias: str) -> str | None:
    """A ``return_to`` to hand on: one of the site's, or a step of Kratos or Hydra that continues there."""
    safe = safe_return_to(request, candidate, alias=alias)
    if safe or not candidate:
        return safe
    s = get_settings(alias)
    steps = (f"{s.kratos_browser_url}/self-service/", f"{s.hydra_browser_url}/oauth2/")
    return candidate if candidate.startswith(steps) and origin(candidate) else None


def home(request: HttpRequest, *, alias: str) -> str | None:
    """``LOGIN_REDIRECT_URL``, absolute, if the project set it. None: where Kratos' configuration leads."""
    if not django_settings.is_overridden("LOGIN_REDIRECT_URL"):  # type: ignore[misc]
        return None
    return safe_return_to(request, resolve_url(django_settings.LOGIN_REDIRECT_URL), alias=alias)
