"""Signing out of this site ends Hydra's memory of the sign-in, which tells the other sites (back-channel).

Else the next person at this browser would be signed in to them as the last one, without being asked anything.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver

from django_ory.authentication.request import get_ory
from django_ory.client import OryError, OryUsageError

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["forget_sid", "keep_sid"]

logger = logging.getLogger("django_ory.provider")

_KEY = "_django_ory_oauth2_sid"


def keep_sid(request: HttpRequest, sid: str | None) -> None:
    """Keep Hydra's session id in the Django session: one for a browser, the same until Hydra asks again."""
    if not sid or not hasattr(request, "session"):
        return
    # First the user: a session that was another person's is emptied then, and must not be with this in it.
    getattr(getattr(request, "user", None), "is_authenticated", False)
    if request.session.get(_KEY) != sid:
        request.session[_KEY] = sid


def forget_sid(request: HttpRequest) -> None:
    """Hydra ends its session by itself: the sign-out came from there."""
    if hasattr(request, "session"):
        request.session.pop(_KEY, None)


@receiver(user_logged_out, dispatch_uid="django_ory.provider.single_sign_out")
def end_hydra_session(*, request: HttpRequest | None, **_: Any) -> None:
    """End Hydra's session with Django's. Signing out works without Hydra, so a failure is only logged."""
    sid = request.session.get(_KEY) if request is not None and hasattr(request, "session") else None
    if request is None or not sid:
        return
    try:
        get_ory(request).client.admin_revoke_o_auth2_login_sessions(sid=sid)
    except (OryError, OryUsageError) as error:
        logger.warning("Hydra's session outlives a sign-out: %s", type(error).__name__)
