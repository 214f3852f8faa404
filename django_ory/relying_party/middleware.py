"""``ProviderLogoutMiddleware`` ends a Django session after the session at Hydra has ended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from .sessions import PROVIDER_SESSION_KEY, has_ended

__all__ = ["ProviderLogoutMiddleware"]


class ProviderLogoutMiddleware:
    """Signs the user out before the view, at the first request after the logout. For sync and async.

    After ``SessionMiddleware`` and ``AuthenticationMiddleware``. One query per request with a
    sign-in at Hydra; requests without a session cookie do not read the session.
    """

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

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.async_mode:
            return self._acall(request)
        end_django_session(request)
        response: HttpResponseBase = self.get_response(request)
        return response

    async def _acall(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            await sync_to_async(end_django_session)(request)
        response: HttpResponseBase = await self.get_response(request)
        return response


def end_django_session(request: HttpRequest) -> None:
    """Sign out the user of this request if a logout token has ended the session."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return
    entry = request.session.get(PROVIDER_SESSION_KEY)
    if entry is not None and has_ended(entry):
        logout(request)
