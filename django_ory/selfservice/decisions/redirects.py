"""Addresses: where a flow starts, and what ``return_to`` may be handed on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from django.conf import settings as django_settings
from django.shortcuts import resolve_url

from django_ory.conf import get_settings
from django_ory.http.redirects import MAX_URL_LENGTH, parse_origin, safe_return_to
from django_ory.selfservice.flow_types import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from django_ory.selfservice.flow_types import FlowType

__all__ = [
    "clean_return_to",
    "flow_start_url",
    "get_next_url",
    "get_start_parameter",
    "login_redirect_url",
]

#: What Kratos and Hydra write: ASCII without spaces and without the backslash, a slash to browsers.
URL_CHARACTERS = re.compile(r"[!-\[\]-~]+")


def flow_start_url(kind: FlowType, parameters: Mapping[str, str], *, alias: str) -> str:
    """Where the browser goes for a new flow; Kratos sets its CSRF cookie there, Django cannot.

    A ``return_to`` that makes the URL too long for a redirect is left out. For settings it is sent as
    ``next``: with a ``return_to``, Kratos would leave the page as soon as a change is saved, without a
    confirmation. Kratos keeps ``next`` in the flow's ``request_url``; see ``get_next_url``.
    """
    url = f"{get_settings(alias).kratos_browser_url}/self-service/{kind.name}/browser"
    renamed = {"return_to": "next"} if kind is SETTINGS else {}
    query = urlencode({renamed.get(name, name): value for name, value in parameters.items()})
    whole = f"{url}?{query}" if query else url
    if len(whole) > MAX_URL_LENGTH and "return_to" in parameters:
        rest = {name: value for name, value in parameters.items() if name != "return_to"}
        return flow_start_url(kind, rest, alias=alias)
    return whole


def get_next_url(flow: Any) -> str | None:
    """The address to go to after a flow: its ``return_to``, or the ``next`` of settings. Not validated."""
    following: str | None = flow.return_to
    return get_start_parameter(flow, "next") if following is None else following


def get_start_parameter(flow: Any, name: str) -> str | None:
    """A parameter of the URL with which a flow was started."""
    return next(iter(parse_qs(flow.request_url.partition("?")[2]).get(name, [])), None)


def clean_return_to(request: HttpRequest, candidate: str | None, *, alias: str) -> str | None:
    """A ``return_to`` to hand on: what ``safe_return_to`` allows, or a step of Kratos or Hydra that continues
    there: below ``/self-service/`` of ``KRATOS_BROWSER_URL`` or ``/oauth2/`` of ``HYDRA_BROWSER_URL``.
    """
    safe = safe_return_to(request, candidate, alias=alias)
    if safe or not candidate:
        return safe
    s = get_settings(alias)
    steps = (f"{s.kratos_browser_url}/self-service/", f"{s.hydra_browser_url}/oauth2/")
    is_step = candidate.startswith(steps) and parse_origin(candidate) and _stays_below(candidate)
    return candidate if is_step and len(candidate) <= MAX_URL_LENGTH else None


def _stays_below(url: str) -> bool:
    """No dot segments, which would lead out of the place that a URL begins with, in whatever spelling."""
    path = unquote(urlsplit(url).path)
    return URL_CHARACTERS.fullmatch(url) is not None and not {".", ".."} & set(re.split(r"[/\\]", path))


def login_redirect_url(request: HttpRequest, *, alias: str) -> str | None:
    """``LOGIN_REDIRECT_URL``, absolute, if the project set it. None: where Kratos' configuration leads."""
    if not django_settings.is_overridden("LOGIN_REDIRECT_URL"):  # type: ignore[misc]
        return None
    return safe_return_to(request, resolve_url(django_settings.LOGIN_REDIRECT_URL), alias=alias)
