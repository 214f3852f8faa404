"""The two pages without a form of Kratos: signing out, and what went wrong.

No text from an address is shown, for it would stand there as our words; nor is Kratos' reason for an error,
which repeats what somebody wrote into the address of a flow.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.conf import settings as django_settings
from django.shortcuts import render, resolve_url
from django.template.loader import render_to_string
from django.urls import get_script_prefix

from django_ory.authentication.logout import end_session
from django_ory.authentication.request import get_ory
from django_ory.client import OryBadRequest, OryError, OryNotFound
from django_ory.clients import get_client
from django_ory.http.redirects import TrustedOrigins, safe_return_to
from django_ory.http.responses import outage_response
from django_ory.selfservice.decisions.errors import classify_error, is_outage
from django_ory.selfservice.decisions.flows import parse_flow_id

from .responses import page_view, redirect_with_get, render_explanation

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["error", "logout"]

logger = logging.getLogger("django_ory.selfservice")


@page_view("GET", "HEAD", "POST")
def logout(request: HttpRequest) -> HttpResponse:
    """GET asks; POST (with Django's CSRF token) signs out and sends the browser to Kratos for the rest."""
    alias = get_ory(request).alias
    values = request.POST if request.method == "POST" else request.GET
    return_to = safe_return_to(request, values.get("return_to") or values.get("next"), alias=alias)
    if request.method != "POST":
        return render(request, "ory/selfservice/logout.html", {"return_to": return_to})
    wanted = return_to or _default_return_to(request, alias)
    try:
        url = _end(request, wanted)
    except OryError as problem:
        response = outage_response(request, problem, alias=alias)
        return _not_signed_out(request, response, return_to=return_to)
    if url and not TrustedOrigins.from_request(request, alias=alias).allows_form_action(url):
        logger.error("Kratos' logout_url is on another origin than KRATOS_BROWSER_URL; nobody is sent there.")
        return _not_signed_out(
            request, render_explanation(request, "untrusted_response"), return_to=return_to
        )
    return redirect_with_get(url or wanted or get_script_prefix())


def _not_signed_out(request: HttpRequest, response: HttpResponse, *, return_to: str | None) -> HttpResponse:
    """The Django session has ended and Kratos' has not: at a shared computer that is what people must know.

    Status and headers are those of ``response``, and so is a body for programs.
    """
    if response.headers["Content-Type"].startswith("text/html"):
        page = "ory/selfservice/not_signed_out.html"
        response.content = render_to_string(page, {"return_to": return_to}, request)
    return response


def _end(request: HttpRequest, return_to: str | None) -> str | None:
    try:
        return end_session(request, return_to=return_to)
    except OryBadRequest:
        if return_to is None:
            raise
        logger.warning(
            "Kratos refuses the return_to of the logout page. See selfservice.allowed_return_urls."
        )
        return end_session(request)


def _default_return_to(request: HttpRequest, alias: str) -> str | None:
    """``LOGOUT_REDIRECT_URL``, if the project set it; else Kratos' configuration decides."""
    target = django_settings.LOGOUT_REDIRECT_URL
    return safe_return_to(request, resolve_url(target), alias=alias) if target else None


@page_view("GET", "HEAD")
def error(request: HttpRequest) -> HttpResponse:
    """What Kratos could not do, by the ``id`` under which it keeps the error."""
    given = parse_flow_id(request.GET.get("id"))
    if given is None:
        return render_explanation(request, "error")
    alias = get_ory(request).alias
    try:
        stored = get_client(alias).get_self_service_error(id=given)
    except OryNotFound:
        return render_explanation(request, "expired", reference=given)
    except OryError as problem:
        if is_outage(problem):
            return outage_response(request, problem, alias=alias)
        return render_explanation(request, "error", reference=given)
    found: dict[str, Any] = stored.error if isinstance(stored.error, dict) else {}
    reason = classify_error(found)
    if reason == "return_to":
        logger.warning("Kratos refused a return_to. See selfservice.allowed_return_urls.")
    hint = str(found.get("reason") or "") if django_settings.DEBUG else ""
    return render_explanation(request, reason, hint=hint, reference=given)
