"""The page of a flow for one request, with the settings, the adapter and the session of the request."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.http import HttpRequest

from django_ory.adapter import get_adapter
from django_ory.authentication.request import OryRequest, get_ory
from django_ory.conf import get_settings
from django_ory.http.branding import site_name
from django_ory.http.redirects import TrustedOrigins, page_url
from django_ory.selfservice.flow_types import AnyFlow, FlowType
from django_ory.selfservice.forms.schema_choice import find_schema

from .flow_page import FlowPage, build_page
from .flow_user import FlowUser
from .footer import find_recovery_url

__all__ = ["build_request_page", "find_session_user"]


def build_request_page(
    request: HttpRequest,
    flow_type: FlowType,
    flow: AnyFlow,
    *,
    find_user: Callable[[], FlowUser] | None = None,
    clock_offset: float = 0.0,
    reason: str = "",
    traits: Mapping[str, Any] | None = None,
    is_entered: bool | None = None,
    takes_focus: bool = True,
    values: Mapping[str, str] | None = None,
) -> FlowPage:
    """Build the page.

    ``find_user``: by default the user of the session. ``clock_offset``: seconds that Kratos' clock is ahead
    of this machine's. The other options are those of ``build_page``.
    """
    ory = get_ory(request)
    alias = ory.alias
    return build_page(
        flow_type,
        flow,
        origins=TrustedOrigins.from_request(request, alias=alias),
        site=site_name(request, alias=alias),
        reason=reason,
        find_user=find_user or partial(find_session_user, ory),
        schema=find_schema(flow, alias=alias),
        traits_action=request.build_absolute_uri(page_url(request, flow_type.url_name, {"flow": flow.id})),
        traits=traits,
        is_entered=is_entered,
        recovery_url=find_recovery_url(request, flow_type, flow, alias=alias),
        min_password_length=get_settings(alias).min_password_length,
        now=time.time() + clock_offset,
        takes_focus=takes_focus,
        adapter=get_adapter(alias),
        values=values,
    )


def find_session_user(ory: OryRequest) -> FlowUser:
    """Return the user of the session, which may be a call to Kratos."""
    session = ory.whoami.session
    return FlowUser.from_identity(session.identity if session else None)
