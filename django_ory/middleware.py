"""``request.ory`` and ``request.user``. The middleware only says who is asking; it never redirects, and it
asks nobody until somebody wants to know. Put it after ``AuthenticationMiddleware``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.utils.functional import SimpleLazyObject

from .sessions.outgoing import finish_response
from .sessions.request import OryRequest
from .sessions.unavailable import SessionUnavailable, unavailable_response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

__all__ = ["OryMiddleware"]


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

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        ory = _attach(request)
        if self.async_mode:
            return self._acall(request, ory)
        response = self.get_response(request)
        return finish_response(ory, response) if ory.touched else response

    async def _acall(self, request: HttpRequest, ory: OryRequest) -> HttpResponseBase:
        response = await self.get_response(request)
        return finish_response(ory, response) if ory.touched else response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer 503 where the settings forbid to go on without Kratos."""
        return unavailable_response(request) if isinstance(exception, SessionUnavailable) else None


def _attach(request: HttpRequest) -> OryRequest:
    ory = OryRequest(request)
    request.ory = ory  # type: ignore[attr-defined]
    request.user = SimpleLazyObject(ory.request_user)  # type: ignore[assignment]
    request.auser = ory.request_auser
    return ory
