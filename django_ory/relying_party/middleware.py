"""``ProviderLogoutMiddleware`` ends a Django session after the session at Hydra has ended."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import logout
from django.db import Error as DatabaseFailure
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext

from django_ory.http.responses import RETRY_AFTER_SECONDS
from django_ory.resilience.log_throttle import throttled_log

from .sessions import PROVIDER_SESSION_KEY, has_ended

__all__ = ["ProviderLogoutMiddleware"]

logger = logging.getLogger("django_ory.relying_party")


class ProviderLogoutMiddleware(MiddlewareMixin):
    """Signs the user out before the view, at the first request after the logout. For sync and async.

    After ``SessionMiddleware`` and ``AuthenticationMiddleware``. One query per request with a
    sign-in at Hydra; requests without a session cookie do not read the session.
    """

    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        response: HttpResponseBase | Awaitable[HttpResponseBase]
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            response = self.get_response(request)
        elif self.async_mode:
            response = self._acall(request)
        else:
            response = end_django_session(request) or self.get_response(request)
        return response

    async def _acall(self, request: HttpRequest) -> HttpResponseBase:
        failure = await sync_to_async(end_django_session)(request)
        response: HttpResponseBase = failure or await self.get_response(request)
        return response


def end_django_session(request: HttpRequest) -> HttpResponse | None:
    """Sign out the user of this request if a logout token has ended the session.

    Returns a 503 while the database fails: it is unknown whether the session has ended.
    """
    entry = request.session.get(PROVIDER_SESSION_KEY)
    if entry is None:
        return None
    try:
        is_over = has_ended(entry)
    except DatabaseFailure as error:
        throttled_log.warn(
            logger,
            ("ended sessions",),
            "The database failed (%s), so requests of users with a sign-in at Hydra get 503. If the table of "
            "EndedSession is missing: python manage.py migrate ory_relying_party",
            type(error).__name__,
        )
        text = gettext("Sign-in is not available right now. Try again in a moment.")
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS), "Cache-Control": "no-store"}
        return HttpResponse(text, status=503, content_type="text/plain; charset=utf-8", headers=headers)
    if is_over:
        logout(request)
    return None
