"""The endpoints for clients that staff have not registered: metadata, registration, authorization."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from django_ory.authentication.request import get_ory
from django_ory.client import OryAPIError, OryError, OryServerError, OryServiceNotConfigured
from django_ory.client.models import OAuth2Client
from django_ory.conf import get_settings
from django_ory.http.redirects import MAX_URL_LENGTH
from django_ory.http.responses import outage_response, report_outage
from django_ory.http.server_posts import RejectedPost, is_valid_secret, read_json
from django_ory.http.views import PrivateView
from django_ory.provider.agents.client_description import InvalidDescription, parse_description
from django_ory.provider.agents.documents import (
    ClientDocumentError,
    is_document_url,
    read_document_client,
    write_document_client,
)
from django_ory.provider.agents.loopback_ports import add_port
from django_ory.provider.agents.policy import build_policy, get_allowed_scopes, uses_authorization_front
from django_ory.provider.agents.registration import register_client
from django_ory.provider.agents.responses import allow_origins, error_response, preflight_response
from django_ory.provider.agents.server_metadata import (
    build_server_metadata,
    get_discovery_store,
    get_issuer_path,
)
from django_ory.provider.agents.throttles import THROTTLE_SECONDS, get_throttles, take_attempt
from django_ory.provider.audit import record_event
from django_ory.provider.error_pages import ERROR_PAGES
from django_ory.provider.restart import VERIFIERS

from .page import is_prefetch

logger = logging.getLogger("django_ory.provider")

MAX_REGISTRATION_BYTES = 32 * 1024
METADATA_MAX_AGE_SECONDS = 300
MAX_INITIAL_TOKEN_LENGTH = 1_000


@method_decorator(login_not_required, name="dispatch")
class ServerMetadataView(View):
    """``/.well-known/oauth-authorization-server`` and ``/.well-known/openid-configuration``.

    With the path of the issuer at the end, if it has one (RFC 8414 section 3).
    """

    http_method_names = ["get", "head", "options"]  # noqa: RUF012 (as Django declares it)

    def get(self, request: HttpRequest, path: str | None = None) -> HttpResponse:
        """Return the metadata; 503 while Hydra does not respond and there is no earlier document."""
        alias = get_ory(request).alias
        settings = get_settings(alias)
        if not settings.hydra_public_url:
            raise Http404("HYDRA_PUBLIC_URL is not set, so this site has no authorization server.")
        store = get_discovery_store(alias)
        try:
            discovery = store.get()
        except OryError as error:
            report_outage(request, error, alias=alias, what="Hydra is unavailable for its metadata")
            response = error_response(503, "temporarily_unavailable", "Try again in a moment.", retry_after=5)
            return allow_origins(response)
        if (path or "").strip("/") != get_issuer_path(discovery):
            raise Http404("The issuer of Hydra has another path.")
        front = uses_authorization_front(settings)
        registers = settings.oauth2_client_registration
        metadata = build_server_metadata(
            discovery,
            scopes=get_allowed_scopes(settings) if front else [],
            authorization_url=_build_url(request, "oauth2_authorize") if front else "",
            registration_url=_build_url(request, "oauth2_register") if registers else "",
            supports_documents=bool(settings.oauth2_client_document_hosts) and store.can_address_urls(),
        )
        response = JsonResponse(metadata)
        patch_cache_control(response, public=True, max_age=METADATA_MAX_AGE_SECONDS)
        return allow_origins(response)

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer the preflight request of a script."""
        return preflight_response("GET, HEAD")


@method_decorator([login_not_required, csrf_exempt, sensitive_variables()], name="dispatch")
class ClientRegistrationView(View):
    """The registration endpoint (RFC 7591). Off until ``OAUTH2_CLIENT_REGISTRATION``."""

    http_method_names = ["post", "options"]  # noqa: RUF012 (as Django declares it)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return 404 while the endpoint is off."""
        self.alias = get_ory(request).alias
        self.settings = get_settings(self.alias)
        if not self.settings.oauth2_client_registration or not self.settings.hydra_admin_url:
            raise Http404("OAUTH2_CLIENT_REGISTRATION or HYDRA_ADMIN_URL is not set.")
        response = super().dispatch(request, *args, **kwargs)
        if isinstance(response, HttpResponse):
            allow_origins(response)
        return response

    def post(self, request: HttpRequest) -> HttpResponse:
        """Register a client. Errors have the codes of RFC 7591 section 3.2.2."""
        throttles = get_throttles(self.alias)
        if not take_attempt(
            request,
            throttles.registrations,
            alias=self.alias,
            reason="client_registration",
            total=throttles.all_registrations,
        ):
            text = "Too many registrations. Try again later."
            return error_response(429, "temporarily_unavailable", text, retry_after=THROTTLE_SECONDS)
        if not self._has_token(request):
            response = self._reject(401, "invalid_token", "A registration needs an initial access token.")
            response["WWW-Authenticate"] = 'Bearer error="invalid_token"'
            return response
        try:
            values = read_json(request, max_bytes=MAX_REGISTRATION_BYTES)
            if not isinstance(values, dict):
                raise RejectedPost(400, "the body is not a JSON object")
            policy = build_policy(request, alias=self.alias)
            registered = register_client(parse_description(values, policy=policy), alias=self.alias)
        except RejectedPost as error:
            return self._reject(error.status, "invalid_client_metadata", f"{error}.")
        except InvalidDescription as error:
            return self._reject(400, error.code, str(error))
        except (OryError, OryServiceNotConfigured) as error:
            return self._render_failure(request, error)
        record_event(
            "client.registered",
            alias=self.alias,
            request=request,
            client_id=registered.client_id,
            scope=registered.description.scopes,
            audience=registered.description.audience,
            reason="registration",
        )
        created = JsonResponse(registered.build_response(), status=201)
        add_never_cache_headers(created)
        return created

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer the preflight request of a script."""
        return preflight_response("POST")

    def _has_token(self, request: HttpRequest) -> bool:
        """Return whether the request has one of the initial access tokens, if there are any."""
        tokens = [str(token) for token in self.settings.oauth2_client_registration_tokens]
        if not tokens:
            return True
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or len(given) > MAX_INITIAL_TOKEN_LENGTH:
            return False
        return is_valid_secret(given.strip(), tokens)

    def _reject(self, status: int, code: str, text: str) -> HttpResponse:
        record_event("client.rejected", alias=self.alias, request=self.request, reason=code)
        return error_response(status, code, text)

    def _render_failure(
        self, request: HttpRequest, error: OryError | OryServiceNotConfigured
    ) -> HttpResponse:
        """Return the response to a failed creation: 400 if Hydra rejects the values, else 503."""
        if isinstance(error, OryAPIError) and error.status == HTTPStatus.BAD_REQUEST:
            is_uri = error.id == "invalid_redirect_uri"
            code = "invalid_redirect_uri" if is_uri else "invalid_client_metadata"
            return self._reject(400, code, "The authorization server does not accept these values.")
        if isinstance(error, OryError):
            report_outage(request, error, alias=self.alias, what="Hydra is unavailable for a registration")
        text = "The authorization server is not available. Try again in a moment."
        return error_response(503, "temporarily_unavailable", text, retry_after=5)


@method_decorator([csrf_exempt, sensitive_post_parameters(), sensitive_variables()], name="dispatch")
class AuthorizeView(PrivateView):
    """The authorization endpoint in front of Hydra's: prepares the client, and redirects with the same query.

    A request of any other client is redirected without a call.
    """

    http_method_names = ["get", "head", "post"]  # noqa: RUF012 (as Django declares it)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Handle an authorization request by its query."""
        return self._respond(request, status=302)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Handle an authorization request by its form, which the browser sends to Hydra again."""
        return self._respond(request, status=307)

    def _respond(self, request: HttpRequest, *, status: int) -> HttpResponse:
        alias = get_ory(request).alias
        settings = get_settings(alias)
        if not uses_authorization_front(settings) or not settings.hydra_admin_url:
            raise Http404("OAUTH2_CLIENT_REGISTRATION and OAUTH2_CLIENT_DOCUMENT_HOSTS are not set.")
        if is_prefetch(request):  # the user has not opened the page
            return HttpResponse(status=503)
        query = request.META.get("QUERY_STRING", "")
        url = f"{settings.hydra_browser_url}/oauth2/auth{f'?{query}' if query else ''}"
        if len(url) > MAX_URL_LENGTH or not url.isascii() or not url.isprintable() or " " in url:
            return _render_error(request, "request_failed")
        try:
            self._prepare_client(request, alias=alias)
        except ClientDocumentError as error:
            return self._render_document_error(request, error, alias=alias)
        except OryError as error:
            if isinstance(error, OryAPIError) and not isinstance(error, OryServerError):
                logger.error("Hydra rejected a change of a client (project %s): %s", alias, error)
                return _render_error(request, "client_document")
            return outage_response(request, error, alias=alias)
        # The same server for every request: no parameter decides about it.
        return HttpResponse(status=status, headers={"Location": url})

    def _prepare_client(self, request: HttpRequest, *, alias: str) -> None:
        """Create, update or extend the client of a request at Hydra. Raises ClientDocumentError, OryError."""
        if any(_get_first(request, name) for name in VERIFIERS):
            return
        client_id, redirect_uri = _get_first(request, "client_id"), _get_first(request, "redirect_uri")
        client = None
        if is_document_url(client_id, alias=alias):
            found = read_document_client(client_id, alias=alias)
            if found.is_due:
                self._write_client(request, client_id, current=found.current, alias=alias)
            else:
                client = found.current
        ports = get_throttles(alias).ports
        if not add_port(
            client_id,
            redirect_uri,
            alias=alias,
            take_attempt=lambda: take_attempt(request, ports, alias=alias, reason="loopback_port"),
            client=client,
        ):
            raise ClientDocumentError("throttled")

    def _write_client(
        self, request: HttpRequest, client_id: str, *, current: OAuth2Client | None, alias: str
    ) -> None:
        """Create or update the client of a description. Raises ClientDocumentError, OryError."""
        throttles = get_throttles(alias)
        if not take_attempt(
            request,
            throttles.documents,
            alias=alias,
            reason="client_document",
            total=throttles.all_documents,
        ):
            raise ClientDocumentError("throttled")
        policy = build_policy(request, alias=alias)
        described = write_document_client(client_id, current=current, alias=alias, policy=policy)
        record_event(
            "client.registered",
            alias=alias,
            request=request,
            client_id=client_id,
            scope=described.scopes,
            audience=described.audience,
            reason="document",
        )

    def _render_document_error(
        self, request: HttpRequest, error: ClientDocumentError, *, alias: str
    ) -> HttpResponse:
        client_id = _get_first(request, "client_id")
        if error.problem == "throttled":  # recorded by the throttle
            response = _render_error(request, "too_many_requests")
            response["Retry-After"] = str(THROTTLE_SECONDS)
            return response
        logger.warning(
            "Description of a client not accepted (project %s): %s", alias, error, extra={"alias": alias}
        )
        record_event(
            "client.rejected",
            alias=alias,
            request=request,
            client_id=client_id,
            reason=f"document_{error.problem}",
        )
        return _render_error(request, "client_document")


def _get_first(request: HttpRequest, name: str) -> str:
    """Return the first value of a parameter, as Hydra does: of a form before the query; "" without one."""
    values = [*request.POST.getlist(name), *request.GET.getlist(name)]
    return str(values[0]) if values else ""


def _render_error(request: HttpRequest, name: str) -> HttpResponse:
    page = ERROR_PAGES[name]
    return render(request, "ory/provider/error.html", {"error_page": page}, status=page.status)


def _build_url(request: HttpRequest, name: str) -> str:
    return request.build_absolute_uri(reverse(f"ory:{name}"))
