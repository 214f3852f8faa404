"""``request.ory`` and ``request.user``. The middleware only says who is asking; it never redirects, and it
asks nobody until somebody wants to know. Put it after ``AuthenticationMiddleware``.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import django
from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from django_ory.authentication.credentials import is_token_alone
from django_ory.authentication.request import SAFE_METHODS, OryRequest, get_ory
from django_ory.authentication.request_user import RequestUser
from django_ory.authentication.response import finalize_response
from django_ory.exceptions import SessionUnavailable
from django_ory.http.responses import service_unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

__all__ = ["OryMiddleware"]

#: Older LoginRequiredMiddleware looks at ``request.user`` for every view, and only then whether it must.
ASKS_FOR_OPEN_VIEWS = django.VERSION < (6, 0)


class OryMiddleware:
    """Sync and async in one class, as the server needs it."""

    sync_capable = True
    async_capable = True

    def __init__(
        self,
        get_response: Callable[[HttpRequest], HttpResponseBase]
        | Callable[[HttpRequest], Awaitable[HttpResponseBase]],
    ) -> None:
        self.get_response: Any = get_response
        self.async_mode = iscoroutinefunction(get_response)
        if self.async_mode:
            markcoroutinefunction(self)
        wall, between = _wall_behind_us()
        if wall is not None:
            # Only then: Django calls process_view for every request.
            self.process_view = self._abefore_view if self.async_mode else self._before_view
        #: Whether nobody but Django's own middleware looks at the user of an open view before the view does.
        self.alone_with_wall = (
            wall is not None
            and wall.process_view is LoginRequiredMiddleware.process_view
            and not any(hasattr(each, "process_view") for each in between)
        )

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        ory, user = _attach(request)
        if self.async_mode:
            return self._acall(request, ory, user)
        response = self.get_response(request)
        ory.suppress_unavailable()  # middleware further out may still ask; the time to refuse is over
        if ory.accessed:
            response = finalize_response(ory, user, response)
        user.ownership.release(response)
        return response  # type: ignore[no-any-return]

    async def _acall(self, request: HttpRequest, ory: OryRequest, user: RequestUser) -> HttpResponseBase:
        response = await self.get_response(request)
        ory.suppress_unavailable()
        if ory.raised_unavailable or user.ownership.must_be_recorded:  # both may query the database
            response = await sync_to_async(finalize_response)(ory, user, response)
        elif ory.accessed:
            response = finalize_response(ory, user, response)
        user.ownership.release(response)
        return response  # type: ignore[no-any-return]

    def _before_view(self, request: HttpRequest, view: Any, *_: Any) -> HttpResponse | None:
        """Respond with 503 before LoginRequiredMiddleware redirects to a sign-in page that is down, too.

        It looks at ``request.user``, and nobody turns what that raises into a 503: look first.
        """
        if not getattr(view, "login_required", True):
            if ASKS_FOR_OPEN_VIEWS and self.alone_with_wall:
                request.user = _NotAsked(request)  # type: ignore[assignment]
            return None
        try:
            if request.user.is_authenticated or not get_ory(request).unavailable:
                return None
        except SessionUnavailable:
            pass
        return service_unavailable(request)

    async def _abefore_view(self, request: HttpRequest, view: Any, *_: Any) -> HttpResponse | None:
        if getattr(view, "login_required", True):
            with suppress(SessionUnavailable):  # it is remembered, and comes again
                await request.auser()
        return await sync_to_async(self._before_view)(request, view)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Respond with 503 where the settings forbid to go on without Kratos."""
        return service_unavailable(request) if isinstance(exception, SessionUnavailable) else None


class _NotAsked:
    """``request.user`` of an open view until LoginRequiredMiddleware has looked at it, for which nobody need
    be asked: it lets everybody pass. Anonymous until then.
    """

    def __init__(self, request: HttpRequest) -> None:
        self._request, self._user = request, request.user

    @property
    def is_authenticated(self) -> bool:
        self._request.user = self._user
        return False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._user, name)


def _wall_behind_us() -> tuple[type[LoginRequiredMiddleware] | None, list[Any]]:
    """Django's LoginRequiredMiddleware, or its subclass, if it looks at requests after us; and what stands
    between.
    """
    classes = [import_string(path) for path in settings.MIDDLEWARE]
    between: list[Any] | None = None
    for each in classes:
        if isinstance(each, type) and issubclass(each, OryMiddleware):
            between = []
        elif between is None:
            continue
        elif isinstance(each, type) and issubclass(each, LoginRequiredMiddleware):
            return each, between
        else:
            between.append(each)
    return None, []


def _attach(request: HttpRequest) -> tuple[OryRequest, RequestUser]:
    ory = OryRequest(request)
    user = RequestUser(request, ory)
    request.ory = ory  # type: ignore[attr-defined]
    request.user = SimpleLazyObject(user.get)  # type: ignore[assignment]
    request.auser = user.aget
    if request.method not in SAFE_METHODS and is_token_alone(request):
        request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]  # noqa: SLF001 (as for csrf_exempt)
    return ory, user
