"""The view for Hydra's login request, without a page of its own.

Accepting a login by GET is part of Hydra's protocol: Hydra binds the acceptance to the browser.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse

from django_ory.client import OryBadRequest
from django_ory.client import models as ory
from django_ory.provider.accounts import Account, has_second_factor
from django_ory.provider.audit import record_event
from django_ory.provider.decisions.login import LoginContext, LoginOutcome, decide_login, decide_native_login
from django_ory.provider.decisions.outcomes import Accept, Reject, RequireLogin
from django_ory.provider.openid.assurance import AMR_REFERENCES, BrowserSession
from django_ory.provider.openid.authorization import AuthorizationRequest, parse_authorization_request
from django_ory.provider.single_logout import store_hydra_session
from django_ory.provider.state import ClientLink

from .page import ProviderView


class LoginView(ProviderView):
    """The view for ``urls.login`` and ``urls.registration``.

    With ``OAUTH2_ACCOUNTS`` ``"kratos_native"``, Kratos accepts the challenge, after the checks of this view.
    """

    parameter = "login_challenge"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Accept or reject the login, or require another one first."""
        login = self.client.admin_get_o_auth2_login_request(login_challenge=self.challenge)
        self.link = ClientLink.from_request(login, adapter=self.adapter)
        authorization = parse_authorization_request(login)
        self.read_preferences(authorization)
        session = self.get_session()
        account = self._find_account(login, session)
        outcome = self._decide(login, authorization, session, account)
        subject = login.subject or (session.subject if session else "")
        user = account.user if account else None
        match outcome:
            case Accept(body=body):
                completed = self._accept(body)
                if session is not None:
                    store_hydra_session(request, login.session_id, session=session, alias=self.alias)
                record_event(
                    "login.accepted",
                    alias=self.alias,
                    request=request,
                    client_id=login.client.client_id,
                    subject=body["subject"],
                    user=user,
                    acr=body.get("acr"),
                    reason="session" if session is not None else "remembered",
                )
                return self.redirect_to_hydra(completed.redirect_to)
            case Reject(body=body):
                completed = self.client.admin_reject_o_auth2_login_request(
                    login_challenge=self.challenge, body=body
                )
                record_event(
                    "login.rejected",
                    alias=self.alias,
                    request=request,
                    client_id=login.client.client_id,
                    subject=subject,
                    user=user,
                    reason=outcome.reason or outcome.error,
                )
                # After a rejection alone Hydra still remembers the login.
                self.revoke_subject(outcome, subject)
                return self.finish_rejection(login.request_url, completed.redirect_to)
            case _:
                return self.follow(outcome, client=login.client, sid=login.session_id)

    def _accept(self, body: dict[str, Any]) -> ory.OAuth2RedirectTo:
        """Accept the login. Hydra before 2.2 rejects the id of Kratos' session, which is optional."""
        accept = self.client.admin_accept_o_auth2_login_request
        try:
            return accept(login_challenge=self.challenge, body=body)
        except OryBadRequest:
            if "identity_provider_session_id" not in body:
                raise
            shorter = {k: value for k, value in body.items() if k != "identity_provider_session_id"}
            return accept(login_challenge=self.challenge, body=shorter)

    def _find_account(self, login: ory.OAuth2LoginRequest, session: BrowserSession | None) -> Account | None:
        if login.skip:
            return self.find_account(login.subject)
        return None if session is None else self.find_account(session.subject)

    def _decide(
        self,
        login: ory.OAuth2LoginRequest,
        authorization: AuthorizationRequest,
        session: BrowserSession | None,
        account: Account | None,
    ) -> LoginOutcome:
        # A top-level request includes the cookie of the session, if there is one.
        is_top_level = self.request.headers.get("Sec-Fetch-Dest") == "document"
        context = LoginContext(
            login=login,
            authorization=authorization,
            session=session,
            now=datetime.now(UTC),
            is_active=account is None or account.is_active,
            state=self.state,
            acr_values=self.adapter.get_acr_values(),
            amr_references={**AMR_REFERENCES, **self.adapter.get_amr_references()},
            is_acr_essential=self.adapter.is_acr_essential(login.client),
            remember_seconds=self.adapter.get_remember_seconds(login.client),
            aal2_required=self.browser.aal2_required,
            session_ended=session is None and (self.browser.is_invalid or is_top_level),
        )
        if self.is_native:
            return decide_native_login(context)
        outcome = decide_login(context)
        if isinstance(outcome, RequireLogin) and outcome.aal and session and account:
            # A code only counts if the user has used one as the second factor before.
            can_repeat = outcome.refresh and "code" in session.methods
            if not can_repeat and not has_second_factor(account, alias=self.alias):
                return decide_login(replace(context, has_second_factor=False))
        return outcome
