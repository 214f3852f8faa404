"""What Hydra's pages share: the challenge, who is asking, redirects, headers, pages for what went wrong."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, ClassVar, Literal
from urllib.parse import urlencode

from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render

from django_ory.adapter import get_adapter
from django_ory.authentication.request import get_ory
from django_ory.client import OryError, OryServiceNotConfigured
from django_ory.clients import get_client
from django_ory.conf import get_settings
from django_ory.exceptions import SessionUnavailable
from django_ory.http.redirects import (
    CLIENT_NAME_PARAMETER,
    login_url,
    page_url,
    safe_return_to,
    sign_client_name,
)
from django_ory.http.responses import outage_response, service_unavailable
from django_ory.http.views import PageView
from django_ory.provider.decisions import AskAgain, Redirect, SignIn
from django_ory.provider.freshness import SignedIn
from django_ory.provider.problems import PROBLEMS, Problem, explain
from django_ory.provider.redirects import hydra_url, web_url
from django_ory.provider.trail import App, Trail, leave_trail, read_trail

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from django_ory.client.models import OAuth2Client

logger = logging.getLogger("django_ory.provider")

#: Hydra's grow with the client's metadata, to about 7,000 characters. What is longer is not one.
LONGEST_CHALLENGE = 16_384


class ProviderView(PageView):
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
        self.app, self.trail = read_trail(self.challenge, self.sent.get("trail"))

    def handle(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.settings.hydra_admin_url:
            raise Http404("HYDRA_ADMIN_URL is not set, so this site is no OAuth2 provider.")
        try:
            return self._answer(request, *args, **kwargs)
        except OryError as error:
            return self.explain(error)
        except SessionUnavailable:
            return service_unavailable(request)
        except OryServiceNotConfigured as error:
            logger.error("The provider's pages need a setting: %s", error, extra={"alias": self.alias})
            return service_unavailable(request)

    def _answer(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.parameter and not self.challenge:
            return self.problem(PROBLEMS["missing"])
        if len(self.challenge) > LONGEST_CHALLENGE or not self.challenge.isprintable():
            return self.problem(PROBLEMS["unknown"])
        return super().handle(request, *args, **kwargs)

    # Who is in front of the page

    def signed_in(self) -> SignedIn | None:
        """What Kratos says of the browser's session now: a cached answer may be older than the sign-in.

        Raises SessionUnavailable if Kratos does not say: here nobody may be taken for anonymous, nor for who
        they were a while ago, whatever the settings allow elsewhere.
        """
        answer = self.ory.refresh()
        if self.ory.unavailable or answer.stale:
            raise SessionUnavailable
        session = self.ory.session
        if session is None or session.identity is None:
            return None
        # In the order of use, so the last one of each level stays.
        given = {used.aal: used.completed_at for used in session.authentication_methods if used.completed_at}
        return SignedIn(
            subject=self.adapter.get_subject(session.identity.id),
            session_id=session.id,
            authenticated_at=given.get("aal1") or session.authenticated_at,
            second_at=given.get("aal2"),
            expires_at=session.expires_at,
            aal=session.authenticator_assurance_level or "aal1",
            methods=tuple(used.method for used in session.authentication_methods if used.method),
        )

    def sign_in_url(self, decision: SignIn, *, client: OAuth2Client) -> str:
        """The page of Kratos, with the way back to this challenge."""
        trail = Trail(
            seen_at=self.trail.seen_at if self.trail else time.time(),
            stepped_up=decision.aal is not None or bool(self.trail and self.trail.stepped_up),
        )
        text = leave_trail(self.challenge, app=app_of(client), trail=trail)
        query = urlencode({self.parameter: self.challenge, "trail": text})
        back = safe_return_to(self.request, f"{self.request.path}?{query}", alias=self.alias)
        if decision.page == "registration":
            named = sign_client_name(client.client_name or "")
            return page_url(
                self.request, "ory:registration", {"return_to": back, CLIENT_NAME_PARAMETER: named}
            )
        aal: Literal["aal2"] | None = "aal2" if decision.aal else None
        refresh, name = decision.refresh, client.client_name or ""
        return login_url(self.request, return_to=back, aal=aal, refresh=refresh, client_name=name)

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

    def begin_again(self, decision: Redirect, *, sid: str | None) -> HttpResponse:
        """Let Hydra begin with the request once more. ``sid``: its session, in case it has to forget it."""
        if decision.forget and sid:
            self.client.admin_revoke_o_auth2_login_sessions(sid=sid)
        return self.follow(decision.url)

    def explain(self, error: OryError) -> HttpResponse:
        """The page for an error of Ory."""
        match explain(error):
            case None:
                return outage_response(self.request, error, alias=self.alias)
            case Redirect(url=url):
                return self.follow(url)
            case reason:
                if error.operation.startswith("PUT "):  # the challenge was good a moment ago
                    logger.error("Hydra refuses our answer: %s", error, extra={"alias": self.alias})
                return self.problem(PROBLEMS[reason], app=self.app)

    def problem(self, problem: Problem, *, app: App | None = None, **context: Any) -> HttpResponse:
        """A page that says what went wrong and where to go from here."""
        return render(
            self.request,
            "ory/provider/problem.html",
            {"problem": problem, "app": app if app and app.url else None, **context},
            status=problem.status,
        )

    def ask_again(self, decision: AskAgain, *, client: OAuth2Client) -> HttpResponse:
        """The browser came back without a (fresh) sign-in. A page, so that nobody goes around in circles."""
        problem = PROBLEMS["sign_in_again" if decision.sign_in.refresh else "sign_in"]
        return self.problem(
            problem, action=self.sign_in_url(decision.sign_in, client=client), client_name=client_name(client)
        )

    def revoke(self, subject: str) -> None:
        """End all that Hydra remembers of a subject: sign-ins, consents, and the tokens from them."""
        self.client.admin_revoke_o_auth2_login_sessions(subject=subject)
        self.client.admin_revoke_o_auth2_consent_sessions(subject=subject, all=True)


def client_name(client: OAuth2Client | None) -> str:
    """What to call the other site."""
    return (client.client_name or client.client_id or "") if client else ""


def app_of(client: OAuth2Client) -> App:
    """The other site with its address, if that is one to link to."""
    return App(name=client_name(client), url=web_url(client.client_uri))
