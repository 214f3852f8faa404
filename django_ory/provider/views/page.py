"""The base class of the provider's views: the challenge, the session, redirects to Hydra and error pages."""

from __future__ import annotations

import logging
import time
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.conf import settings as django_settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from django_ory.adapter import get_adapter
from django_ory.authentication.logout import end_hydra_sessions
from django_ory.authentication.request import get_ory
from django_ory.client import (
    ChallengeGone,
    InvalidPathParameter,
    OryError,
    OryNotFound,
    OryServiceNotConfigured,
    RouteNotFound,
)
from django_ory.client import models as ory
from django_ory.clients import get_client
from django_ory.conf import OryConfigurationError, get_settings
from django_ory.exceptions import SessionUnavailable
from django_ory.http.redirects import (
    CLIENT_NAME_PARAMETER,
    LOGIN_HINT_PARAMETER,
    hydra_url,
    page_url,
    safe_return_to,
    sign_client_name,
)
from django_ory.http.responses import outage_response, service_unavailable
from django_ory.http.views import PageView
from django_ory.mirror.consents import revoke_consents
from django_ory.provider.accounts import Account, find_account
from django_ory.provider.agents.policy import uses_authorization_front
from django_ory.provider.audit import record_event
from django_ory.provider.browser_login import BrowserLogin, get_django_user, read_browser_login
from django_ory.provider.client_profile import clean_name
from django_ory.provider.decisions.outcomes import (
    Reject,
    RequireLogin,
    RestartAtHydra,
    ShowLoginRequired,
)
from django_ory.provider.django_login import build_django_login_url
from django_ory.provider.error_pages import ERROR_PAGES, find_error_page
from django_ory.provider.language import activate_language, set_language_cookie
from django_ory.provider.login_cookies import (
    RESUME_PARAMETER,
    read_login_cookies,
    set_login_cookies,
    shorten_next,
)
from django_ory.provider.openid.assurance import BrowserSession
from django_ory.provider.openid.authorization import AuthorizationRequest, is_device_request
from django_ory.provider.restart import build_restart_url
from django_ory.provider.state import ClientLink, LoginState, dump_state, load_state
from django_ory.resilience.log_throttle import throttled_log

logger = logging.getLogger("django_ory.provider")

#: Hydra's challenges contain the metadata of the client, up to about 7,000 characters.
MAX_CHALLENGE_LENGTH = 16_384


def is_prefetch(request: HttpRequest) -> bool:
    """Return whether the browser loads the page in advance. Browsers drop a prefetched error."""
    purposes = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz"))
    return any("prefetch" in purpose for purpose in purposes)


class ProviderView(PageView):
    """A page of the provider. ``challenge``: the one from Hydra, in the query or in a hidden field."""

    http_method_names = ["get"]  # noqa: RUF012 (as Django declares it)
    parameter: ClassVar[str] = ""  #: the name of the challenge
    kept_fields: ClassVar[tuple[str, ...]] = ("state",)  #: of a form, for a second try after an outage
    login_hint = ""  #: the identifier for the sign-in page
    language = ""  #: requested by the client, and supported
    stored_query = ""  #: too long for the ``next`` of a sign-in page

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.ory = get_ory(request)
        self.alias = self.ory.alias
        self.settings = get_settings(self.alias)
        self.adapter = get_adapter(self.alias)
        self.client = get_client(self.alias)
        self.browser = BrowserLogin()
        self.is_native = self.settings.oauth2_accounts == "kratos_native"
        data: QueryDict = request.POST if request.method == "POST" else request.GET
        if RESUME_PARAMETER in data:
            data = read_login_cookies(request)
        self.challenge = data.get(self.parameter, "")
        link, self.state = load_state(self.challenge, data.get("state"))
        self.link = link or ClientLink()  # replaced by the one of Hydra's request

    def handle(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Check the challenge and call the method of the view. Errors of Ory become pages."""
        if not self.settings.hydra_admin_url:
            raise Http404("HYDRA_ADMIN_URL is not set, so this site has no OAuth2 provider.")
        if is_prefetch(request):  # the user has not opened the page
            return HttpResponse(status=503)
        if self.parameter and not self.challenge:
            return self.respond_without_challenge()
        if len(self.challenge) > MAX_CHALLENGE_LENGTH or not self.challenge.isprintable():
            return self.render_error("unknown")
        try:
            return super().handle(request, *args, **kwargs)
        except OryError as error:
            return self.render_failure(error)
        except SessionUnavailable:
            return service_unavailable(request, retry_url=self.build_page_url())
        except (OryServiceNotConfigured, OryConfigurationError) as error:
            self.log_error("The provider's pages need a setting (project %s): %s", error)
            return service_unavailable(request, hint=str(error))

    # The session of the browser

    def get_session(self) -> BrowserSession | None:
        """Return the session as it is now. See ``read_browser_login``, also for errors."""
        self.browser = read_browser_login(self.request, alias=self.alias)
        return self.browser.session

    def find_account(self, subject: str) -> Account:
        """Return the account of a subject. See ``find_account``, also for errors."""
        session = self.browser.session
        identity = self.browser.identity if session is not None and session.subject == subject else None
        return find_account(subject, alias=self.alias, identity=identity)

    def build_login_url(self, step: RequireLogin, client: ory.OAuth2Client) -> str:
        """Build the URL of the sign-in or registration page, with the way back to this challenge."""
        state = LoginState(
            seen_at=self.state.seen_at if self.state else time.time(),
            stepped_up=step.aal is not None or bool(self.state and self.state.stepped_up),
        )
        text = dump_state(self.challenge, client=self.link, state=state)
        query = urlencode({self.parameter: self.challenge, "state": text})
        page = f"{self.request.path}?{query}"
        client_name = sign_client_name(clean_name(client.client_name or ""))
        if self.is_native and self.parameter == "login_challenge":  # Kratos redirects to Hydra
            passed = {
                self.parameter: self.challenge,
                CLIENT_NAME_PARAMETER: client_name,
                LOGIN_HINT_PARAMETER: self.login_hint,
            }
            return page_url(self.request, f"ory:{step.page}", passed)
        if self.settings.oauth2_accounts == "django":
            user, hint = get_django_user(self.request), self.login_hint
            page, self.stored_query = shorten_next(self.request.path, query)
            return build_django_login_url(
                step, return_path=page, user=user, adapter=self.adapter, login_hint=hint
            )
        parameters = {
            "return_to": safe_return_to(self.request, page, alias=self.alias),
            "aal": step.aal,
            "refresh": "true" if step.refresh else None,
            CLIENT_NAME_PARAMETER: client_name,
            LOGIN_HINT_PARAMETER: self.login_hint,
        }
        return page_url(self.request, f"ory:{step.page}", parameters)

    def read_preferences(self, authorization: AuthorizationRequest) -> None:
        """Apply the language and the identifier that the client names for the user."""
        self.language = activate_language(self.request, authorization.ui_locales)
        self.login_hint = authorization.login_hint

    # Calls to Hydra

    def read_client(self, client: ory.OAuth2Client) -> ory.OAuth2Client | None:
        """Read a client again, because the challenge has a copy; None if the client was deleted.

        Hydra before 25.4 cannot return a client with a slash in its id. Then the copy has to do, without
        trust.
        """
        try:
            return self.client.admin_get_o_auth2_client(client.client_id or "")
        except RouteNotFound:
            return client.model_copy(update={"skip_consent": None, "skip_logout_consent": None})
        except (OryNotFound, InvalidPathParameter):  # also an id that no client can have
            return None

    def revoke_subject(self, outcome: Reject, subject: str) -> None:
        """End all sessions, consents and tokens of a subject at Hydra, if the rejection demands that."""
        if outcome.revoke and subject:
            for error in end_hydra_sessions(subject, alias=self.alias).values():
                if error is not None:
                    raise error

    # Responses

    def respond_without_challenge(self) -> HttpResponse:
        """Return the response to a request that Hydra did not redirect here."""
        return self.render_error("no_challenge")

    def redirect_to_hydra(self, url: object) -> HttpResponse:
        """Redirect to a URL that Hydra returned, unless the URL leads to another server."""
        allowed = hydra_url(url, settings=self.settings) or self._find_front_url(url)
        if allowed is None:
            self.log_error(
                "Hydra returned a redirect to another server (project %s). Set HYDRA_BROWSER_URL to %s.",
                "urls.self of Hydra's configuration",
            )
            record_event(
                "request.failed", alias=self.alias, request=self.request, reason="untrusted_redirect"
            )
            return self.render_error("untrusted_redirect")
        return HttpResponseRedirect(allowed)

    def finish_rejection(self, request_url: str, redirect_to: object) -> HttpResponse:
        """Redirect to Hydra, which sends the error to the client.

        For a device, Hydra would only show JSON. The device waits until its code expires.
        """
        if is_device_request(request_url):
            return self.render_error("device_rejected")
        return self.redirect_to_hydra(redirect_to)

    def _find_front_url(self, url: object) -> str | None:
        """Return the URL if it is the authorization endpoint of this site, which Hydra can name."""
        front = self.request.build_absolute_uri(reverse("ory:oauth2_authorize"))
        is_front = isinstance(url, str) and url.startswith(f"{front}?") and url.isprintable()
        return str(url) if is_front and uses_authorization_front(self.settings) else None

    def follow(
        self,
        outcome: RestartAtHydra | RequireLogin | ShowLoginRequired,
        *,
        client: ory.OAuth2Client,
        subject: str = "",
        sid: str | None,
    ) -> HttpResponse:
        """Restart the request, or send the browser to the step that is missing.

        ``sid``: the id of Hydra's login session, for a restart that must end it.
        """
        match outcome:
            case RestartAtHydra():
                if outcome.end_session and sid:
                    self.client.admin_revoke_o_auth2_login_sessions(sid=sid)
                if outcome.revoke_consents:
                    revoke_consents(self.alias, subject, client.client_id or "")
                return self.redirect_to_hydra(outcome.url)
            case RequireLogin():
                response: HttpResponse = HttpResponseRedirect(self.build_login_url(outcome, client))
            case ShowLoginRequired(step=step):
                name = "fresh_login_required" if step.refresh else "login_required"
                response = self.render_error(name, action=self.build_login_url(step, client))
        if self.language:
            set_language_cookie(response, self.language)
        if self.stored_query:
            set_login_cookies(
                response, self.stored_query, path=self.request.path, is_secure=self.request.is_secure()
            )
        return response

    def render_error(self, name: str, *, error: OryError | None = None, **context: Any) -> HttpResponse:
        """Render an error page by its key in ``ERROR_PAGES``. ``error``: the call, shown with DEBUG."""
        page = ERROR_PAGES[name]
        parts = (str(error) if error else "", page.hint)
        hint = ". ".join(part.removesuffix(".") for part in parts if part)
        context |= {
            "link_attrs": {"rel": "noopener nofollow"},
            "error_page": page,
            "hint": f"{hint}." if hint and django_settings.DEBUG else "",
        }
        return render(self.request, "ory/provider/error.html", context, status=page.status)

    def render_failure(self, error: OryError) -> HttpResponse:
        """Return the response to a failed call: a page about the challenge, or a 503."""
        if isinstance(error, ChallengeGone) and error.redirect_to:
            return self.redirect_to_hydra(error.redirect_to)
        name = find_error_page(error)
        if name is None:
            return outage_response(self.request, error, alias=self.alias, retry_url=self.build_page_url())
        if name == "unknown" and error.operation.startswith("PUT "):  # the challenge was valid before
            self.log_error("Hydra rejected a response of the provider (project %s): %s", error)
        else:
            throttled_log.warn(
                logger,
                ("provider", self.alias, name),
                "A request at Hydra cannot continue (project %s): %s. The browser got an error page.",
                self.alias,
                error,
            )
        record_event("request.failed", alias=self.alias, request=self.request, reason=name)
        link = self.link if self.link.url else None
        return self.render_error(name, error=error, action=self.build_restart_url(), client_link=link)

    def build_page_url(self) -> str:
        """Return the URL of this page for the same challenge, also after a POST."""
        if self.request.method != "POST":
            return self.request.get_full_path()
        posted = {name: self.request.POST.get(name, "") for name in self.kept_fields}
        query = {self.parameter: self.challenge, **{name: text for name, text in posted.items() if text}}
        return f"{self.request.path}?{urlencode(query)}"

    def build_restart_url(self) -> str:
        """Return the URL with which the browser begins the request again; "" if that is unknown."""
        url = self.link.request_url
        return build_restart_url(url, settings=self.settings) or self._find_front_url(url) or ""

    def log_error(self, message: str, detail: object) -> None:
        """Log an error with the project and a detail."""
        logger.error(message, self.alias, detail, extra={"alias": self.alias})
