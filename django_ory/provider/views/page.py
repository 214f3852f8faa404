"""What Hydra's pages share: the challenge, who is asking, redirects, headers, pages for what went wrong."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar, Literal
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from django_ory.adapter import get_adapter
from django_ory.client import OryError, OryServiceNotConfigured
from django_ory.clients import get_client
from django_ory.conf import get_settings
from django_ory.provider.decisions import (
    AskAgain,
    Expired,
    Redirect,
    Reject,
    Restart,
    SignIn,
    Unavailable,
    Unknown,
)
from django_ory.provider.flows import SignedIn, explain
from django_ory.provider.problems import PROBLEMS, Problem
from django_ory.provider.redirects import hydra_url, web_url
from django_ory.provider.trail import Trail, leave_trail, read_trail
from django_ory.sessions.entry import login_url
from django_ory.sessions.request import get_ory
from django_ory.sessions.return_to import safe_return_to
from django_ory.sessions.unavailable import SessionUnavailable, unavailable_response
from django_ory.sessions.windows import once_per_window

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from django_ory.client.models import OAuth2Client

logger = logging.getLogger("django_ory.provider")

#: Hydra's grow with the client's metadata, to about 7,000 characters. What is longer is not one.
LONGEST_CHALLENGE = 16_384


@method_decorator(login_not_required, name="dispatch")
@method_decorator(csrf_protect, name="dispatch")
@method_decorator(sensitive_post_parameters(), name="dispatch")
class ProviderView(View):
    """One page of the provider. ``challenge`` is Hydra's, from query or hidden field; it is kept nowhere."""

    http_method_names = ["get", "options"]  # noqa: RUF012 (as Django declares it)
    parameter: ClassVar[str] = ""  # the name of the challenge

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.ory = get_ory(request)
        self.alias: str = self.ory.alias
        self.settings = get_settings(self.alias)
        self.adapter = get_adapter(self.alias)
        self.client = get_client(self.alias)
        self.sent = request.POST if request.method == "POST" else request.GET
        self.challenge = self.sent.get(self.parameter, "")
        self.trail = read_trail(self.challenge, self.sent.get("trail"))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.settings.hydra_admin_url:
            raise Http404("HYDRA_ADMIN_URL is not set, so this site is no OAuth2 provider.")
        try:
            response = self._answer(request, *args, **kwargs)
        except OryError as error:
            response = self.explain(error)
        except SessionUnavailable:
            response = unavailable_response(request)
        except OryServiceNotConfigured as error:
            logger.error("The provider's pages need a setting: %s", error, extra={"alias": self.alias})
            response = unavailable_response(request)
        return _protect(response)

    def _answer(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.parameter and not self.challenge:
            return self.problem(PROBLEMS["missing"])
        if len(self.challenge) > LONGEST_CHALLENGE or not self.challenge.isprintable():
            return self.problem(PROBLEMS["unknown"])
        return super().dispatch(request, *args, **kwargs)

    # Who is in front of the page

    def signed_in(self) -> SignedIn | None:
        """What Kratos says of the browser's session now: a cached answer may be older than the sign-in.

        Raises SessionUnavailable if Kratos does not say: here nobody may be taken for anonymous.
        """
        self.ory.refresh()
        if self.ory.unavailable:
            raise SessionUnavailable
        session = self.ory.session
        if session is None or session.identity is None:
            return None
        return SignedIn(
            subject=self.adapter.get_subject(session.identity.id),
            session_id=session.id,
            authenticated_at=session.authenticated_at,
            expires_at=session.expires_at,
            aal=session.authenticator_assurance_level or "aal1",
            methods=tuple(used.method for used in session.authentication_methods if used.method),
        )

    def go_and_sign_in(self, decision: SignIn, *, client: OAuth2Client) -> HttpResponse:
        """Send the browser to our pages of Kratos."""
        return HttpResponseRedirect(self.sign_in_url(decision, client=client))

    def sign_in_url(self, decision: SignIn, *, client: OAuth2Client) -> str:
        """The page of Kratos, with the way back to this challenge."""
        trail = Trail(
            seen_at=self.trail.seen_at if self.trail else timezone.now().timestamp(),
            stepped_up=decision.aal is not None or bool(self.trail and self.trail.stepped_up),
            client_name=client_name(client),
            client_url=web_url(client.client_uri),
        )
        query = urlencode({self.parameter: self.challenge, "trail": leave_trail(self.challenge, trail)})
        back = safe_return_to(self.request, f"{self.request.path}?{query}", alias=self.alias)
        if decision.page == "registration":
            return f"{reverse('ory:registration')}?{urlencode({'return_to': back or ''})}"
        aal: Literal["aal2"] | None = "aal2" if decision.aal else None
        return login_url(self.request, return_to=back, aal=aal, refresh=decision.refresh)

    # Answers

    def follow(self, url: object) -> HttpResponse:
        """Redirect to what Hydra said, if it leads to Hydra."""
        allowed = hydra_url(url, settings=self.settings)
        if allowed is None:
            logger.error(
                "Hydra answered a redirect that leads neither to HYDRA_BROWSER_URL nor to HYDRA_PUBLIC_URL. "
                "Compare them with urls.self in Hydra's configuration.",
                extra={"alias": self.alias},
            )
            return self.problem(PROBLEMS["foreign"])
        return HttpResponseRedirect(allowed)

    def explain(self, error: OryError) -> HttpResponse:
        """The page for an error of Ory."""
        match explain(error):
            case Redirect(url=url):
                return self.follow(url)
            case Expired():
                return self.problem(PROBLEMS["expired"], app=self.trail)
            case Unknown():
                return self.problem(PROBLEMS["unknown"], app=self.trail)
            case Unavailable():
                once_per_window.warn(
                    logger,
                    ("provider", self.alias),
                    "Ory (%s) does not answer a page of the provider: %s",
                    self.alias,
                    type(error).__name__,
                )
                return unavailable_response(self.request)

    def problem(self, problem: Problem, *, app: Trail | None = None, **context: Any) -> HttpResponse:
        """A page that says what went wrong and where to go from here."""
        return render(
            self.request,
            "ory/provider/problem.html",
            {"problem": problem, "app": app if app and app.client_url else None, **context},
            status=problem.status,
        )

    def ask_again(self, decision: AskAgain, *, client: OAuth2Client) -> HttpResponse:
        """The browser came back without a (fresh) sign-in. A page, so that nobody goes around in circles."""
        problem = PROBLEMS["sign_in_again" if decision.sign_in.refresh else "sign_in"]
        return self.problem(
            problem, action=self.sign_in_url(decision.sign_in, client=client), client_name=client_name(client)
        )

    def restart(self, decision: Restart) -> HttpResponse:
        """Begin again at Hydra."""
        return self.follow(decision.url)

    def revoke(self, subject: str) -> None:
        """End all that Hydra remembers of a subject: sign-ins, consents, and the tokens from them."""
        self.client.admin_revoke_o_auth2_login_sessions(subject=subject)
        self.client.admin_revoke_o_auth2_consent_sessions(subject=subject, all=True)

    def now(self) -> datetime:
        """The time of this request."""
        return timezone.now()


def client_name(client: OAuth2Client | None) -> str:
    """What to call the other site."""
    return (client.client_name or client.client_id or "") if client else ""


def rejection(decision: Reject) -> dict[str, str]:
    """The body that tells Hydra, and through it the client, why not."""
    return {"error": decision.error, "error_description": decision.description}


def _protect(response: HttpResponseBase) -> HttpResponseBase:
    """Challenges are in the address: keep them out of caches, frames and other sites' logs."""
    add_never_cache_headers(response)
    patch_vary_headers(response, ["Cookie"])
    response["X-Frame-Options"] = "DENY"
    # A page with a form says same-origin: without a referrer browsers post "Origin: null", which Django's
    # CSRF refuses.
    response.setdefault("Referrer-Policy", "no-referrer")
    return response
