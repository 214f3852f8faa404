"""Access tokens for plain Django views and Django Ninja: a principal, or the response to a denied request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from django_ory.client import OryError
from django_ory.conf import get_settings
from django_ory.exceptions import SessionUnavailable
from django_ory.http.responses import json_error, report_outage, service_unavailable
from django_ory.tokens.access_token import AccessToken, InvalidToken
from django_ory.tokens.bearer import get_bearer_token
from django_ory.tokens.challenges import build_challenge
from django_ory.tokens.principals import ClientPrincipal, Principal, get_principal
from django_ory.tokens.resources import ProtectedResource, find_resource, get_audience
from django_ory.tokens.scopes import is_scope_granted
from django_ory.tokens.verification import VerificationMethod, averify_access_token, verify_access_token

from .access import compare_session
from .request import get_ory
from .requirements import AccessDecision


def authorize_view(
    request: HttpRequest,
    *,
    scopes: Sequence[str] = (),
    audience: Sequence[str] | None = None,
    method: VerificationMethod | None = None,
) -> HttpResponse | None:
    """Verify the access token of a request. Returns the response to send instead of the view's, if any.

    Sets ``request.oauth2`` to the principal, and ``request.user`` and ``request.auser`` to the Django user of
    a user's token, or to an anonymous user.
    401 without a valid token, 403 without the scopes, 503 while Hydra is unavailable; 401 and 403 with the
    challenge of RFC 6750 and the URL of the metadata of the resource. The user of a token must be active.

    Args:
        scopes: all of them are required.
        audience: see ``get_audience``.
        method: see ``verify_access_token``.
    """
    alias = get_ory(request).alias
    resource = find_resource(request, alias=alias)
    try:
        token = get_bearer_token(request)
        if token is None:
            return _build_login_response(resource)
        accepted = get_audience(resource, alias=alias, audience=audience)
        verified = verify_access_token(token, alias=alias, method=method, audience=accepted)
        principal = _attach_principal(request, verified, alias)
    except (InvalidToken, OryError) as error:
        return _build_error_response(request, error, resource, alias)
    except SessionUnavailable:
        return service_unavailable(request, api=True)
    return _check_scopes(principal, scopes, resource)


async def aauthorize_view(
    request: HttpRequest,
    *,
    scopes: Sequence[str] = (),
    audience: Sequence[str] | None = None,
    method: VerificationMethod | None = None,
) -> HttpResponse | None:
    """``authorize_view`` for async code."""
    alias = await sync_to_async(lambda: get_ory(request).alias)()
    resource = find_resource(request, alias=alias)
    try:
        token = get_bearer_token(request)
        if token is None:
            return _build_login_response(resource)
        accepted = get_audience(resource, alias=alias, audience=audience)
        verified = await averify_access_token(token, alias=alias, method=method, audience=accepted)
        await get_ory(request)
        principal = await sync_to_async(_attach_principal)(request, verified, alias)
    except (InvalidToken, OryError) as error:
        return _build_error_response(request, error, resource, alias)
    except SessionUnavailable:
        return service_unavailable(request, api=True)
    return _check_scopes(principal, scopes, resource)


def _attach_principal(request: HttpRequest, token: AccessToken, alias: str) -> Principal:
    principal = get_principal(token, alias=alias)
    decision = compare_session(request, principal.identity_id)
    if decision is AccessDecision.UNAVAILABLE:
        raise SessionUnavailable
    if decision is AccessDecision.TWO_ACCOUNTS:
        raise InvalidToken("The request has an access token and the session of another user.")
    request.oauth2 = principal  # type: ignore[attr-defined]
    user = AnonymousUser() if isinstance(principal, ClientPrincipal) else principal.user

    async def auser() -> Any:
        return user

    request.user, request.auser = user, auser  # type: ignore[assignment]
    return principal


def _check_scopes(
    principal: Principal, scopes: Sequence[str], resource: ProtectedResource | None
) -> HttpResponse | None:
    strategy = get_settings(principal.alias).oauth2_scope_strategy
    granted = principal.token.scopes
    missing = [scope for scope in scopes if not is_scope_granted(granted, scope, strategy=strategy)]
    if not missing:
        return None
    challenge = build_challenge(
        error="insufficient_scope", scope=missing, resource_metadata=_get_metadata_url(resource)
    )
    return _deny(403, "insufficient_scope", _("The access token lacks a scope."), challenge)


def _build_login_response(resource: ProtectedResource | None) -> HttpResponse:
    challenge = build_challenge(resource_metadata=_get_metadata_url(resource))
    return _deny(401, "unauthorized", _("An access token is required."), challenge)


def _build_error_response(
    request: HttpRequest, error: InvalidToken | OryError, resource: ProtectedResource | None, alias: str
) -> HttpResponse:
    if isinstance(error, OryError):
        report_outage(request, error, alias=alias, what="Verifying an access token failed")
        return service_unavailable(request, api=True)
    challenge = build_challenge(error="invalid_token", resource_metadata=_get_metadata_url(resource))
    return _deny(401, "invalid_token", str(error), challenge)


def _get_metadata_url(resource: ProtectedResource | None) -> str:
    return resource.metadata_url if resource else ""


def _deny(status: int, error_id: str, message: str, challenge: str) -> HttpResponse:
    response = json_error(status, error_id, message)
    response["WWW-Authenticate"] = challenge
    response["Cache-Control"] = "no-store"
    return response
