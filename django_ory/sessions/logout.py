"""Signing out: the Django session, what is remembered, and Kratos' session.

Only the browser itself can drop Kratos' cookie, so the last step is an address for it to visit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import logout

from django_ory.client import OryForbidden, OryUnauthorized
from django_ory.clients import get_client
from django_ory.conf import get_settings

from .forget import forget_request
from .request import get_ory

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["end_session"]


def end_session(request: HttpRequest, *, return_to: str | None = None) -> str | None:
    """Sign out. Returns Kratos' ``logout_url``, which the browser must visit next; None if there is nothing
    left to do.

    ``return_to`` must have passed ``safe_return_to`` and be allowed by Kratos. A session token is revoked at
    once. The Django session has ended and the memory is dropped even if this raises OryError because Kratos
    does not answer.
    """
    ory = get_ory(request)
    ory.tolerant = True
    credential, alias = ory.credential, ory.alias
    if hasattr(request, "session"):
        logout(request)
    if credential is None or not get_settings(alias).kratos_public_url:
        return None
    forget_request(request)
    client = get_client(alias)
    try:
        if credential.kind == "token":
            body = {"session_token": credential.value}
            client.submit_self_service_logout_flow_without_browser(body=body)
            return None
        flow = client.create_self_service_logout_flow_url_for_browsers(
            cookie=credential.value, return_to=return_to
        )
    except (OryUnauthorized, OryForbidden):  # no such session (any more)
        return None
    return flow.logout_url
