"""A form of Kratos inside a page of the site: creates a flow and keeps the CSRF cookie of the form."""

from __future__ import annotations

import logging

from django.http import HttpRequest

from django_ory.authentication.request import OryRequest, get_ory
from django_ory.authentication.resolver import read_clock_offset
from django_ory.client import HTTPInfo, OryError
from django_ory.conf import get_settings
from django_ory.http.cookies import ory_cookie_header
from django_ory.resilience.log_throttle import throttled_log

from .decisions.redirects import clean_return_to, get_success_url
from .flow_types import REGISTRATION, AnyFlow, FlowType
from .pages.flow_page import FlowPage
from .pages.request_page import build_request_page

__all__ = ["build_embedded_page"]

logger = logging.getLogger("django_ory.selfservice")


def build_embedded_page(
    request: HttpRequest, flow_type: FlowType, *, return_to: str | None = None
) -> FlowPage | None:
    """Create a flow and build its page.

    The middleware relays Kratos' cookie and keeps the response out of caches.

    Args:
        request: The request for the page of the site.
        flow_type: The type of the flow.
        return_to: The URL to open afterwards. By default the page of the adapter, else the page itself.

    Returns:
        The page of the flow. None if the user has to visit the flow's own page: Kratos is unavailable or
        rejects the flow, or several identity schemas are offered.

    """
    ory = get_ory(request)
    schemas = list(get_settings(ory.alias).identity_schemas)
    if ory.unavailable or (flow_type is REGISTRATION and len(schemas) > 1):
        return None
    default = get_success_url(request, flow_name=flow_type.name, alias=ory.alias)
    target = clean_return_to(request, return_to, alias=ory.alias) or default or request.build_absolute_uri()
    options = {"identity_schema": schemas[0]} if flow_type is REGISTRATION and schemas else {}
    try:
        info = _create(ory, request, flow_type, return_to=target, **options)
    except OryError as error:
        throttled_log.warn(
            logger, ("form", ory.alias, flow_type.name), "%s form not shown: %s", flow_type.name, error
        )
        return None
    offset = read_clock_offset(info.headers)
    page = build_request_page(request, flow_type, info.data, takes_focus=False, clock_offset=offset)
    return page if page.forms else None


def _create(ory: OryRequest, request: HttpRequest, flow_type: FlowType, **options: str) -> HTTPInfo[AnyFlow]:
    create = getattr(ory.client.with_http_info, f"initialize_self_service_{flow_type.name}_flow_for_browsers")
    cookies = [ory_cookie_header(request, alias=ory.alias), *(_get_pair(line) for line in ory.form_cookies)]
    info: HTTPInfo[AnyFlow] = create(cookie="; ".join(filter(None, cookies)) or None, **options)
    # A second form of the page uses the cookie of the first one, so that both are valid.
    ory.form_cookies = (*ory.form_cookies, *info.set_cookies)
    ory.is_private = True
    return info


def _get_pair(line: str) -> str:
    """The name and the value of a ``Set-Cookie`` line."""
    return line.partition(";")[0].strip()
