"""The decision on Hydra's consent request: grant, ask, restart or reject."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django_ory.client import models as ory
from django_ory.consent_policy import ConsentPolicy, Remember
from django_ory.provider.openid.audience import limit_audience
from django_ory.provider.openid.authorization import AuthorizationRequest, parse_authorization_request
from django_ory.provider.openid.scopes import REQUIRED_SCOPES, limit_scope
from django_ory.provider.state import LoginState

from .outcomes import (
    INACTIVE_ACCOUNT,
    Grant,
    Reject,
    RequireLogin,
    RestartAtHydra,
    ShowConsent,
    ShowLoginRequired,
    require_once,
    restart_with_login,
)
from .stored_consents import AUTOMATIC_GRANT

ConsentOutcome = Grant | Reject | RestartAtHydra | RequireLogin | ShowLoginRequired | ShowConsent

#: A page with more scopes than this cannot be read, and Django rejects forms with more than 1,000 fields.
MAX_CONSENT_SCOPES = 200

_DENIED = Reject(error="access_denied", description="The user refused the access.", reason="user")
_CONSENT_REQUIRED = Reject(error="consent_required", description="The user must be asked for consent.")
_TOO_MANY_SCOPES = Reject(
    error="invalid_scope", description=f"The request has more than {MAX_CONSENT_SCOPES} scopes."
)


@dataclass(frozen=True, kw_only=True)
class ConsentForm:
    """The posted form of the consent page. ``fingerprint``: of the content of the page, "" if unknown."""

    accepted: bool
    scope: frozenset[str] = frozenset()
    remember: bool = False
    fingerprint: str = ""


@dataclass(frozen=True, kw_only=True)
class ConsentOffer:
    """The most that a consent can grant: what the client requests and has registered."""

    scope: tuple[str, ...]
    audience: tuple[str, ...]
    required: frozenset[str]  #: scopes that the user cannot deselect


@dataclass(frozen=True, kw_only=True)
class ConsentRequest:
    """A consent request, and the answers to it that depend on the client alone. Each is derived once."""

    consent: ory.OAuth2ConsentRequest
    client: ory.OAuth2Client  #: as Hydra has it now; the request has a copy
    policy: ConsentPolicy = field(default_factory=ConsentPolicy)

    @cached_property
    def authorization(self) -> AuthorizationRequest:
        """The request of the client."""
        return parse_authorization_request(self.consent)

    @cached_property
    def offer(self) -> ConsentOffer:
        """The most that can be granted."""
        return build_offer(
            self.consent, client=self.client, policy=self.policy, resources=self.authorization.resources
        )

    @cached_property
    def is_trusted(self) -> bool:
        """Whether the client needs no consent of this user now."""
        authorization = self.authorization
        is_asking = authorization.unreadable or "consent" in authorization.prompt
        return self.policy.is_first_party and not is_asking and not authorization.is_device

    @cached_property
    def remember(self) -> Remember:
        """Whether the consent is remembered: never for a device."""
        return "never" if self.authorization.is_device else self.policy.remember


@dataclass(frozen=True, kw_only=True)
class ConsentContext:
    """The input of a consent decision."""

    request: ConsentRequest
    subject: str | None  #: of the browser's session
    is_active: bool = True  #: the account may sign in
    #: The scope of the consent that the user let Hydra remember, if any. Hydra's ``skip`` is also set after
    #: automatic grants.
    remembered_scope: Collection[str] | None = None
    has_all_consents: bool = True  #: no consent is missing in the list that Hydra returned
    stored_audience: Collection[str] = ()  #: of earlier consents, which Hydra's ``skip`` ignores
    form: ConsentForm | None = None
    fingerprint: str = ""  #: of the page as it would be shown now
    state: LoginState | None = None  #: set when the browser returns from the sign-in page
    aal2_required: bool = False  #: Kratos returns no session until the user gives the second factor

    @property
    def is_automatic(self) -> bool:
        """Whether no page is shown: the client is trusted, or the consent is remembered."""
        return self.request.is_trusted or self.is_remembered

    @property
    def is_remembered(self) -> bool:
        """Whether an earlier consent of the user covers the request. A default scope need not be covered."""
        consent = self.request.consent
        if not consent.skip or self.remembered_scope is None or self.request.remember == "never":
            return False
        requested = self.request.offer.scope if consent.requested_scope else ()
        return set(requested) <= set(self.remembered_scope)

    @property
    def replaces_automatic_grants(self) -> bool:
        """Whether Hydra skips the request because of automatic grants alone, which no longer count."""
        request = self.request
        return request.consent.skip and request.remember != "never" and self.has_all_consents


def decide_consent(context: ConsentContext) -> ConsentOutcome:
    """Decide on a consent request. The posted form only counts for the user of the request.

    For a device the user is always asked (RFC 8628, section 5.4). Otherwise a link with the code of an
    attacker's device would be sufficient.
    """
    request, form = context.request, context.form
    consent, authorization = request.consent, request.authorization
    is_denied = form is not None and not form.accepted
    if context.subject not in (None, consent.subject):
        return restart_with_login(consent.request_url, authorization)
    if context.is_automatic:  # also without a session: in a frame the browser may send no cookie
        if not context.is_active:
            return INACTIVE_ACCOUNT
        if is_denied:  # the page was open when the client became trusted
            return _DENIED
        return _build_automatic_grant(context)
    if consent.skip and authorization.is_silent:
        return _CONSENT_REQUIRED  # no page may be shown
    if context.subject is None:
        return require_once(RequireLogin(aal="aal2" if context.aal2_required else None), context.state)
    if not context.is_active:
        return INACTIVE_ACCOUNT
    if is_denied:
        return _DENIED
    if len(request.offer.scope) > MAX_CONSENT_SCOPES:
        return _TOO_MANY_SCOPES
    if form is None:
        # Hydra does not store the consent to a skipped request. A restart would require the login again.
        if context.replaces_automatic_grants and not authorization.needs_fresh_login:
            return RestartAtHydra(url=consent.request_url, revoke_consents=True)
        return ShowConsent()
    return _decide_on_form(context, form)


def _build_automatic_grant(context: ConsentContext) -> Grant:
    is_trusted = context.request.is_trusted
    scope, audience = context.request.offer.scope, context.request.offer.audience
    if not is_trusted:
        scope = tuple(name for name in scope if name in (context.remembered_scope or ()))
        audience = tuple(name for name in audience if name in context.stored_audience)
    return Grant(
        scope=scope,
        audience=audience,
        remember=True,  # Hydra ignores skip_consent with prompt=none, unless a consent is remembered
        automatic=is_trusted,
        reason="trusted_client" if is_trusted else "remembered",
    )


def _decide_on_form(context: ConsentContext, form: ConsentForm) -> Grant | ShowConsent:
    """Grant the selected scopes, unless the page would now show something else than the user has seen."""
    offer, remember = context.request.offer, context.request.remember
    is_other_page = form.fingerprint not in ("", context.fingerprint)
    if is_other_page or (offer.required - REQUIRED_SCOPES) - form.scope:
        return ShowConsent(has_changed=True)
    return Grant(
        scope=tuple(name for name in offer.scope if name in form.scope | offer.required),
        audience=offer.audience,
        remember=remember == "always" or (remember == "ask" and form.remember),
        remember_seconds=context.request.policy.remember_seconds,
        revoke_consents=context.replaces_automatic_grants,
    )


def build_offer(
    consent: ory.OAuth2ConsentRequest,
    *,
    client: ory.OAuth2Client,
    policy: ConsentPolicy,
    resources: Iterable[str] = (),
) -> ConsentOffer:
    """Build the most that a consent can grant.

    Hydra checks ``audience`` itself. It ignores ``resource`` (RFC 8707), which MCP clients send. A grant
    beyond the registration of the client would yield a token that cannot be refreshed.

    Args:
        consent: The request.
        client: The client as Hydra has it now.
        policy: The policy of the client.
        resources: Each ``resource`` in the URL of the request.
    """
    scope = limit_scope(
        consent.requested_scope, default=policy.default_scope, registered=(client.scope or "").split()
    )
    audience = [*consent.requested_access_token_audience, *consent.requested_resources, *resources]
    required = (REQUIRED_SCOPES | policy.required_scope) & set(scope)
    return ConsentOffer(
        scope=scope,
        audience=limit_audience(audience, registered=client.audience),
        required=frozenset(required),
    )


def build_grant(
    grant: Grant,
    *,
    claims: Mapping[str, Any],
    token_claims: Mapping[str, Any],
    context: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Build the body that accepts a consent. Hydra does not remember claims, so they are sent each time.

    Args:
        grant: The decision.
        claims: The claims of the ID token.
        token_claims: The claims of the access token.
        context: Values of the site for the stored consent. Hydra before 2.2 rejects a body with a context.
    """
    body: dict[str, Any] = {
        "grant_scope": list(grant.scope),
        "grant_access_token_audience": list(grant.audience),
        "remember": grant.remember,
        "remember_for": grant.remember_seconds,  # 0: until the consent is revoked
        "session": {"id_token": dict(claims), "access_token": dict(token_claims)},
    }
    known = {name: value for name, value in (context or {}).items() if name not in AUTOMATIC_GRANT}
    stored = {**known, **AUTOMATIC_GRANT} if grant.automatic else known
    return {**body, "context": stored} if stored else body


def remove_context(body: Mapping[str, Any], *, automatic: bool) -> dict[str, Any]:
    """Return the body that accepts a consent for a Hydra that knows no ``context``.

    Without it an automatic grant would look like a consent of the user, so it is not remembered.
    """
    known = {name: value for name, value in body.items() if name != "context"}
    return {**known, "remember": False} if automatic else known


def build_assurance_claims(consent: ory.OAuth2ConsentRequest) -> dict[str, Any]:
    """Level and time of the sign-in, by which an API can require a better or later one (RFC 9470)."""
    context = consent.context if isinstance(consent.context, dict) else {}
    claims = {"acr": consent.acr, "auth_time": context.get("auth_time")}
    return {name: value for name, value in claims.items() if value}
