"""The base class of the app's own pages, for Kratos as well as for Hydra."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import connections, transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from django_ory.conf import aliases, get_settings

from .responses import keep_private


@method_decorator([login_not_required, sensitive_post_parameters(), sensitive_variables()], name="dispatch")
class PrivateView(View):
    """A page that is open to anonymous users, and is neither cached nor framed.

    Subclasses define ``get`` and ``post``. They may override ``handle``, but not ``dispatch``, which has the
    decorators.
    """

    http_method_names = ["get", "head", "post"]  # noqa: RUF012 (as Django declares it)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = self.handle(request, *args, **kwargs)
        keep_private(response)
        if any(get_settings(alias).oauth2_popups for alias in aliases()):
            # Before SecurityMiddleware. With its policy, the browser would separate the popup from the app.
            response.headers.setdefault("Cross-Origin-Opener-Policy", "unsafe-none")
        return response

    def handle(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Call the method of the view for the request's method."""
        return super().dispatch(request, *args, **kwargs)


@method_decorator(csrf_protect, name="dispatch")
class PageView(PrivateView):
    """A page that other sites cannot post to, even without Django's CSRF middleware."""


def disable_atomic_requests(patterns: Iterable[URLPattern]) -> None:
    """Run the views of URL patterns without a transaction, for projects with ``ATOMIC_REQUESTS``.

    For views that change Ory: a rollback cannot undo such a change, so rows are written before and after.
    """
    for pattern in patterns:
        for database in connections:
            transaction.non_atomic_requests(using=database)(pattern.callback)
