"""The two pages without a form of Kratos: signing out, and what went wrong."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.conf import settings as django_settings
from django.shortcuts import render, resolve_url
from django.urls import get_script_prefix

from django_ory.client import OryBadRequest, OryError, OryNotFound
from django_ory.clients import get_client
from django_ory.sessions.logout import end_session
from django_ory.sessions.request import get_ory
from django_ory.sessions.return_to import safe_return_to

from .addresses import places_of
from .explanations import EXPLANATIONS, explanation_of_error
from .flows import flow_id, is_outage
from .outages import outage_response
from .responses import explain, page_view, see_other

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["error", "logout"]

logger = logging.getLogger("django_ory.selfservice")

#: What a stranger may be shown of an error that came in the address.
MAX_SHOWN = 500


@page_view("GET", "HEAD", "POST")
def logout(request: HttpRequest) -> HttpResponse:
    """GET asks; POST (with Django's CSRF token) signs out and sends the browser to Kratos for the rest."""
    alias = get_ory(request).alias
    values = request.POST if request.method == "POST" else request.GET
    return_to = safe_return_to(request, values.get("return_to") or values.get("next"), alias=alias)
    if request.method != "POST":
        return render(request, "ory/selfservice/logout.html", {"return_to": return_to})
    return_to = return_to or _default_return_to(request, alias)
    try:
        url = _end(request, return_to)
    except OryError as problem:
        return outage_response(request, problem, alias=alias)
    if url and not places_of(request, alias=alias).may_be_posted_to(url):
        logger.error("Kratos' logout_url is on another origin than KRATOS_BROWSER_URL; nobody is sent there.")
        return explain(request, "broken")
    return see_other(url or return_to or get_script_prefix())


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
    """Kratos' errors (``id``) and OAuth2's (``error``, ``error_description``), which anybody can write."""
    given = flow_id(request.GET.get("id"))
    if given is None:
        return _error_in_address(request)
    alias = get_ory(request).alias
    try:
        stored = get_client(alias).get_self_service_error(id=given)
    except OryNotFound:
        return explain(request, "gone", reference=given)
    except OryError as problem:
        if is_outage(problem):
            return outage_response(request, problem, alias=alias)
        return explain(request, "error", reference=given)
    found: dict[str, Any] = stored.error if isinstance(stored.error, dict) else {}
    reason, explanation = explanation_of_error(found)
    if reason == "return_to":
        logger.warning("Kratos refused a return_to. See selfservice.allowed_return_urls.")
    details = _shown(found.get("reason")) if reason == "error" else ""
    return explain(request, reason, explanation=explanation, details=details, reference=given)


def _error_in_address(request: HttpRequest) -> HttpResponse:
    details = _shown(request.GET.get("error_description"))
    code = _shown(request.GET.get("error"))
    return explain(request, "error", explanation=EXPLANATIONS["error"], details=details, reference=code)


def _shown(value: Any) -> str:
    return value[:MAX_SHOWN] if isinstance(value, str) else ""
