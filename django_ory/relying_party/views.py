"""The endpoint for Hydra's logout tokens (OpenID Connect Back-Channel Logout 1.0, section 2.8)."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import parse_qsl

from django.contrib.auth.decorators import login_not_required
from django.db import Error as DatabaseFailure
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables

from django_ory.client import OryError
from django_ory.conf import DEFAULT_ALIAS, OryConfigurationError, PerAlias, get_settings
from django_ory.http.addresses import get_address_key
from django_ory.provider.audit import record_event
from django_ory.resilience.attempt_throttle import AttemptThrottle
from django_ory.resilience.fail_safe_cache import FailSafeCache
from django_ory.resilience.log_throttle import throttled_log
from django_ory.tokens.access_token import InvalidToken
from django_ory.tokens.bearer import MAX_TOKEN_LENGTH
from django_ory.tokens.logout_token import LogoutToken, verify_logout_token
from django_ory.tokens.unverified_claims import parse_unverified_claims

from .sessions import end_provider_session, find_alias

logger = logging.getLogger("django_ory.relying_party")

#: A token, its name, and some more parameters: the specification allows others, which are ignored.
MAX_LOGOUT_BODY_BYTES = MAX_TOKEN_LENGTH + 4_096
MAX_LOGOUT_PARAMETERS = 20
#: Rejected tokens of one address per minute. Further ones are answered by 429 and not logged. A valid token
#: is always accepted: others behind the same proxy must not be able to prevent a logout.
MAX_REJECTED_PER_MINUTE = 30
RETRY_LOGOUT_SECONDS = 30


@PerAlias
def get_rejection_throttle(alias: str) -> AttemptThrottle:
    """Return the throttle of rejected logout tokens."""
    cache = FailSafeCache(get_settings(alias).session_cache_alias)
    return AttemptThrottle(cache, name="logout token", limit=MAX_REJECTED_PER_MINUTE, seconds=60)


@method_decorator([login_not_required, csrf_exempt, sensitive_variables()], name="dispatch")
class BackchannelLogoutView(View):
    """Ends the Django sessions that a logout token names.

    200: the sessions end at their next request. 400: the token is invalid. 503: nothing is known about the
    token or nothing could be stored, so Hydra logs a failure and tries again. 413, 429: too large, too many.
    """

    http_method_names = ["post"]  # noqa: RUF012 (as Django declares it)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    def post(self, request: HttpRequest) -> HttpResponse:
        alias = DEFAULT_ALIAS
        try:
            text = read_logout_token(request)
            found = find_issuer(text)
            if found is None:
                raise InvalidToken("The issuer (iss) or the audience (aud) is not one of this site.")
            alias = found
            clients = get_settings(alias).logout_client_ids
            token = verify_logout_token(text, alias=alias, client_ids=clients)
            if not end_provider_session(token):
                raise InvalidToken("The token was accepted before (jti).")
        except BodyTooLarge:
            return _build_error(413, f"The body is larger than {MAX_LOGOUT_BODY_BYTES} bytes.")
        except InvalidToken as error:
            return self._reject(str(error), alias=alias)
        except (OryError, DatabaseFailure, OryConfigurationError) as error:
            return self._fail(error, alias=alias)
        self._record(token)
        return HttpResponse(status=200)

    def _record(self, token: LogoutToken) -> None:
        reason = "session" if token.sid else "user"
        record_event(
            "backchannel.received",
            alias=token.alias,
            request=self.request,
            subject=token.subject,
            reason=reason,
        )

    def _reject(self, reason: str, *, alias: str) -> HttpResponse:
        address = get_address_key(self.request)
        if not get_rejection_throttle(alias).take(alias, address):
            throttled_log.warn(
                logger,
                ("logout tokens", alias, address),
                "Many logout tokens of one address are rejected and not logged any more (project %s).",
                alias,
            )
            response = _build_error(429, "Too many tokens were rejected.", error="slow_down")
            response["Retry-After"] = str(RETRY_LOGOUT_SECONDS)
            return response
        logger.warning("Logout token rejected (project %s): %s", alias, reason)
        record_event("backchannel.rejected", alias=alias, request=self.request, reason="invalid_token")
        return _build_error(400, reason)

    def _fail(self, error: Exception, *, alias: str) -> HttpResponse:
        detail = str(error) if isinstance(error, OryError | OryConfigurationError) else type(error).__name__
        logger.error(
            "Logout token not processed (project %s): %s. Its user stays signed in until Hydra repeats it.",
            alias,
            detail,
        )
        response = _build_error(
            503, "The token could not be processed. Send it again.", error="temporarily_unavailable"
        )
        response["Retry-After"] = str(RETRY_LOGOUT_SECONDS)
        return response


class BodyTooLarge(Exception):
    """The body of a post is larger than any logout token."""


def read_logout_token(request: HttpRequest) -> str:
    """Return the parameter ``logout_token`` of a form post. Raises InvalidToken or BodyTooLarge."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise InvalidToken("The content type is not application/x-www-form-urlencoded.")
    try:
        # Not request.POST: DATA_UPLOAD_MAX_MEMORY_SIZE is larger than any logout token.
        body = request.read(MAX_LOGOUT_BODY_BYTES + 1)
    except UnreadablePostError:
        raise InvalidToken("The connection was closed before the end of the body.") from None
    if len(body) > MAX_LOGOUT_BODY_BYTES:
        raise BodyTooLarge
    try:
        pairs = parse_qsl(body.decode("ascii"), max_num_fields=MAX_LOGOUT_PARAMETERS)
    except ValueError:
        raise InvalidToken("The body is not a form.") from None
    tokens = [value for name, value in pairs if name == "logout_token"]
    if len(tokens) != 1:
        raise InvalidToken("The body has no logout_token, or several.")
    return tokens[0]


def find_issuer(token: str) -> str | None:
    """Return the project that a token claims to be of; None if there is none. Nothing is verified here."""
    claims = parse_unverified_claims(token)
    return find_alias(claims.get("iss"), claims.get("aud"))


def _build_error(status: int, description: str, *, error: str = "invalid_request") -> HttpResponse:
    return JsonResponse({"error": error, "error_description": description}, status=status)
