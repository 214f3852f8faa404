"""Single logout: a Django logout ends Hydra's login session, and Hydra notifies the other clients.

Otherwise the next user of the browser would be signed in to other sites as the previous one.
"""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from django_ory.authentication.request import get_ory
from django_ory.client import OryError, OryUsageError

logger = logging.getLogger("django_ory.provider")

SID_KEY = "_django_ory_oauth2_sid"


def store_sid(request: HttpRequest, sid: str | None) -> None:
    """Store the id of Hydra's session in the Django session. A browser has one until the next login."""
    if not sid or not hasattr(request, "session"):
        return
    # Load the user first: that empties a session of another user.
    getattr(getattr(request, "user", None), "is_authenticated", False)
    if request.session.get(SID_KEY) != sid:
        request.session[SID_KEY] = sid


def clear_sid(request: HttpRequest) -> None:
    """Drop the id for a logout that Hydra started. Hydra ends its session itself."""
    if hasattr(request, "session"):
        request.session.pop(SID_KEY, None)


@receiver(user_logged_out, dispatch_uid="django_ory.provider.single_logout")
def end_hydra_session(*, request: HttpRequest | None, **_: Any) -> None:
    """End Hydra's session with Django's. A failure is only logged: a logout must work without Hydra."""
    sid = request.session.get(SID_KEY) if request is not None and hasattr(request, "session") else None
    if request is None or not sid:
        return
    ory = get_ory(request)
    try:
        ory.client.admin_revoke_o_auth2_login_sessions(sid=sid)
    except (OryError, OryUsageError) as error:
        logger.warning(
            "Could not end Hydra's session after a logout (project %s): %s. Other sites stay signed in.",
            ory.alias,
            type(error).__name__,
        )
