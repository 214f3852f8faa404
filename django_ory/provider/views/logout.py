"""Hydra asks whether to sign out. Yes ends our own session too, if it is the same person's."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from django.contrib.auth import logout as end_django_session
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import get_script_prefix

from django_ory.client import ChallengeGone, OryNotFound, OryUnauthorized
from django_ory.provider.decisions import Accept, Ask, Reject
from django_ory.provider.flows import decide_logout
from django_ory.provider.problems import PROBLEMS
from django_ory.provider.single_sign_out import forget_sid
from django_ory.sessions.forget import forget_request

from .page import ProviderView, client_name

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from django_ory.client.models import OAuth2LogoutRequest


class LogoutView(ProviderView):
    """``urls.logout`` of Hydra."""

    http_method_names = ["get", "post", "options"]  # noqa: RUF012 (as Django declares it)
    parameter: ClassVar[str] = "logout_challenge"

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page, or straight back for a client that is registered to need none."""
        return self._go_on(None)

    def post(self, request: HttpRequest) -> HttpResponse:
        """The person's answer, by the name of the button."""
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
        decision = decide_logout(logout, skip_logout_consent=self._skips(logout), accepted=accepted)
        match decision:
            case Accept():
                return self._accept(logout)
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

    def _accept(self, logout: OAuth2LogoutRequest) -> HttpResponse:
        """Hydra's yes first: it can be asked again. Its session ends when the browser gets there."""
        answer = self.client.admin_accept_o_auth2_logout_request(logout_challenge=self.challenge)
        if self._end_kratos_session(logout.subject):
            forget_request(self.request)
            forget_sid(self.request)
            end_django_session(self.request)
        return self.follow(answer.redirect_to)

    def _end_kratos_session(self, subject: str) -> bool:
        """Whether the session of this browser was the one to end."""
        session = self.signed_in()
        if session is None:
            return self.ory.aal2_required and self._end_half_a_sign_in()
        if session.subject != subject:
            return False
        with suppress(OryNotFound):  # it has ended already
            self.client.disable_session(session.session_id)
        return True

    def _end_half_a_sign_in(self) -> bool:
        """Whoever still owes the second factor has a session too. Kratos does not say whose or which, but
        ends it for its cookie.
        """
        credential = self.ory.credential
        if credential is None or credential.kind != "cookie":
            return False
        cookie = credential.value
        with suppress(OryUnauthorized):  # it has ended already
            token = self.client.create_self_service_logout_flow_url_for_browsers(cookie=cookie).logout_token
            self.client.submit_self_service_logout_flow(token=token, cookie=cookie)
        return True
