"""Why a permission denied a request, and the error responses that tell the client how to go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException, PermissionDenied
from rest_framework.request import Request

from django_ory.authentication.request import get_ory
from django_ory.authentication.requirements import AccessDecision
from django_ory.client import OryError
from django_ory.http.responses import RETRY_AFTER_SECONDS, report_outage
from django_ory.tokens.challenges import build_challenge
from django_ory.tokens.resources import find_resource

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which imports the authentication classes

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


class DeniedSession(PermissionDenied):
    """403: the session does not meet a requirement of Kratos, whatever the permissions of the view."""

    def __init__(self, denial: SessionDenial) -> None:
        super().__init__()
        self.denial = denial


def deny(request: Request, denial: SessionDenial | TokenDenial) -> bool:
    """Record the reason for the response. Returns False, the result of the permission."""
    setattr(get_django_request(request), ATTRIBUTE, denial)
    return False


def find_denial(request: Request, view: APIView) -> SessionDenial | TokenDenial | None:
    """The reason for which a permission of the view denies the request.

    A recorded denial may be that of one side of ``|`` while the other side allowed the request, and the view
    itself denied it later. So the permissions are evaluated again.
    """
    if _get_denial(request) is None:
        return None
    for permission in view.get_permissions():
        setattr(get_django_request(request), ATTRIBUTE, None)
        try:
            is_allowed = permission.has_permission(request, view)
        except APIException:  # Ory became unavailable since
            return None
        if not is_allowed:
            return _get_denial(request)
    return None


def _get_denial(request: Request) -> SessionDenial | TokenDenial | None:
    return getattr(get_django_request(request), ATTRIBUTE, None)


def build_request_challenge(request: Request) -> str:
    """``WWW-Authenticate`` for a request, with its last denial and the metadata of the API."""
    django_request = get_django_request(request)
    resource = find_resource(django_request, alias=get_ory(django_request).alias)
    metadata_url = resource.metadata_url if resource else ""
    denial = _get_denial(request)
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
    report_outage(get_django_request(request), error, alias=alias, what="Verifying an API credential failed")
    return ServiceUnavailable()


def has_response(request: Request) -> bool:
    """Whether the view has returned its response, so that DRF no longer handles exceptions."""
    return hasattr((request.parser_context or {}).get("view"), "response")


def get_django_request(request: Request) -> HttpRequest:
    """The request of Django."""
    return request._request  # noqa: SLF001  (DRF's documented way to the request of Django)
