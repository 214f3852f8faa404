"""``OryMiddleware`` sets ``request.ory`` and ``request.user``; ``LoginRequiredMiddleware`` requires a login.

``OryMiddleware`` never redirects, and calls Kratos only when the view needs the session. Both come after
``AuthenticationMiddleware``, and ``LoginRequiredMiddleware`` after ``OryMiddleware``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth import middleware as auth_middleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import SimpleLazyObject

from django_ory.authentication.credentials import is_token_alone
from django_ory.authentication.request import SAFE_METHODS, OryRequest, get_ory
from django_ory.authentication.request_user import RequestUser
from django_ory.conf import get_settings
from django_ory.exceptions import SessionUnavailable
from django_ory.http.cookies import relay_csrf_cookie, relay_session_cookie
from django_ory.http.responses import service_unavailable

__all__ = ["LoginRequiredMiddleware", "OryMiddleware"]

VARY = ("Cookie", "Authorization", "X-Session-Token")
VARY_LINE = ", ".join(VARY)


class OryMiddleware(MiddlewareMixin):
    """Sets ``request.ory``, ``request.user`` and ``request.auser``. For sync and async."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        ory = OryRequest(request)
        user = RequestUser(request, ory)
        request.ory = ory  # type: ignore[attr-defined]
        request.user = SimpleLazyObject(user.get)  # type: ignore[assignment]
        request.auser = user.aget
        if request.method not in SAFE_METHODS and is_token_alone(request):
            request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]  # noqa: SLF001 (as for csrf_exempt)
        if self.async_mode:
            return self._acall(request, ory, user)
        return _finalize(self.get_response(request), ory, user)

    async def _acall(self, request: HttpRequest, ory: OryRequest, user: RequestUser) -> HttpResponseBase:
        response = await self.get_response(request)
        is_modified = getattr(getattr(request, "session", None), "modified", False)
        if ory.raised_unavailable or (is_modified and ory.identity_if_loaded):
            return await sync_to_async(_finalize)(response, ory, user)  # may query the database
        return _finalize(response, ory, user)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Respond with 503 to ``SessionUnavailable``."""
        return service_unavailable(request) if isinstance(exception, SessionUnavailable) else None


class LoginRequiredMiddleware(auth_middleware.LoginRequiredMiddleware):
    """Django's LoginRequiredMiddleware, which responds with 503 while Kratos is unavailable.

    Django's own would redirect to a sign-in page that is unavailable, too. Views with ``login_not_required``
    do not load the user.
    """

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        if self.async_mode:
            self.process_view = self._aprocess_view  # type: ignore[method-assign,assignment]

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """Return None to call the view, else a redirect or a 503."""
        if not getattr(view_func, "login_required", True):
            return None
        try:
            if not request.user.is_authenticated and get_ory(request).unavailable:
                return service_unavailable(request)
        except SessionUnavailable:
            return service_unavailable(request)
        return super().process_view(request, view_func, view_args, view_kwargs)

    async def _aprocess_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if getattr(view_func, "login_required", True):
            with suppress(SessionUnavailable):  # raised again below
                await request.auser()
        process_view = sync_to_async(type(self).process_view)
        return await process_view(self, request, view_func, view_args, view_kwargs)


def _finalize(response: HttpResponseBase, ory: OryRequest, user: RequestUser) -> HttpResponseBase:
    """Complete the response to a request, of every kind: streams, redirects, errors."""
    ory.suppress_unavailable()  # outer middleware may read request.user
    if ory.raised_unavailable and response.status_code == 500:
        response = service_unavailable(ory.request)  # raised where process_exception is not called
    user.finish_session(response)
    if not ory.accessed:
        return response
    if response.has_header("Vary"):
        patch_vary_headers(response, VARY)
    else:
        response["Vary"] = VARY_LINE  # the usual case, and faster
    if get_settings(ory.alias).server_timing:
        others = [response["Server-Timing"]] if response.has_header("Server-Timing") else []
        response["Server-Timing"] = ", ".join([*others, f"ory;dur={ory.seconds * 1000:.1f}"])
    if ory.set_cookies:
        relay_session_cookie(response, ory.set_cookies, alias=ory.alias)
    if ory.is_private:
        add_never_cache_headers(response)
        relay_csrf_cookie(response, ory.form_cookies)
    return response
