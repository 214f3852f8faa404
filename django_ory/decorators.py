"""Protecting views: who is not let in gets a redirect to where they can help it, or JSON if they are a
program.

Django's own ``login_required`` and ``permission_required`` work as well; these say more.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from asgiref.sync import iscoroutinefunction
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseRedirect
from django.urls import reverse

from django_ory.authentication.access import acheck_access, admin_login_response, check_access
from django_ory.authentication.logout import logout_response
from django_ory.authentication.requirements import Requirement

if TYPE_CHECKING:
    from datetime import timedelta

    from django.http import HttpRequest

__all__ = ["ory_session_required", "ory_user_required", "secure_admin_login", "secure_admin_logout"]

View = TypeVar("View", bound=Callable[..., Any])


@overload
def ory_session_required(view: View, /) -> View: ...
@overload
def ory_session_required(
    *,
    aal: Literal["aal1", "aal2"] = "aal1",
    max_age: timedelta | None = None,
    verified: bool = False,
    api: bool | None = None,
) -> Callable[[View], View]: ...
def ory_session_required(
    view: View | None = None,
    /,
    *,
    aal: Literal["aal1", "aal2"] = "aal1",
    max_age: timedelta | None = None,
    verified: bool = False,
    api: bool | None = None,
) -> View | Callable[[View], View]:
    """Require a Kratos session. For sync and async views, with or without arguments.

    ``aal``: ``"aal2"`` requires the second factor. ``max_age``: the longest time since the last sign-in;
    after that, the user must sign in again. ``verified``: Kratos must have verified the user's own e-mail
    address. ``api``: respond with JSON (True), redirects (False), or what the client prefers (None). An
    inactive Django user is refused. While Kratos is down, the response is 503.
    """
    return _guard(view, Requirement(aal=aal, max_age=max_age, verified=verified), api)


@overload
def ory_user_required(view: View, /) -> View: ...
@overload
def ory_user_required(
    *,
    aal: Literal["aal1", "aal2"] = "aal1",
    max_age: timedelta | None = None,
    verified: bool = False,
    api: bool | None = None,
) -> Callable[[View], View]: ...
def ory_user_required(
    view: View | None = None,
    /,
    *,
    aal: Literal["aal1", "aal2"] = "aal1",
    max_age: timedelta | None = None,
    verified: bool = False,
    api: bool | None = None,
) -> View | Callable[[View], View]:
    """``ory_session_required``, and an active Django user must belong to it: ``request.ory.user``."""
    return _guard(view, Requirement(aal=aal, max_age=max_age, verified=verified, user=True), api)


def secure_admin_login(login: Callable[..., Any]) -> Callable[..., Any]:
    """Sign in to the Django admin through Ory: ``admin.site.login = secure_admin_login(admin.site.login)``.

    Nobody sees Django's password form any more. Who is signed in without being staff is refused, not sent
    round.
    """
    from django.contrib import admin  # not every project has it

    site = getattr(login, "__self__", admin.site)

    @login_not_required
    @wraps(login)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return admin_login_response(request, site)

    return guarded


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


def _guard(view: View | None, requirement: Requirement, api: bool | None) -> View | Callable[[View], View]:
    def decorate(view: View) -> View:
        if iscoroutinefunction(view):

            @wraps(view)
            async def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
                denial = await acheck_access(request, requirement, api=api)
                return denial or await view(request, *args, **kwargs)

        else:

            @wraps(view)
            def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
                return check_access(request, requirement, api=api) or view(request, *args, **kwargs)

        return guarded  # type: ignore[return-value]

    return decorate if view is None else decorate(view)
