"""The view for Hydra's logout request. Accepting also ends the user's Kratos and Django sessions."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import get_script_prefix

from django_ory.authentication.logout import end_session
from django_ory.client import ChallengeGone
from django_ory.client import models as ory
from django_ory.provider.audit import EventName, record_event
from django_ory.provider.client_profile import ClientProfile
from django_ory.provider.decisions.logout import decide_logout
from django_ory.provider.decisions.outcomes import Accept, Reject, ShowLogout
from django_ory.provider.single_logout import end_kratos_session, leave_session_to_hydra
from django_ory.provider.state import ClientLink

from .page import ProviderView


class LogoutView(ProviderView):
    """The view for ``urls.logout``."""

    http_method_names = ["get", "post"]  # noqa: RUF012 (as Django declares it)
    parameter = "logout_challenge"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the logout page, or redirect for a client with ``skip_logout_consent``.

        A session without the second factor is only ended by POST, because its owner is unknown.
        """
        return self._respond(None)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Handle the user's answer."""
        if "reject" in request.POST:
            return self._respond(False)
        return self._respond(True if "accept" in request.POST else None)

    def _respond(self, accepted: bool | None) -> HttpResponse:
        try:
            # Read first, each time: Hydra carries out an acceptance even after a rejection.
            logout = self.client.admin_get_o_auth2_logout_request(logout_challenge=self.challenge)
        except ChallengeGone:
            return self.render_error("signed_out")
        self.link = ClientLink.from_client(logout.client, adapter=self.adapter)
        skips = self._may_skip(logout)
        session = self.get_session() if accepted or skips else None
        aal2_required = session is None and self.browser.aal2_required
        outcome = decide_logout(
            logout, skip_logout_consent=skips, accepted=accepted, aal2_required=aal2_required
        )
        match outcome:
            case Accept():
                # Accept first: that can be repeated. Hydra ends its session when the browser arrives.
                completed = self.client.admin_accept_o_auth2_logout_request(logout_challenge=self.challenge)
                begun_with = leave_session_to_hydra(self.request, logout.sid or "", alias=self.alias)
                # The owner of a session without the second factor is unknown. Another user's session stays.
                is_owner = session is not None and session.subject == logout.subject
                if aal2_required or is_owner:
                    end_session(self.request)
                is_elsewhere = session is None or session.session_id != begun_with
                if is_elsewhere and (is_owner or self._is_verified(logout)):
                    end_kratos_session(begun_with, alias=self.alias)
                self._record("logout.accepted", logout, reason="user" if accepted else "trusted_client")
                return self.redirect_to_hydra(completed.redirect_to)
            case Reject():
                self.client.admin_reject_o_auth2_logout_request(logout_challenge=self.challenge)
                self._record("logout.denied", logout, reason="user")
                return HttpResponseRedirect(get_script_prefix())
            case ShowLogout():
                client = logout.client and ClientProfile.from_client(logout.client, adapter=self.adapter)
                context = {"challenge": self.challenge, "client_name": self.link.name, "client": client}
                return render(self.request, "ory/provider/logout.html", context)

    def _record(self, event: EventName, logout: ory.OAuth2LogoutRequest, *, reason: str) -> None:
        record_event(
            event,
            alias=self.alias,
            request=self.request,
            client_id=logout.client.client_id if logout.client else "",
            subject=logout.subject,
            reason=reason,
        )

    def _is_verified(self, logout: ory.OAuth2LogoutRequest) -> bool:
        """Return whether a logout is of this site, or of a client that staff know.

        A client that has registered itself needs no browser of the user: it has the ID token, and can answer
        the question itself. It must not sign users out of this site.
        """
        return logout.client is None or self.adapter.is_client_verified(logout.client)

    def _may_skip(self, logout: ory.OAuth2LogoutRequest) -> bool:
        """Return whether the client may skip the question."""
        client = logout.client
        if not logout.rp_initiated or client is None or not client.skip_logout_consent:
            return False
        current = self.read_client(client)
        return current is not None and current.skip_logout_consent is True
