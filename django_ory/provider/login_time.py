"""The time of a Django user's sign-in, in the Django session, for ``auth_time`` and ``max_age``.

``user.last_login`` is not that of this browser: a sign-in elsewhere changes it.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from django_ory.authentication.session_owner import is_login
from django_ory.conf import OryConfigurationError, aliases, get_settings

LOGIN_TIME_KEY = "_django_ory_login_at"


@receiver(user_logged_in, dispatch_uid="django_ory.provider.login_time")
def store_login_time(*, request: HttpRequest | None, user: AbstractBaseUser, **_: Any) -> None:
    """Store the Unix time of a ``login()``, if a provider uses the users of Django."""
    session = getattr(request, "session", None)
    if request is not None and session is not None and is_login(request, user) and _uses_django_users():
        session[LOGIN_TIME_KEY] = round(time.time(), 3)


def read_login_time(request: HttpRequest) -> datetime | None:
    """Return the time of the sign-in; None for a session that is older than this app."""
    stored = request.session.get(LOGIN_TIME_KEY)
    return datetime.fromtimestamp(stored, UTC) if isinstance(stored, (int, float)) else None


def _uses_django_users() -> bool:
    try:
        return any(get_settings(alias).oauth2_accounts == "django" for alias in aliases())
    except OryConfigurationError:  # reported by a system check; a login must not fail
        return False
