"""Decorators for views, and for the login and logout of the Django admin.

Denied requests are redirected to the page that helps; API clients get JSON. Django's ``login_required`` and
``permission_required`` work as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial, wraps
from typing import Any, Literal, ParamSpec, Protocol, TypeVar, overload

from asgiref.sync import iscoroutinefunction
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from django_ory.authentication.access import acheck_access, admin_login_response, check_access
from django_ory.authentication.logout import logout_response
from django_ory.authentication.oauth2 import aauthorize_view, authorize_view
from django_ory.authentication.requirements import Requirement
from django_ory.tokens.verification import VerificationMethod

__all__ = [
    "oauth2_required",
    "ory_session_required",
    "ory_user_required",
    "secure_admin_login",
    "secure_admin_logout",
]

P = ParamSpec("P")
View = TypeVar("View", bound=Callable[..., Any])


class ViewDecorator(Protocol):
    """A decorator that keeps the type of the view."""

    def __call__(self, view: View, /) -> View: ...


class ViewDecoratorWithOptions(Protocol[P]):
    """A decorator that is used with options in parentheses, or without."""

    @overload
    def __call__(self, view: View, /) -> View: ...
    @overload
    def __call__(self, *args: P.args, **options: P.kwargs) -> ViewDecorator: ...


def _make_parentheses_optional(build: Callable[P, ViewDecorator]) -> ViewDecoratorWithOptions[P]:
    build_decorator: Any = build

    @wraps(build)
    def decorator(*views: Any, **options: Any) -> Any:
        return build_decorator(**options)(*views) if views else build_decorator(**options)

    return decorator


@_make_parentheses_optional
def ory_session_required(
    *,
    aal: Literal["aal1", "aal2"] = "aal1",
    max_age: timedelta | None = None,
    verified: bool = False,
    api: bool | None = None,
) -> ViewDecorator:
    """Require a Kratos session. For sync and async views, with or without arguments.

    Args:
        aal: ``"aal2"`` requires the second factor.
        max_age: the longest time since the last sign-in, at least 10 seconds. After that, the user must sign
            in again.
        verified: Kratos must have verified the user's own e-mail address.
        api: respond with JSON (True), redirects (False), or the format that the client prefers (None).

    An inactive Django user is denied. While Kratos is unavailable, the response is 503.
    """
    return _require(Requirement(aal=aal, max_age=max_age, verified=verified), api)


@_make_parentheses_optional
def ory_user_required(
    *,
    aal: Literal["aal1", "aal2"] = "aal1",
    max_age: timedelta | None = None,
    verified: bool = False,
    api: bool | None = None,
) -> ViewDecorator:
    """``ory_session_required``, and the identity must have an active Django user: ``request.ory.user``."""
    return _require(Requirement(aal=aal, max_age=max_age, verified=verified, user=True), api)


@_make_parentheses_optional
def oauth2_required(
    *,
    scopes: Sequence[str] = (),
    audience: Sequence[str] | None = None,
    method: VerificationMethod | None = None,
) -> ViewDecorator:
    """Require an OAuth2 access token of Hydra. For sync and async views, with or without arguments.

    ``request.oauth2`` is the ``UserPrincipal`` or ``ClientPrincipal``; for a user's token ``request.user`` is
    the Django user. Other credentials, such as cookies, do not count, so the view needs no CSRF token.

    Args:
        scopes: all of them are required.
        audience: the token must be for one of these. Default: the API in ``OAUTH2_RESOURCES`` that the URL
            belongs to, else ``OAUTH2_AUDIENCE``.
        method: ``"introspection"``, ``"jwt"`` or ``"auto"``. Default: ``OAUTH2_VERIFICATION``.
    """
    options: dict[str, Any] = {"scopes": scopes, "audience": audience, "method": method}
    guard = _build_guard(partial(authorize_view, **options), partial(aauthorize_view, **options))
    return lambda view: csrf_exempt(login_not_required(guard(view)))


def secure_admin_login(login: Callable[..., Any]) -> Callable[..., Any]:
    """Sign in to the Django admin through Ory: ``admin.site.login = secure_admin_login(admin.site.login)``.

    Replaces Django's password form. A signed-in user without access to the admin gets a page with 403.
    """
    from django.contrib import admin  # not every project has it

    site = getattr(login, "__self__", admin.site)

    @login_not_required
    @wraps(login)
    def protected(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return admin_login_response(request, site)

    return protected


def secure_admin_logout(logout: Callable[..., Any]) -> Callable[..., Any]:
    """Sign out of Ory too: ``admin.site.logout = secure_admin_logout(admin.site.logout)``.

    Django's own view ends the Django session only, and Kratos' cookie would sign the user in again.
    """

    @wraps(logout)
    def end_session(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method != "POST":
            return HttpResponseRedirect(reverse("ory:logout"))  # the page asks first
        return logout_response(request)

    return end_session


def _require(requirement: Requirement, api: bool | None) -> ViewDecorator:
    options: dict[str, Any] = {"requirement": requirement, "api": api}
    return _build_guard(partial(check_access, **options), partial(acheck_access, **options))


def _build_guard(check: Callable[..., Any], acheck: Callable[..., Any]) -> ViewDecorator:
    """Return a decorator for sync and async views that calls the view if a check returns no response."""

    def decorate(view: View) -> View:
        if iscoroutinefunction(view):

            @wraps(view)
            async def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
                return await acheck(request) or await view(request, *args, **kwargs)

        else:

            @wraps(view)
            def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
                return check(request) or view(request, *args, **kwargs)

        return guarded  # type: ignore[return-value]

    return decorate
