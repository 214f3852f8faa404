"""Why a permission denied a request, and the error responses that tell the client how to go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException, NotAuthenticated, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler as default_exception_handler

from django_ory.authentication.access import DENIALS, get_next_url
from django_ory.authentication.request import get_ory
from django_ory.authentication.requirements import AccessDecision
from django_ory.client import OryError
from django_ory.http.responses import RETRY_AFTER_SECONDS, report_outage
from django_ory.tokens.challenges import build_challenge
from django_ory.tokens.resources import find_resource

__all__ = [
    "ServiceUnavailable",
    "SessionDenial",
    "TokenDenial",
    "build_request_challenge",
    "deny",
    "exception_handler",
    "get_denial",
    "outage_exception",
]

#: The attribute of Django's request with the last denial.
ATTRIBUTE = "_ory_api_denial"


class ServiceUnavailable(APIException):
    """503: Ory is unavailable, so the credential could not be verified. Sent with ``Retry-After``."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = _("Sign-in is not available right now. Try again in a moment.")
    default_code = "ory_unavailable"
    wait = RETRY_AFTER_SECONDS  # DRF sends it as Retry-After


@dataclass(frozen=True, slots=True)
class SessionDenial:
    """A Kratos session that does not meet a requirement."""

    decision: AccessDecision


@dataclass(frozen=True, slots=True)
class TokenDenial:
    """An access token that does not meet a requirement.

    ``scopes``: the missing ones (RFC 6750). ``acr_values`` and ``max_age`` in seconds: the required sign-in
    (RFC 9470).
    """

    error: str
    scopes: tuple[str, ...] = ()
    acr_values: tuple[str, ...] = ()
    max_age: int | None = None


def deny(request: Request, denial: SessionDenial | TokenDenial) -> bool:
    """Record the reason for the response. Returns False, the result of the permission."""
    setattr(_get_django_request(request), ATTRIBUTE, denial)
    return False


def get_denial(request: Request) -> SessionDenial | TokenDenial | None:
    """The last recorded denial of a request."""
    return getattr(_get_django_request(request), ATTRIBUTE, None)


def build_request_challenge(request: Request) -> str:
    """``WWW-Authenticate`` for a request, with its last denial and the metadata of the API."""
    django_request = _get_django_request(request)
    resource = find_resource(django_request, alias=get_ory(django_request).alias)
    metadata_url = resource.metadata_url if resource else ""
    denial = get_denial(request)
    if not isinstance(denial, TokenDenial):
        return build_challenge(resource_metadata=metadata_url)
    return build_challenge(
        error=denial.error,
        scope=denial.scopes,
        acr_values=denial.acr_values,
        max_age=denial.max_age,
        resource_metadata=metadata_url,
    )


def outage_exception(request: Request, error: OryError, *, alias: str) -> ServiceUnavailable:
    """Report that Ory gave no usable answer, and return the exception for the response."""
    report_outage(_get_django_request(request), error, alias=alias, what="Verifying an API credential failed")
    return ServiceUnavailable()


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's handler, and for denials of our permissions the challenge or ``redirect_browser_to``.

    For ``REST_FRAMEWORK["EXCEPTION_HANDLER"]``.
    """
    response = default_exception_handler(exc, context)
    request: Request = context["request"]
    if response is None or not isinstance(exc, PermissionDenied | NotAuthenticated):
        return response
    denial = get_denial(request)
    if isinstance(denial, TokenDenial):
        response["WWW-Authenticate"] = build_request_challenge(request)
        if denial.error == "insufficient_user_authentication":
            response.status_code = status.HTTP_401_UNAUTHORIZED
    elif isinstance(denial, SessionDenial):
        _describe_session_denial(request, denial, response)
    return response


def _describe_session_denial(request: Request, denial: SessionDenial, response: Response) -> None:
    django_request, reason = _get_django_request(request), DENIALS[denial.decision]
    response.status_code = reason.status
    response.data = {"detail": str(reason.message), "code": reason.id}
    next_url = get_next_url(django_request, denial.decision, as_json=True)
    if next_url is not None:
        response.data["redirect_browser_to"] = django_request.build_absolute_uri(next_url)
    if reason.status == status.HTTP_401_UNAUTHORIZED:
        response["WWW-Authenticate"] = build_challenge()


def _get_django_request(request: Request) -> HttpRequest:
    return request._request  # noqa: SLF001  (DRF's documented way to the request of Django)
