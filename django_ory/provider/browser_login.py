"""The sign-in of the browser: the one place that turns a request into an OAuth2 subject.

``OAUTH2_ACCOUNTS`` decides whether Kratos' session counts or Django's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings as django_settings
from django.contrib.auth import SESSION_KEY, get_user_model
from django.http import HttpRequest

from django_ory.adapter import get_adapter
from django_ory.authentication.request import get_ory
from django_ory.client.models import Identity
from django_ory.conf import get_settings
from django_ory.exceptions import SessionUnavailable

from .login_time import read_login_time
from .openid.assurance import BrowserSession


@dataclass(frozen=True, kw_only=True)
class BrowserLogin:
    """The sign-in of the browser. ``session`` is None for an anonymous user.

    ``identity``: of a Kratos session. ``aal2_required``: Kratos returns no session until the user gives the
    second factor. ``is_invalid``: the browser has sent a credential, but there is no session.
    """

    session: BrowserSession | None = None
    identity: Identity | None = None
    aal2_required: bool = False
    is_invalid: bool = False


def read_browser_login(request: HttpRequest, *, alias: str) -> BrowserLogin:
    """Return the sign-in of the browser as it is now.

    Raises:
        SessionUnavailable: Kratos did not respond. Another site must never get a cached or an anonymous
            user, whatever the settings allow on this site.
        OryConfigurationError: The subject of a Django user needs a setting.
    """
    if get_settings(alias).oauth2_accounts == "django":
        return _read_django_login(request, alias=alias)
    return _read_kratos_login(request, alias=alias)


def get_django_user(request: HttpRequest) -> Any:
    """Return the user of Django's session, or None.

    A user that a middleware set instead does not count, as by a token or to view the site as another user:
    a client would get tokens of that user.
    """
    session = getattr(request, "session", None)
    user = getattr(request, "user", None)
    if session is None or user is None or not user.is_authenticated:
        return None
    # Afterwards: loading the user may delete the session of one that does not exist any more.
    primary_key: Any = get_user_model()._meta.pk
    return user if session.get(SESSION_KEY) == primary_key.value_to_string(user) else None


def _read_kratos_login(request: HttpRequest, *, alias: str) -> BrowserLogin:
    """Look the session up without the cache, because a cached session may be older than the login."""
    ory = get_ory(request)
    result = ory.refresh()
    if ory.unavailable or result.stale:
        raise SessionUnavailable
    session = ory.session
    if session is None or session.identity is None:
        return BrowserLogin(aal2_required=ory.aal2_required, is_invalid=ory.credential is not None)
    # The methods are in order of use, so the last one of each level counts.
    times = {used.aal: used.completed_at for used in session.authentication_methods if used.completed_at}
    return BrowserLogin(
        identity=session.identity,
        session=BrowserSession(
            subject=get_adapter(alias).get_subject(session.identity.id),
            session_id=session.id,
            authenticated_at=times.get("aal1") or session.authenticated_at,
            second_factor_at=times.get("aal2"),
            expires_at=session.expires_at,
            aal=session.authenticator_assurance_level or "aal1",
            methods=tuple(used.method for used in session.authentication_methods if used.method),
        ),
    )


def _read_django_login(request: HttpRequest, *, alias: str) -> BrowserLogin:
    user = get_django_user(request)
    if user is None:
        return BrowserLogin(is_invalid=django_settings.SESSION_COOKIE_NAME in request.COOKIES)
    adapter = get_adapter(alias)
    aal, methods = adapter.get_user_assurance(request, user)
    # A session until the browser closes has no end that Django knows.
    is_limited = not request.session.get_expire_at_browser_close()
    return BrowserLogin(
        session=BrowserSession(
            subject=adapter.get_user_subject(user),
            authenticated_at=read_login_time(request),
            expires_at=_make_aware(request.session.get_expiry_date()) if is_limited else None,
            aal=aal,
            methods=tuple(methods),
        )
    )


def _make_aware(time: datetime) -> datetime:
    """Return the time with a time zone. Without ``USE_TZ``, Django's session uses local times."""
    return time.astimezone(UTC)
