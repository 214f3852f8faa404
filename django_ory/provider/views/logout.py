"""Hydra's logout request. An acceptance also ends the session in Kratos and Django of the same user."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from django.contrib.auth import logout as end_django_session
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import get_script_prefix

from django_ory.authentication.invalidation import invalidate_current_session
from django_ory.client import ChallengeGone, OryNotFound, OryUnauthorized
from django_ory.provider.decisions import Accept, Ask, Reject
from django_ory.provider.flows import decide_logout
from django_ory.provider.problems import PROBLEMS
from django_ory.provider.single_sign_out import forget_sid

from .page import ProviderView, client_name

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from django_ory.client.models import OAuth2LogoutRequest
    from django_ory.provider.freshness import SignedIn


class LogoutView(ProviderView):
    """``urls.logout`` of Hydra."""

    http_method_names = ["get", "post", "options"]  # noqa: RUF012 (as Django declares it)
    parameter: ClassVar[str] = "logout_challenge"

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page; a redirect for a client with ``skip_logout_consent``.

        A session that lacks the second factor is only ended by POST: its owner is not known.
        """
        return self._go_on(None)

    def post(self, request: HttpRequest) -> HttpResponse:
        """The user's answer, by the name of the button."""
        if "reject" in request.POST:
            return self._go_on(False)
        return self._go_on(True if "accept" in request.POST else None)

    def _go_on(self, accepted: bool | None) -> HttpResponse:
        try:
            # Read first, each time: Hydra would carry out an acceptance even after a rejection, when this is
            # a 404.
            logout = self.client.admin_get_o_auth2_logout_request(logout_challenge=self.challenge)
        except ChallengeGone:
            return self.problem(PROBLEMS["signed_out"])
        skips = self._skips(logout)
        session = self.signed_in() if accepted or skips else None
        owes_second_factor = session is None and self.ory.aal2_required
        decision = decide_logout(
            logout, skip_logout_consent=skips, accepted=accepted, owes_second_factor=owes_second_factor
        )
        match decision:
            case Accept():
                return self._accept(logout, session, owes_second_factor=owes_second_factor)
            case Reject():
                self.client.admin_reject_o_auth2_logout_request(logout_challenge=self.challenge)
                return HttpResponseRedirect(get_script_prefix())
            case Ask():
                return render(
                    self.request,
                    "ory/provider/logout.html",
                    {"challenge": self.challenge, "client_name": client_name(logout.client)},
                )

    def _skips(self, logout: OAuth2LogoutRequest) -> bool:
        """Whether the client needs no asking, by its word of now."""
        client = logout.client
        if (
            not logout.rp_initiated
            or client is None
            or not client.client_id
            or client.skip_logout_consent is not True
        ):
            return False
        try:
            return self.client.admin_get_o_auth2_client(client.client_id).skip_logout_consent is True
        except OryNotFound:
            return False

    def _accept(
        self, logout: OAuth2LogoutRequest, session: SignedIn | None, *, owes_second_factor: bool
    ) -> HttpResponse:
        """Accept at Hydra first, which can be repeated. Hydra ends its session when the browser arrives."""
        answer = self.client.admin_accept_o_auth2_logout_request(logout_challenge=self.challenge)
        if owes_second_factor:
            has_ended = self._end_partial_session()
        else:
            has_ended = session is not None and self._end_kratos_session(session, subject=logout.subject)
        if has_ended:
            invalidate_current_session(self.request)
            forget_sid(self.request)
            end_django_session(self.request)
        return self.follow(answer.redirect_to)

    def _end_kratos_session(self, session: SignedIn, *, subject: str) -> bool:
        """End the browser's session. Returns False for a session of another person, which stays."""
        if session.subject != subject:
            return False
        with suppress(OryNotFound):  # it has ended already
            self.client.disable_session(session.session_id)
        return True

    def _end_partial_session(self) -> bool:
        """End the session of a user who owes the second factor.

        Kratos does not return its id or owner, but ends it for its cookie.
        """
        credential = self.ory.credential
        if credential is None or credential.kind != "cookie":
            return False
        cookie = credential.value
        with suppress(OryUnauthorized):  # it has ended already
            token = self.client.create_self_service_logout_flow_url_for_browsers(cookie=cookie).logout_token
            self.client.submit_self_service_logout_flow(token=token, cookie=cookie)
        return True
