"""Hydra asks who is signing in. There is no page of its own here: sessions at hand are accepted, others sign
in first.

Accepting on GET is the protocol's own way: Hydra sends the browser here and binds the answer to that browser.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from django.http import HttpResponseRedirect

from django_ory.provider.accounts import Account, find_account, has_second_factor
from django_ory.provider.decisions import Accept, AskAgain, Redirect, Reject, SignIn
from django_ory.provider.flows import decide_login
from django_ory.provider.single_sign_out import keep_sid

from .page import ProviderView

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from django_ory.client.models import OAuth2LoginRequest
    from django_ory.provider.freshness import SignedIn


class LoginView(ProviderView):
    """``urls.login`` (and ``urls.registration``) of Hydra."""

    parameter: ClassVar[str] = "login_challenge"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Accept, reject, or sign in first."""
        login = self.client.admin_get_o_auth2_login_request(login_challenge=self.challenge)
        session = self.signed_in()
        account = self._account(login, session)
        decision = self._decide(login, session, account)
        if isinstance(decision, SignIn) and decision.aal and session is not None:
            # Who has given a code as the second factor can do it again; for others codes do not count.
            again = decision.refresh and "code" in session.methods
            if not again and not self._can_step_up(account):
                decision = self._decide(login, session, account, second_factor=False)
        match decision:
            case Accept(body=body):
                answer = self.client.admin_accept_o_auth2_login_request(
                    login_challenge=self.challenge, body=body
                )
                if session is not None:
                    keep_sid(request, login.session_id)
                return self.follow(answer.redirect_to)
            case Reject():
                return self._reject(decision, login.subject or (session.subject if session else ""))
            case Redirect():
                return self.begin_again(decision, sid=login.session_id)
            case SignIn():
                return HttpResponseRedirect(self.sign_in_url(decision, client=login.client))
            case AskAgain():
                return self.ask_again(decision, client=login.client)

    def _account(self, login: OAuth2LoginRequest, session: SignedIn | None) -> Account | None:
        """The account in question: Hydra's subject when the page is skipped, else whoever is signed in."""
        if login.skip:
            return find_account(login.subject, alias=self.alias)
        if session is None:
            return None
        return find_account(session.subject, alias=self.alias, identity=self.ory.identity)

    def _decide(
        self,
        login: OAuth2LoginRequest,
        session: SignedIn | None,
        account: Account | None,
        *,
        second_factor: bool = True,
    ) -> Accept | Reject | Redirect | SignIn | AskAgain:
        return decide_login(
            login,
            session=session,
            active=account is not None and account.active,
            now=datetime.now(UTC),
            trail=self.trail,
            acrs=self.adapter.get_acr_values(),
            second_factor=second_factor,
            owes_second_factor=session is None and self.ory.aal2_required,
            ended=session is None and (self.ory.credential is not None or self._is_a_page()),
        )

    def _is_a_page(self) -> bool:
        """Whether the browser says that this is a page of its own, so that it sends Kratos' cookie if any."""
        return self.request.headers.get("Sec-Fetch-Dest") == "document"

    def _can_step_up(self, account: Account | None) -> bool:
        return (
            account is not None
            and account.identity is not None
            and has_second_factor(account.identity.id, alias=self.alias)
        )

    def _reject(self, decision: Reject, subject: str) -> HttpResponse:
        answer = self.client.admin_reject_o_auth2_login_request(
            login_challenge=self.challenge, body=decision.body
        )
        if decision.revoke and subject:
            self.revoke(subject)  # a rejection alone leaves Hydra's remembered sign-in in place
        return self.follow(answer.redirect_to)
