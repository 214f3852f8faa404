"""Hydra asks what a client may have. The person decides by POST; remembered and trusted ones go through."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.http import HttpResponseRedirect
from django.shortcuts import render

from django_ory.client import OryNotFound
from django_ory.provider.accounts import Account, find_account
from django_ory.provider.authorization import read_authorization
from django_ory.provider.claims import consent_claims
from django_ory.provider.consents import get_stored_audience, is_covered
from django_ory.provider.decisions import Ask, AskAgain, Grant, Redirect, Reject, RestartConsent, SignIn
from django_ory.provider.flows import Answer, decide_consent, grant_body
from django_ory.provider.redirects import web_url
from django_ory.provider.scopes import scope_choices
from django_ory.provider.trail import leave_trail

from .page import ProviderView, app_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from django_ory.client.models import OAuth2ConsentRequest, OAuth2ConsentSession

#: Consents of one subject that are read. Hydra 2.3 links the pages of this list wrongly.
MAX_CONSENTS = 500


class ConsentView(ProviderView):
    """``urls.consent`` of Hydra."""

    http_method_names = ["get", "post", "options"]  # noqa: RUF012 (as Django declares it)
    parameter: ClassVar[str] = "consent_challenge"

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page, or straight back for what needs no asking."""
        return self._go_on(None)

    def post(self, request: HttpRequest) -> HttpResponse:
        """The person's answer. All else is asked of Hydra again: the form's word counts for nothing more."""
        if "reject" in request.POST:
            return self._go_on(Answer(accepted=False))
        if "accept" not in request.POST:
            return self._go_on(None)
        scope = frozenset(request.POST.getlist("grant_scope"))
        return self._go_on(Answer(accepted=True, scope=scope, remember="remember" in request.POST))

    def _go_on(self, answer: Answer | None) -> HttpResponse:
        consent = self.client.admin_get_o_auth2_consent_request(consent_challenge=self.challenge)
        trusted = self._is_trusted(consent)
        stored = self._stored_consents(consent) if consent.skip and not trusted else []
        scope, client_id = consent.requested_scope, consent.client.client_id
        has_consent = is_covered(scope, stored, client_id=client_id)
        automatic = trusted or has_consent
        session = None if automatic else self.signed_in()  # in a frame there is no cookie to sign in with
        signed_in = session.subject if session else None
        account = self._account(consent, signed_in, automatic=automatic)
        decision = decide_consent(
            consent,
            signed_in=signed_in,
            active=account is None or account.active,
            trusted=trusted,
            has_consent=has_consent,
            stored_audience=get_stored_audience(stored, client_id=client_id),
            answer=answer,
            trail=self.trail,
            owes_second_factor=not automatic and session is None and self.ory.aal2_required,
        )
        match decision:
            case Grant():
                return self._grant(consent, decision, account)
            case Reject():
                return self._reject(consent, decision)
            case RestartConsent(url=url):
                self._revoke_consents(consent)
                return self.follow(url)
            case Redirect():
                return self.begin_again(decision, sid=consent.login_session_id)
            case SignIn():
                return HttpResponseRedirect(self.sign_in_url(decision, client=consent.client))
            case AskAgain():
                return self.ask_again(decision, client=consent.client)
            case Ask():
                return self._page(consent, account)

    def _account(
        self, consent: OAuth2ConsentRequest, signed_in: str | None, *, automatic: bool
    ) -> Account | None:
        """The account that the consent is about; None while somebody else sits there, or nobody."""
        subject = consent.subject
        if automatic:
            return find_account(subject, alias=self.alias)
        if signed_in != subject:
            return None
        return find_account(subject, alias=self.alias, identity=self.ory.identity)

    def _is_trusted(self, consent: OAuth2ConsentRequest) -> bool:
        """Whether the client needs no consent, as of now: the challenge keeps the client as it was."""
        client = consent.client
        if not client.client_id or client.skip_consent is not True:
            return False
        asked = read_authorization(consent)
        if asked.opaque or "consent" in asked.prompt:
            return False
        try:
            return self.client.admin_get_o_auth2_client(client.client_id).skip_consent is True
        except OryNotFound:
            return False

    def _stored_consents(self, consent: OAuth2ConsentRequest) -> list[OAuth2ConsentSession]:
        return self.client.admin_list_o_auth2_subject_consent_sessions(
            subject=consent.subject, page_size=MAX_CONSENTS
        )

    def _revoke_consents(self, consent: OAuth2ConsentRequest) -> None:
        """Revoke all consents of the subject for the client, and the tokens from them."""
        self.client.admin_revoke_o_auth2_consent_sessions(
            subject=consent.subject, client=consent.client.client_id
        )

    def _grant(self, consent: OAuth2ConsentRequest, grant: Grant, account: Account | None) -> HttpResponse:
        if grant.revoke:
            self._revoke_consents(consent)
        claims = {}
        if account and account.identity:
            claims = consent_claims(
                account.identity, user=account.user, scopes=grant.scope, adapter=self.adapter
            )
        answer = self.client.admin_accept_o_auth2_consent_request(
            consent_challenge=self.challenge, body=grant_body(grant, claims=claims)
        )
        return self.follow(answer.redirect_to)

    def _reject(self, consent: OAuth2ConsentRequest, decision: Reject) -> HttpResponse:
        answer = self.client.admin_reject_o_auth2_consent_request(
            consent_challenge=self.challenge, body=decision.body
        )
        if decision.revoke and consent.subject:
            self.revoke(consent.subject)
        return self.follow(answer.redirect_to)

    def _page(self, consent: OAuth2ConsentRequest, account: Account | None) -> HttpResponse:
        client = consent.client
        app = app_of(client)
        claims = (
            consent_claims(account.identity, user=None, scopes=("email", "profile"), adapter=self.adapter)
            if account and account.identity
            else {}
        )
        return render(
            self.request,
            "ory/provider/consent.html",
            {
                "client_name": app.name,
                "client_uri": app.url,
                **{key: web_url(getattr(client, key)) for key in ("logo_uri", "policy_uri", "tos_uri")},
                "redirect_host": read_authorization(consent).redirect_host,
                "who": claims.get("email") or claims.get("preferred_username") or claims.get("name") or "",
                "scopes": scope_choices(consent.requested_scope, adapter=self.adapter),
                "audience": list(dict.fromkeys(consent.requested_access_token_audience)),
                "challenge": self.challenge,
                "trail": leave_trail(self.challenge, app=app),
            },
        )
