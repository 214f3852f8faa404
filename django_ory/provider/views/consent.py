"""The view for Hydra's consent request. The user answers by POST; GET grants what needs no answer."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac

from django_ory.authentication.hydra_sessions import record_hydra_session
from django_ory.client import OryBadRequest
from django_ory.client import models as ory
from django_ory.consent_policy import ConsentPolicy
from django_ory.mirror.consents import revoke_consents
from django_ory.provider.accounts import Account
from django_ory.provider.agents.lifetime import keep_client
from django_ory.provider.audit import record_event
from django_ory.provider.client_profile import ClientProfile, clean_name
from django_ory.provider.decisions.consent import (
    ConsentContext,
    ConsentForm,
    ConsentRequest,
    build_assurance_claims,
    build_grant,
    decide_consent,
    remove_context,
)
from django_ory.provider.decisions.outcomes import Grant, Reject, ShowConsent
from django_ory.provider.decisions.stored_consents import (
    find_earlier_consent,
    find_remembered_scope,
    get_stored_audience,
)
from django_ory.provider.openid.claims import GrantClaims, build_grant_claims
from django_ory.provider.openid.scopes import build_scope_choices
from django_ory.provider.single_logout import store_hydra_session
from django_ory.provider.state import ClientLink, dump_state

from .page import ProviderView

#: The number of consents of one subject that are read. Hydra 2.3 links the pages of this list wrongly.
MAX_CONSENTS = 500
#: The number of characters of an audience that the page shows.
MAX_AUDIENCE_LENGTH = 1_000


class ConsentView(ProviderView):
    """The view for ``urls.consent``."""

    http_method_names = ["get", "post"]  # noqa: RUF012 (as Django declares it)
    parameter = "consent_challenge"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the consent page, or redirect if no consent is needed."""
        return self._respond(None)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Handle the user's answer. Everything else is read from Hydra again."""
        data = request.POST
        if "reject" in data:
            return self._respond(ConsentForm(accepted=False))
        if "accept" not in data:
            return self._respond(None)
        form = ConsentForm(
            accepted=True,
            scope=frozenset(data.getlist("grant_scope")),
            remember="remember" in data,
            fingerprint=data.get("fingerprint", ""),
        )
        return self._respond(form)

    def _respond(self, form: ConsentForm | None) -> HttpResponse:
        consent = self.client.admin_get_o_auth2_consent_request(consent_challenge=self.challenge)
        self.link = ClientLink.from_request(consent, adapter=self.adapter)
        client = self.read_client(consent.client)
        if client is None:
            return self.render_error("client_removed")
        subject = consent.subject
        consent_request = ConsentRequest(consent=consent, client=client, policy=self._get_policy(client))
        self.read_preferences(consent_request.authorization)
        session = self.get_session()
        stored = []
        if not consent_request.is_trusted:
            stored = self.client.admin_list_o_auth2_subject_consent_sessions(
                subject=subject, page_size=MAX_CONSENTS
            )
        context = ConsentContext(
            request=consent_request,
            subject=session.subject if session else None,
            remembered_scope=find_remembered_scope(stored, client_id=client.client_id, now=datetime.now(UTC)),
            has_all_consents=len(stored) < MAX_CONSENTS,
            stored_audience=get_stored_audience(stored, client_id=client.client_id),
            form=form,
            fingerprint=self._build_fingerprint(consent_request),
            state=self.state,
            aal2_required=self.browser.aal2_required,
        )
        account = None
        if context.subject == subject or (session is None and context.is_automatic):
            account = self.find_account(subject)
        outcome = decide_consent(replace(context, is_active=account is None or account.is_active))
        match outcome:
            case Grant():
                return self._grant(consent_request, outcome, account)
            case Reject():
                return self._reject(consent_request, outcome, account)
            case ShowConsent():
                return self._render_page(context, outcome, account, stored)
            case _:
                return self.follow(outcome, client=client, subject=subject, sid=consent.login_session_id)

    def _get_policy(self, client: ory.OAuth2Client) -> ConsentPolicy:
        policy = self.adapter.get_consent_policy(client)
        if self.adapter.is_client_verified(client):
            return policy
        return replace(policy, is_first_party=False, remember="never")

    def _grant(self, request: ConsentRequest, grant: Grant, account: Account | None) -> HttpResponse:
        consent, client = request.consent, request.client
        if grant.revoke_consents:
            revoke_consents(self.alias, consent.subject, client.client_id or "")
        claims = self._build_claims(account, client=client, scopes=grant.scope)
        stored = self.adapter.get_consent_context(
            identity=account.identity if account else None,
            user=account.user if account else None,
            client=client,
        )
        body = build_grant(
            grant,
            claims=claims.id_token,
            token_claims=claims.access_token | build_assurance_claims(consent),
            context=stored,
        )
        self._record_session(consent)
        completed = self._accept(body, automatic=grant.automatic)
        record_event(
            "consent.granted",
            alias=self.alias,
            request=self.request,
            client_id=client.client_id,
            subject=consent.subject,
            user=account.user if account else None,
            acr=consent.acr,
            scope=grant.scope,
            audience=grant.audience,
            reason=grant.reason,
        )
        keep_client(client, alias=self.alias)
        return self.redirect_to_hydra(completed.redirect_to)

    def _record_session(self, consent: ory.OAuth2ConsentRequest) -> None:
        """Record Hydra's session, which this site sees only here if Kratos accepts the logins."""
        sid = consent.login_session_id
        if not self.is_native or not sid:
            return
        session = self.browser.session
        if session is not None and session.subject == consent.subject:
            store_hydra_session(self.request, sid, session=session, alias=self.alias)
        else:  # in a frame the browser may send no cookie
            record_hydra_session(sid, subject=consent.subject, alias=self.alias)

    def _accept(self, body: dict[str, Any], *, automatic: bool) -> ory.OAuth2RedirectTo:
        try:
            return self.client.admin_accept_o_auth2_consent_request(
                consent_challenge=self.challenge, body=body
            )
        except OryBadRequest:
            if "context" not in body:
                raise
            return self.client.admin_accept_o_auth2_consent_request(
                consent_challenge=self.challenge, body=remove_context(body, automatic=automatic)
            )

    def _reject(self, request: ConsentRequest, outcome: Reject, account: Account | None) -> HttpResponse:
        consent = request.consent
        completed = self.client.admin_reject_o_auth2_consent_request(
            consent_challenge=self.challenge, body=outcome.body
        )
        record_event(
            "consent.denied",
            alias=self.alias,
            request=self.request,
            client_id=request.client.client_id,
            subject=consent.subject,
            user=account.user if account else None,
            scope=request.offer.scope,
            audience=request.offer.audience,
            reason=outcome.reason or outcome.error,
        )
        self.revoke_subject(outcome, consent.subject)
        return self.finish_rejection(consent.request_url, completed.redirect_to)

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

    def _build_profile(self, request: ConsentRequest) -> ClientProfile:
        return ClientProfile.from_client(
            request.client, adapter=self.adapter, redirect_uri=request.authorization.redirect_uri
        )

    def _build_fingerprint(self, request: ConsentRequest) -> str:
        """Build a fingerprint of the content of the page, so that users never consent to another one."""
        profile, offer = self._build_profile(request), request.offer
        content = [
            *(profile.client_id, profile.name, profile.redirect_host, profile.is_verified),
            *(offer.scope, sorted(offer.required), offer.audience, request.remember),
        ]
        salt = "django_ory.provider.consent"
        return salted_hmac(salt, json.dumps(content), algorithm="sha256").hexdigest()

    def _render_page(
        self,
        context: ConsentContext,
        outcome: ShowConsent,
        account: Account | None,
        stored: Collection[ory.OAuth2ConsentSession],
    ) -> HttpResponse:
        request, client, offer = context.request, context.request.client, context.request.offer
        claims = self._build_claims(account, client=client, scopes=("email", "profile")).id_token
        earlier = find_earlier_consent(stored, client_id=client.client_id)
        values = {
            "client": self._build_profile(request),
            "who": claims.get("email") or claims.get("preferred_username") or claims.get("name") or "",
            "scopes": build_scope_choices(
                offer.scope,
                adapter=self.adapter,
                required=offer.required,
                granted=earlier.granted if earlier else None,
                known=earlier.requested if earlier else (),
            ),
            "audience": [clean_name(name, limit=MAX_AUDIENCE_LENGTH) for name in offer.audience],
            "is_device": request.authorization.is_device,
            "can_remember": request.remember == "ask",
            "has_changed": outcome.has_changed,
            "fingerprint": context.fingerprint,
            "challenge": self.challenge,
            "state": dump_state(self.challenge, client=self.link),
        }
        return render(self.request, "ory/provider/consent.html", values)
