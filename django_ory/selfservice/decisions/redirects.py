"""URLs of the flow pages: the start of a flow at Kratos, ``return_to`` and the default page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from django_ory.adapter import get_adapter
from django_ory.conf import get_settings
from django_ory.http.redirects import MAX_URL_LENGTH, parse_origin, safe_return_to
from django_ory.selfservice.flow_types import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from django_ory.selfservice.flow_types import AnyFlow, FlowType

__all__ = [
    "clean_return_to",
    "flow_start_url",
    "get_next_url",
    "get_start_parameter",
    "get_success_url",
]

#: ASCII without spaces and without the backslash, which browsers read as a slash.
URL_CHARACTERS = re.compile(r"[!-\[\]-~]+")


def flow_start_url(flow_type: FlowType, parameters: Mapping[str, str], *, alias: str) -> str:
    """Return Kratos' URL for a new flow. The browser must visit the URL, because Kratos sets a CSRF cookie.

    A ``return_to`` that makes the URL too long is left out. For settings it is sent as ``next``: with a
    ``return_to``, Kratos would redirect after each change without a confirmation. Kratos keeps ``next`` in
    the ``request_url`` of the flow; see ``get_next_url``.
    """
    url = f"{get_settings(alias).kratos_browser_url}/self-service/{flow_type.name}/browser"
    renamed = {"return_to": "next"} if flow_type is SETTINGS else {}
    query = urlencode({renamed.get(name, name): value for name, value in parameters.items()})
    start_url = f"{url}?{query}" if query else url
    if len(start_url) > MAX_URL_LENGTH and "return_to" in parameters:
        others = {name: value for name, value in parameters.items() if name != "return_to"}
        return flow_start_url(flow_type, others, alias=alias)
    return start_url


def get_next_url(flow: AnyFlow) -> str | None:
    """Return the URL to open after a flow: its ``return_to``, or the ``next`` of settings. Not validated."""
    return get_start_parameter(flow, "next") if flow.return_to is None else flow.return_to


def get_start_parameter(flow: AnyFlow, name: str) -> str | None:
    """Return a query parameter of the URL that started the flow."""
    return next(iter(parse_qs(flow.request_url.partition("?")[2]).get(name, [])), None)


def clean_return_to(request: HttpRequest, candidate: str | None, *, alias: str) -> str | None:
    """Return the URL if allowed as ``return_to`` of a flow, else None.

    Allowed are the URLs that ``safe_return_to`` allows, and the steps of Kratos and Hydra: below
    ``/self-service/`` of ``KRATOS_BROWSER_URL`` and ``/oauth2/`` of ``HYDRA_BROWSER_URL``.
    """
    safe = safe_return_to(request, candidate, alias=alias)
    if safe or not candidate:
        return safe
    s = get_settings(alias)
    steps = (f"{s.kratos_browser_url}/self-service/", f"{s.hydra_browser_url}/oauth2/")
    is_step = candidate.startswith(steps) and parse_origin(candidate) and _has_plain_path(candidate)
    return candidate if is_step and len(candidate) <= MAX_URL_LENGTH else None


def get_success_url(request: HttpRequest, *, flow_name: str, alias: str) -> str | None:
    """Return the adapter's page after a flow as an absolute URL; None for a page that is not allowed."""
    url = get_adapter(alias).get_success_url(request, flow_name=flow_name)
    return safe_return_to(request, url, alias=alias)


def _has_plain_path(url: str) -> bool:
    """Whether the path has no dot segment, in any encoding. Dot segments lead out of the prefix of a URL."""
    path = unquote(urlsplit(url).path)
    return URL_CHARACTERS.fullmatch(url) is not None and not {".", ".."} & set(re.split(r"[/\\]", path))
