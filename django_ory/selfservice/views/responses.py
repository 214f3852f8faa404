"""Decisions -> responses, and what all responses of these pages have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from django_ory.http.responses import keep_private
from django_ory.selfservice.texts.explanations import EXPLANATIONS

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["page_view", "redirect_with_get", "render_explanation"]

View = Callable[..., HttpResponse]


def page_view(*methods: str) -> Callable[[View], View]:
    """A view that anybody may visit and nobody may cache, frame, post to from elsewhere, or learn the address
    of from a Referer.
    """

    def decorate(view: View) -> View:
        view = csrf_protect(view)  # signing out must not depend on the project's middleware

        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            allowed = request.method in methods
            response = view(request, *args, **kwargs) if allowed else HttpResponseNotAllowed(methods)
            keep_private(response)
            return response

        return login_not_required(sensitive_variables()(sensitive_post_parameters()(wrapped)))

    return decorate


def redirect_with_get(url: str) -> HttpResponse:
    """303: go there with GET, whatever the method was here."""
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


def render_explanation(request: HttpRequest, reason: str, *, again: str = "", **more: Any) -> HttpResponse:
    """The page for a reason (a key of ``EXPLANATIONS``). ``again``: the path that starts over."""
    explanation = EXPLANATIONS[reason]
    context: Mapping[str, Any] = {"reason": reason, "explanation": explanation, "again": again, **more}
    return render(request, "ory/selfservice/explain.html", context, status=explanation.status)
