"""The view for Hydra's consent request. The user answers by POST; GET grants what needs no answer."""

from __future__ import annotations

from collections.abc import Collection

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from django_ory.client import models as ory
from django_ory.provider.accounts import Account
from django_ory.provider.agents.lifetime import keep_client
from django_ory.provider.audit import record_event
from django_ory.provider.client_profile import ClientProfile
from django_ory.provider.decisions.consent import (
    ConsentContext,
    ConsentForm,
    build_assurance_claims,
    build_grant,
    decide_consent,
    get_requested_audience,
    get_stored_audience,
    is_covered,
)
from django_ory.provider.decisions.outcomes import Grant, Reject, ShowConsent
from django_ory.provider.openid.authorization import is_device_request, parse_authorization_request
from django_ory.provider.openid.claims import GrantClaims, build_grant_claims
from django_ory.provider.openid.scopes import build_scope_choices
from django_ory.provider.single_logout import store_sid
from django_ory.provider.state import ClientLink, dump_state

from .page import ProviderView

#: The number of consents of one subject that are read. Hydra 2.3 links the pages of this list wrongly.
MAX_CONSENTS = 500


class ConsentView(ProviderView):
    """The view for ``urls.consent``."""

    http_method_names = ["get", "post"]  # noqa: RUF012 (as Django declares it)
    parameter = "consent_challenge"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the consent page, or redirect if no consent is needed."""
        return self._respond(None)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Handle the user's answer. Everything else is read from Hydra again."""
        if "reject" in request.POST:
            return self._respond(ConsentForm(accepted=False))
        if "accept" not in request.POST:
            return self._respond(None)
        scope = frozenset(request.POST.getlist("grant_scope"))
        return self._respond(ConsentForm(accepted=True, scope=scope, remember="remember" in request.POST))

    def _respond(self, form: ConsentForm | None) -> HttpResponse:
        consent = self.client.admin_get_o_auth2_consent_request(consent_challenge=self.challenge)
        client, subject = consent.client, consent.subject
        is_device = is_device_request(consent.request_url)
        is_trusted = not is_device and self._is_trusted(consent)
        stored = []
        if consent.skip and not (is_trusted or is_device):
            stored = self.client.admin_list_o_auth2_subject_consent_sessions(
                subject=subject, page_size=MAX_CONSENTS
            )
        has_consent = is_covered(consent.requested_scope, stored, client_id=client.client_id)
        session, account = None, None
        if is_trusted or has_consent:  # without the session: in a frame the browser may send no cookie
            account = self.find_account(subject)
        else:
            session = self.get_session()
            if session is not None and session.subject == subject:
                account = self.find_account(subject)
        outcome = decide_consent(
            ConsentContext(
                consent=consent,
                subject=session.subject if session else None,
                is_active=account is None or account.is_active,
                is_trusted=is_trusted,
                has_consent=has_consent,
                stored_audience=get_stored_audience(stored, client_id=client.client_id),
                form=form,
                state=self.state,
                aal2_required=self.browser.aal2_required,
            )
        )
        match outcome:
            case Grant():
                return self._grant(consent, outcome, account)
            case Reject(body=body):
                completed = self.client.admin_reject_o_auth2_consent_request(
                    consent_challenge=self.challenge, body=body
                )
                record_event(
                    "consent.denied",
                    alias=self.alias,
                    request=self.request,
                    client_id=client.client_id,
                    subject=subject,
                    user=account.user if account else None,
                    scope=consent.requested_scope,
                    audience=get_requested_audience(consent),
                    reason=outcome.reason or outcome.error,
                )
                self.revoke_subject(outcome, subject)
                return self.finish_rejection(consent.request_url, completed.redirect_to)
            case ShowConsent():
                return self._render_page(consent, account)
            case _:
                return self.follow(outcome, client=client, subject=subject, sid=consent.login_session_id)

    def _is_trusted(self, consent: ory.OAuth2ConsentRequest) -> bool:
        """Return whether the client needs no consent."""
        authorization = parse_authorization_request(consent)
        if authorization.unreadable or "consent" in authorization.prompt or not consent.client.skip_consent:
            return False
        current = self.read_client(consent.client)
        return current is not None and current.skip_consent is True

    def _grant(
        self, consent: ory.OAuth2ConsentRequest, grant: Grant, account: Account | None
    ) -> HttpResponse:
        if grant.revoke_consents:
            self.revoke_consents(consent.subject, consent.client)
        claims = self._build_claims(account, client=consent.client, scopes=grant.scope)
        completed = self.client.admin_accept_o_auth2_consent_request(
            consent_challenge=self.challenge,
            body=build_grant(
                grant,
                claims=claims.id_token,
                token_claims=claims.access_token | build_assurance_claims(consent),
            ),
        )
        self._store_sid(consent)
        record_event(
            "consent.granted",
            alias=self.alias,
            request=self.request,
            client_id=consent.client.client_id,
            subject=consent.subject,
            user=account.user if account else None,
            acr=consent.acr,
            scope=grant.scope,
            audience=grant.audience,
            reason=grant.reason,
        )
        keep_client(consent.client, alias=self.alias)
        return self.redirect_to_hydra(completed.redirect_to)

    def _store_sid(self, consent: ory.OAuth2ConsentRequest) -> None:
        """Store the id of Hydra's session for the logout, if Kratos accepted the login."""
        if self.is_native:
            session = self.browser.session or self.get_session()
            if session is not None and session.subject == consent.subject:
                store_sid(self.request, consent.login_session_id)

    def _build_claims(
        self, account: Account | None, *, client: ory.OAuth2Client, scopes: Collection[str]
    ) -> GrantClaims:
        return build_grant_claims(
            identity=account.identity if account else None,
            user=account.user if account else None,
            client=client,
            scopes=scopes,
            adapter=self.adapter,
        )

    def _render_page(self, consent: ory.OAuth2ConsentRequest, account: Account | None) -> HttpResponse:
        client = consent.client
        claims = self._build_claims(account, client=client, scopes=("email", "profile")).id_token
        redirect_uri = parse_authorization_request(consent).redirect_uri
        context = {
            "client": ClientProfile.from_client(client, adapter=self.adapter, redirect_uri=redirect_uri),
            "is_device": is_device_request(consent.request_url),
            "who": claims.get("email") or claims.get("preferred_username") or claims.get("name") or "",
            "scopes": build_scope_choices(consent.requested_scope, adapter=self.adapter),
            "audience": list(get_requested_audience(consent)),
            "challenge": self.challenge,
            "state": dump_state(self.challenge, client=ClientLink.from_client(client)),
        }
        return render(self.request, "ory/provider/consent.html", context)
