"""The decision on Hydra's consent request: grant, ask, restart or reject.

Hydra remembers the consents of users and the automatic grants of clients with ``skip_consent`` alike. The
``context`` of an automatic grant states that the user was not asked. Such a grant no longer counts when the
client loses ``skip_consent``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django_ory.client import models as ory
from django_ory.provider.openid.authorization import parse_authorization_request
from django_ory.provider.openid.scopes import REQUIRED_SCOPES
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

ConsentOutcome = Grant | Reject | RestartAtHydra | RequireLogin | ShowLoginRequired | ShowConsent

#: The ``context`` of a grant for which the user was not asked. Consents of users have none.
AUTOMATIC_GRANT = {"asked": False}

_DENIED = Reject(error="access_denied", description="The user refused the access.", reason="user")
_CONSENT_REQUIRED = Reject(error="consent_required", description="The user must be asked for consent.")
_UNKNOWN_TIME = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class ConsentForm:
    """The posted form of the consent page."""

    accepted: bool
    scope: frozenset[str] = frozenset()
    remember: bool = False


@dataclass(frozen=True, kw_only=True)
class ConsentContext:
    """The input of a consent decision."""

    consent: ory.OAuth2ConsentRequest
    subject: str | None  #: of the browser's session
    is_active: bool = True  #: the account may sign in
    is_trusted: bool = False  #: the client, read again, needs no consent
    #: The user has consented to these scopes. Hydra's ``skip`` is also set after automatic grants.
    has_consent: bool = False
    stored_audience: Collection[str] = ()  #: of earlier consents, which Hydra's ``skip`` ignores
    form: ConsentForm | None = None
    state: LoginState | None = None  #: set when the browser returns from the sign-in page
    aal2_required: bool = False  #: Kratos returns no session until the user gives the second factor


def decide_consent(context: ConsentContext) -> ConsentOutcome:
    """Decide on a consent request. The posted form only counts for the user of the request.

    For a device the user is always asked (RFC 8628, section 5.4). Otherwise a link with the code of an
    attacker's device would be sufficient.
    """
    consent, form = context.consent, context.form
    scope = tuple(dict.fromkeys(consent.requested_scope))
    audience = get_requested_audience(consent)
    is_denied = form is not None and not form.accepted
    authorization = parse_authorization_request(consent)
    needs_answer = authorization.is_device
    if not needs_answer and (context.is_trusted or (consent.skip and context.has_consent)):
        if not context.is_active:
            return INACTIVE_ACCOUNT
        if is_denied:  # the page was open when the client became trusted
            return _DENIED
        if not context.is_trusted:
            audience = tuple(name for name in audience if name in context.stored_audience)
        # Hydra ignores skip_consent with prompt=none, unless a consent is remembered.
        reason = "trusted_client" if context.is_trusted else "remembered"
        return Grant(
            scope=scope, audience=audience, remember=True, automatic=context.is_trusted, reason=reason
        )
    if consent.skip and authorization.is_silent:
        return _CONSENT_REQUIRED  # no page may be shown
    if context.subject is None:
        return require_once(RequireLogin(aal="aal2" if context.aal2_required else None), context.state)
    if context.subject != consent.subject:
        return restart_with_login(consent.request_url, authorization)
    if not context.is_active:
        return INACTIVE_ACCOUNT
    if form is None:
        if consent.skip and not (
            needs_answer or authorization.needs_fresh_login
        ):  # a restart would require the login again
            return RestartAtHydra(url=consent.request_url, revoke_consents=True)
        return ShowConsent()
    if is_denied:
        return _DENIED
    granted = tuple(name for name in scope if name in form.scope or name in REQUIRED_SCOPES)
    return Grant(
        scope=granted,
        audience=audience,
        remember=form.remember,
        revoke_consents=consent.skip and not needs_answer,
    )


def get_requested_audience(consent: ory.OAuth2ConsentRequest) -> tuple[str, ...]:
    """Return the requested audience: ``audience``, and the registered ones of ``resource`` (RFC 8707).

    Hydra checks ``audience`` itself. It ignores ``resource``, which MCP clients send, and would not refresh a
    token for an audience that the client has not registered.
    """
    resources = parse_authorization_request(consent).resources
    registered = [each for each in resources if each in consent.client.audience]
    return tuple(dict.fromkeys([*consent.requested_access_token_audience, *registered]))


def build_grant(
    grant: Grant, *, claims: Mapping[str, Any], token_claims: Mapping[str, Any]
) -> dict[str, Any]:
    """Build the body that accepts a consent. Hydra does not remember claims, so they are sent each time.

    ``claims`` are those of the ID token, ``token_claims`` those of the access token.
    """
    body: dict[str, Any] = {
        "grant_scope": list(grant.scope),
        "grant_access_token_audience": list(grant.audience),
        "remember": grant.remember,
        "remember_for": 0,  # until the consent is revoked
        "session": {"id_token": dict(claims), "access_token": dict(token_claims)},
    }
    return {**body, "context": AUTOMATIC_GRANT} if grant.automatic else body


def build_assurance_claims(consent: ory.OAuth2ConsentRequest) -> dict[str, Any]:
    """Level and time of the sign-in, by which an API can require a better or later one (RFC 9470)."""
    context = consent.context if isinstance(consent.context, dict) else {}
    claims = {"acr": consent.acr, "auth_time": context.get("auth_time")}
    return {name: value for name, value in claims.items() if value}


def is_covered(
    scope: Iterable[str], stored: Iterable[ory.OAuth2ConsentSession], *, client_id: str | None
) -> bool:
    """Return whether the user's latest remembered consent for the client includes all of ``scope``.

    Only the latest counts, as in Hydra: the user may have granted less than before.
    """
    remembered = [each for each in _given_by_user(stored, client_id=client_id) if each.remember is not False]
    latest = max(remembered, key=lambda each: each.handled_at or _UNKNOWN_TIME, default=None)
    return latest is not None and set(scope) <= set(latest.grant_scope)


def get_stored_audience(
    stored: Iterable[ory.OAuth2ConsentSession], *, client_id: str | None
) -> frozenset[str]:
    """Return every audience for which the user consented to the client."""
    given = _given_by_user(stored, client_id=client_id)
    return frozenset(name for each in given for name in each.grant_access_token_audience)


def _given_by_user(
    stored: Iterable[ory.OAuth2ConsentSession], *, client_id: str | None
) -> list[ory.OAuth2ConsentSession]:
    return [
        each
        for each in stored
        if each.consent_request is not None
        and each.consent_request.client.client_id == client_id
        and not (isinstance(each.context, dict) and each.context.get("asked") is False)
    ]
