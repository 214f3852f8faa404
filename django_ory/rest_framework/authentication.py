"""Authentication classes: Kratos sessions, OAuth2 access tokens, or the one that the request has.

``request.auth`` is the Kratos ``Session``, a ``UserPrincipal`` or a ``ClientPrincipal``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, TypeAlias

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import APIException, AuthenticationFailed
from rest_framework.request import Request

from django_ory.authentication.access import compare_session
from django_ory.authentication.request import OryRequest, get_ory
from django_ory.authentication.requirements import AccessDecision
from django_ory.authentication.results import SessionState
from django_ory.client import OryError
from django_ory.client.models import Session
from django_ory.tokens.access_token import InvalidToken
from django_ory.tokens.bearer import get_bearer_token, is_kratos_token
from django_ory.tokens.challenges import build_challenge
from django_ory.tokens.principals import ClientPrincipal, Principal, UserPrincipal, get_principal
from django_ory.tokens.resources import find_resource, get_audience
from django_ory.tokens.verification import VerificationMethod, verify_access_token

from .denials import (
    DeniedSession,
    ServiceUnavailable,
    SessionDenial,
    TokenDenial,
    build_request_challenge,
    deny,
    has_response,
    outage_exception,
)

__all__ = [
    "OAuth2Authentication",
    "OAuth2IntrospectionAuthentication",
    "OAuth2JWTAuthentication",
    "OryAuthentication",
    "OrySessionAuthentication",
]

Result: TypeAlias = tuple[Any, Any]


class OrySessionAuthentication(SessionAuthentication):
    """A Kratos session: the cookie with Django's CSRF check, or a session token without.

    Session tokens are sent as ``X-Session-Token`` or ``Authorization: Bearer ory_st_...``.
    """

    def authenticate(self, request: Request) -> Result | None:
        """The Django user and the Kratos session; None for an anonymous request.

        Raises ServiceUnavailable while Kratos is unavailable, AuthenticationFailed without an active user and
        for a ``Bearer`` session token beside a cookie, which may belong to another user.
        """
        ory = get_ory(request._request)  # noqa: SLF001
        credential = ory.credential
        if credential is None or ory.whoami.state is SessionState.ANONYMOUS:
            return None
        if ory.whoami.state is SessionState.UNAVAILABLE:
            raise ServiceUnavailable
        if credential.kind == "cookie":
            if _has_session_token(request):
                raise AuthenticationFailed("The request has a session cookie and a session token.")
            self.enforce_csrf(request)
        if ory.whoami.state is SessionState.AAL2_REQUIRED:
            raise DeniedSession(SessionDenial(AccessDecision.SECOND_FACTOR))
        user = ory.user
        if user is None:
            raise AuthenticationFailed(_get_missing_user_message(ory), code="user_inactive")
        return user, ory.session

    def authenticate_header(self, request: Request) -> str:
        """401 instead of 403 for anonymous requests; browsers show no dialog for ``Bearer``."""
        return build_challenge()


class OAuth2Authentication(BaseAuthentication):
    """An OAuth2 access token of Hydra, verified as ``OAUTH2_VERIFICATION`` says.

    Subclass it to set ``audience`` or ``method`` for some views. ``request.user`` is the Django user of a
    user's token, loaded on first access, and the ``ClientPrincipal`` of a client's own token.
    """

    #: How tokens are verified; None: ``OAUTH2_VERIFICATION``.
    method: ClassVar[VerificationMethod | None] = None
    #: The token must be for one of these; None: the API in ``OAUTH2_RESOURCES``, else ``OAUTH2_AUDIENCE``.
    audience: ClassVar[Sequence[str] | None] = None

    def authenticate(self, request: Request) -> Result | None:
        """The user and the principal; None if the request has no OAuth2 token.

        Raises AuthenticationFailed for a token that is not accepted, ServiceUnavailable while Hydra is
        unavailable.
        """
        ory = get_ory(request._request)  # noqa: SLF001
        try:
            token = get_bearer_token(request._request)  # noqa: SLF001
            if token is None or is_kratos_token(token):
                return None
            audience = get_audience(
                find_resource(request._request, alias=ory.alias),  # noqa: SLF001
                alias=ory.alias,
                audience=self.audience,
            )
            verified = verify_access_token(token, alias=ory.alias, method=self.method, audience=audience)
        except InvalidToken as error:
            raise self._build_failure(request, error) from None
        except OryError as error:
            raise outage_exception(request, error, alias=ory.alias) from error
        principal = get_principal(verified, alias=ory.alias)
        self._reject_second_user(request, principal)
        if isinstance(principal, ClientPrincipal):
            return principal, principal
        return SimpleLazyObject(lambda: self._load_user(request, principal)), principal

    def authenticate_header(self, request: Request) -> str:
        """The challenge of RFC 6750."""
        return build_request_challenge(request)

    def _build_failure(self, request: Request, error: InvalidToken) -> AuthenticationFailed:
        deny(request, TokenDenial("invalid_token"))
        return AuthenticationFailed(str(error), code="invalid_token")

    def _load_user(self, request: Request, principal: UserPrincipal) -> AbstractBaseUser | AnonymousUser:
        """The user. One that cannot be loaded ends the view, and is anonymous for what reads it later.

        Middleware and renderers may be the first to read it. DRF handles no exceptions there.
        """
        failure: APIException
        try:
            return principal.user
        except InvalidToken as error:
            failure = self._build_failure(request, error)
        except OryError as error:
            failure = outage_exception(request, error, alias=principal.alias)
        request.user, request.auth = AnonymousUser(), None  # as DRF after a failed authentication
        if has_response(request):
            return AnonymousUser()
        raise failure

    def _reject_second_user(self, request: Request, principal: Principal) -> None:
        """A session of Kratos in the same request must belong to the user of the token."""
        decision = compare_session(request._request, principal.identity_id)  # noqa: SLF001
        if decision is AccessDecision.UNAVAILABLE:
            raise ServiceUnavailable
        if decision is AccessDecision.TWO_ACCOUNTS:
            raise self._build_failure(
                request, InvalidToken("The request has an access token and the session of another user.")
            )


class OAuth2IntrospectionAuthentication(OAuth2Authentication):
    """An access token, verified by a call to Hydra, so that revocation takes effect at once."""

    method = "introspection"


class OAuth2JWTAuthentication(OAuth2Authentication):
    """An access token that is a JWT, verified by its signature without a call to Hydra."""

    method = "jwt"


class OryAuthentication(BaseAuthentication):
    """An OAuth2 access token if the request has one, else a Kratos session."""

    oauth2_class: ClassVar[type[OAuth2Authentication]] = OAuth2Authentication
    session_class: ClassVar[type[OrySessionAuthentication]] = OrySessionAuthentication

    def authenticate(self, request: Request) -> Result | None:
        """See ``OAuth2Authentication`` and ``OrySessionAuthentication``."""
        return self.oauth2_class().authenticate(request) or self.session_class().authenticate(request)

    def authenticate_header(self, request: Request) -> str:
        """The challenge of RFC 6750."""
        return self.oauth2_class().authenticate_header(request)


def _has_session_token(request: Request) -> bool:
    try:
        token = get_bearer_token(request._request)  # noqa: SLF001
    except InvalidToken:
        return False
    return token is not None and is_kratos_token(token)


def _get_missing_user_message(ory: OryRequest) -> Any:
    if ory.needs_verified_email:
        return _("Verify your email address to continue.")
    return _("You cannot use this site with this account.")


#: The types of ``request.auth``.
Auth: TypeAlias = Session | UserPrincipal | ClientPrincipal
