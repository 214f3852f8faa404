"""Signing out: the Django session, what is remembered, and Kratos' session.

Only the browser itself can drop Kratos' cookie, so the last step is an address for it to visit.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.contrib.auth import logout

from django_ory.client import OryForbidden, OryUnauthorized
from django_ory.conf import get_settings

from .invalidation import invalidate_current_session
from .request import get_ory

if TYPE_CHECKING:
    from django.http import HttpRequest

    from .request import OryRequest

__all__ = ["end_session"]


def end_session(request: HttpRequest, *, return_to: str | None = None) -> str | None:
    """Sign out. Returns Kratos' ``logout_url``, which the browser must visit next; None if there is nothing
    left to do.

    ``return_to`` must have passed ``safe_return_to`` and be allowed by Kratos. A session token is revoked at
    once. The Django session has ended and the memory is dropped even if this raises OryError because Kratos
    does not answer. Whoever is asked on the way (Kratos who it is, Hydra to forget them), it all happens
    within one ``TIMEOUT``.
    """
    ory = get_ory(request)
    ory.suppress_unavailable()
    # Whom Django's signal names. A token that is revoked below does not tell any more.
    getattr(getattr(request, "user", None), "is_authenticated", False)
    try:
        return _ask_kratos(ory, return_to)
    finally:
        try:
            if hasattr(request, "session"):
                logout(request)
        finally:  # whatever a receiver of Django's signal does
            invalidate_current_session(request)


def _ask_kratos(ory: OryRequest, return_to: str | None) -> str | None:
    """Before Hydra, which Django's signal tells: a Hydra that hangs must not use up the time for Kratos."""
    credential = ory.credential
    if credential is None or not get_settings(ory.alias).kratos_public_url:
        return None
    started = time.perf_counter()
    try:
        if credential.kind == "token":
            body = {"session_token": credential.value}
            ory.client.submit_self_service_logout_flow_without_browser(body=body)
            return None
        flow = ory.client.create_self_service_logout_flow_url_for_browsers(
            cookie=credential.value, return_to=return_to
        )
    except (OryUnauthorized, OryForbidden):  # no such session (any more)
        return None
    finally:
        ory.seconds += time.perf_counter() - started
    return flow.logout_url
