"""Django Ninja: ``auth=OAuth2Bearer("loans.read")`` and ``auth=OrySession(aal="aal2")``.

Call ``add_exception_handler(api)`` once, so that denied requests get the full response with its headers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import wraps
from typing import Any, Literal

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI
from ninja.errors import HttpError
from ninja.security.apikey import APIKeyCookie
from ninja.security.http import HttpBearer
from ninja.utils import check_csrf

from django_ory.authentication.access import check_access
from django_ory.authentication.oauth2 import authorize_view
from django_ory.authentication.request import get_ory
from django_ory.authentication.requirements import Requirement
from django_ory.client.models import Session
from django_ory.conf import DEFAULT_ALIAS, get_settings
from django_ory.tokens.principals import Principal
from django_ory.tokens.verification import VerificationMethod

__all__ = ["DeniedError", "OAuth2Bearer", "OrySession", "add_exception_handler", "get_urls"]


class DeniedError(HttpError):
    """A denied request, with the response to send."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__(response.status_code, response.reason_phrase)
        self.response = response


class OAuth2Bearer(HttpBearer):
    """An OAuth2 access token with all of the scopes. ``request.auth`` is the principal.

    Args:
        scopes: the required scopes.
        audience: see ``verify_access_token``.
        method: see ``verify_access_token``.
    """

    def __init__(
        self,
        *scopes: str,
        audience: Sequence[str] | None = None,
        method: VerificationMethod | None = None,
    ) -> None:
        super().__init__()
        self._options: dict[str, Any] = {"scopes": scopes, "audience": audience, "method": method}

    def __call__(self, request: HttpRequest) -> Principal:
        """The principal. Raises DeniedError."""
        response = authorize_view(request, **self._options)
        if response is not None:
            raise DeniedError(response)
        principal: Principal = request.oauth2  # type: ignore[attr-defined]
        return principal

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Not used: ``__call__`` reads the header itself, as its errors differ."""
        return self(request)


class OrySession(APIKeyCookie):
    """A Kratos session, with the requirements of ``ory_session_required``. ``request.auth`` is the session.

    Cookies need a CSRF token for methods that change something; session tokens (``X-Session-Token``) do not.
    """

    def __init__(
        self,
        *,
        aal: Literal["aal1", "aal2"] = "aal1",
        max_age: timedelta | None = None,
        verified: bool = False,
        user: bool = False,
    ) -> None:
        self.param_name = get_settings(DEFAULT_ALIAS).session_cookie_name or "ory_kratos_session"
        super().__init__()
        self.requirement = Requirement(aal=aal, max_age=max_age, verified=verified, user=user)

    def __call__(self, request: HttpRequest) -> Session | None:
        """The session. Raises DeniedError."""
        credential = get_ory(request).credential
        if credential is not None and credential.kind == "cookie" and check_csrf(request) is not None:
            raise HttpError(403, "The CSRF check failed.")
        response = check_access(request, self.requirement, api=True)
        if response is not None:
            raise DeniedError(response)
        return get_ory(request).session

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """Not used, see ``__call__``."""
        return self(request)


def get_urls(api: NinjaAPI) -> tuple[list[URLPattern | URLResolver], str, str]:
    """The URLs of an API for ``path()``, exempt from ``LoginRequiredMiddleware``."""
    patterns, app_name, namespace = api.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = _exempt(pattern.callback)
    return patterns, app_name, namespace


def _exempt(view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def exempt(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return view(request, *args, **kwargs)

    return login_not_required(markcoroutinefunction(exempt) if iscoroutinefunction(view) else exempt)


def add_exception_handler(api: NinjaAPI) -> None:
    """Send the whole response of a denied request: challenge, ``redirect_browser_to``, ``Retry-After``."""
    api.add_exception_handler(DeniedError, _get_response)


def _get_response(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    assert isinstance(error, DeniedError)  # noqa: S101  (registered for this class only)
    return error.response
