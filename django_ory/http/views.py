"""The base class of the app's own pages, for Kratos as well as for Hydra."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import connections, transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.decorators import classonlymethod
from django.views import View
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from django_ory.conf import aliases, get_settings

from .responses import keep_private


class PrivateView(View):
    """A page that is open to anonymous users, and is neither cached nor framed.

    Subclasses define ``get`` and ``post``. They may override ``handle``.
    """

    http_method_names = ["get", "head", "post"]  # noqa: RUF012 (as Django declares it)

    @classonlymethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        # ``method_decorator`` for ``dispatch`` would decorate again for each request.
        view = sensitive_post_parameters()(sensitive_variables()(super().as_view(**initkwargs)))
        return login_not_required(view)

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


class PageView(PrivateView):
    """A page that other sites cannot post to, even without Django's CSRF middleware."""

    @classonlymethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        return csrf_protect(super().as_view(**initkwargs))


def disable_atomic_requests(patterns: Iterable[URLPattern]) -> None:
    """Run the views of URL patterns without a transaction, for projects with ``ATOMIC_REQUESTS``.

    For views that change Ory: a rollback cannot undo such a change, so rows are written before and after.
    """
    for pattern in patterns:
        for database in connections:
            transaction.non_atomic_requests(using=database)(pattern.callback)
