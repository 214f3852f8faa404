"""The exception handler for ``REST_FRAMEWORK["EXCEPTION_HANDLER"]``.

A module of its own: DRF imports authentication classes while ``rest_framework.views`` is loaded.
"""

from __future__ import annotations

from typing import Any

from django.urls import NoReverseMatch
from rest_framework import status
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.views import exception_handler as default_exception_handler

from django_ory.authentication.access import DENIALS, get_next_url
from django_ory.authentication.requirements import AccessDecision

from .authentication import OryAuthentication, OrySessionAuthentication
from .denials import (
    DeniedSession,
    SessionDenial,
    TokenDenial,
    build_request_challenge,
    find_denial,
    get_django_request,
)

__all__ = ["exception_handler"]


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's handler, which adds the challenge for clients with a token, or ``redirect_browser_to``.

    ``redirect_browser_to`` is the page on which the user signs in, or confirms the second factor. Anonymous
    requests get it if the view accepts sessions.
    """
    response = default_exception_handler(exc, context)
    request: Request = context["request"]
    if response is None or not isinstance(exc, PermissionDenied | NotAuthenticated):
        return response
    denial = exc.denial if isinstance(exc, DeniedSession) else find_denial(request, context["view"])
    if isinstance(denial, TokenDenial):
        response["WWW-Authenticate"] = build_request_challenge(request)
        if denial.error == "insufficient_user_authentication":
            response.status_code = status.HTTP_401_UNAUTHORIZED
    elif isinstance(denial, SessionDenial):
        _describe_session_denial(request, denial, response)
    elif isinstance(exc, NotAuthenticated) and _accepts_sessions(context.get("view")):
        _describe_session_denial(request, SessionDenial(AccessDecision.LOGIN), response)
    return response


def _accepts_sessions(view: Any) -> bool:
    authenticators = view.get_authenticators() if isinstance(view, APIView) else ()
    return any(isinstance(each, OryAuthentication | OrySessionAuthentication) for each in authenticators)


def _describe_session_denial(request: Request, denial: SessionDenial, response: Response) -> None:
    django_request, reason = get_django_request(request), DENIALS[denial.decision]
    response.status_code = reason.status
    response.data = {"detail": str(reason.message), "code": reason.id}
    try:
        next_url = get_next_url(django_request, denial.decision, as_json=True)
    except NoReverseMatch:  # a site without the pages of django_ory
        next_url = None
    if next_url is not None:
        response.data["redirect_browser_to"] = django_request.build_absolute_uri(next_url)
    if reason.status == status.HTTP_401_UNAUTHORIZED:
        response["WWW-Authenticate"] = build_request_challenge(request)
