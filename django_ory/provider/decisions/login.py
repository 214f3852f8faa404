"""The decision on Hydra's login request: accept the session, require a login, restart or reject.

A session is not always sufficient: the client can require a fresh login, another level, or a certain user.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django_ory.client import models as ory
from django_ory.provider.openid.assurance import (
    AMR_REFERENCES,
    BrowserSession,
    build_amr,
    get_step_up,
    is_acr_met,
    required_reauthentication,
)
from django_ory.provider.openid.authorization import AuthorizationRequest, translate_prompts
from django_ory.provider.state import LoginState

from .outcomes import (
    INACTIVE_ACCOUNT,
    INTERACTION_REQUIRED,
    LOGIN_REQUIRED,
    UNMET_ACR,
    Accept,
    Reject,
    RequireLogin,
    RestartAtHydra,
    ShowLoginRequired,
    require_once,
    restart_with_login,
)

LoginOutcome = Accept | Reject | RestartAtHydra | RequireLogin | ShowLoginRequired

#: How long Hydra remembers the login of a session without an expiry. Never 0: Hydra changed its meaning from
#: "until the browser closes" to 30 days.
DEFAULT_REMEMBER_SECONDS = 3600
CLOCK_TOLERANCE = timedelta(seconds=5)  # Hydra truncates auth_time to seconds, and clocks differ


@dataclass(frozen=True, kw_only=True)
class LoginContext:
    """The input of a login decision."""

    login: ory.OAuth2LoginRequest
    authorization: AuthorizationRequest  #: the request of the client
    session: BrowserSession | None = None
    now: datetime
    is_active: bool = True  #: the account of the request or of the session may sign in
    state: LoginState | None = None  #: set when the browser returns from the sign-in page
    acr_values: Mapping[str, str] = field(default_factory=lambda: {"aal1": "aal1", "aal2": "aal2"})
    amr_references: Mapping[str, str] = field(default_factory=lambda: AMR_REFERENCES)
    is_acr_essential: bool = False  #: for this client, ``acr_values`` are required (Core 5.5.1.1)
    remember_seconds: int | None = None  #: for this client; None for the rest of the session
    has_second_factor: bool = True
    aal2_required: bool = False  #: Kratos returns no session until the user gives the second factor
    #: The credential of the browser is invalid, or a request that is not from a frame has none.
    session_ended: bool = False


def decide_login(context: LoginContext) -> LoginOutcome:
    """Decide on a login request."""
    login, session = context.login, context.session
    if rejection := _check_request(context):
        return rejection
    outcome = _check_remembered_login(context) if login.skip else _check_session(context)
    outcome = outcome or _check_level(context)
    if outcome is not None:
        return outcome
    if session is None:
        return Accept(body={"subject": login.subject, "remember": True})
    return Accept(body=_build_acceptance(context, session))


def decide_native_login(context: LoginContext) -> Reject | RestartAtHydra | RequireLogin:
    """Decide on a login request that Kratos accepts itself: reject, or let Kratos sign the user in.

    Kratos has no answer for a silent request without a session: it would show its sign-in page.
    """
    login, authorization = context.login, context.authorization
    if rejection := _check_request(context):
        return rejection
    has_session = context.session is not None and context.session.subject == login.subject
    if authorization.is_silent and not has_session:
        return LOGIN_REQUIRED
    return RequireLogin(page="registration" if "registration" in authorization.prompt else "login")


def _check_request(context: LoginContext) -> Reject | RestartAtHydra | None:
    """Return the outcome for a request that no session can satisfy."""
    authorization = context.authorization
    if authorization.unknown_prompts:  # Hydra itself would reject them after the login
        description = f"Unsupported prompt: {' '.join(authorization.unknown_prompts)}."
        return Reject(error="invalid_request", description=description)
    if not context.is_active:
        return INACTIVE_ACCOUNT
    if authorization.needs_translation:
        return RestartAtHydra(url=translate_prompts(context.login.request_url))
    return None


def _check_level(context: LoginContext) -> RequireLogin | Reject | None:
    """Return the outcome if the client requests another level than that of the session."""
    session, authorization = context.session, context.authorization
    requested, table = authorization.acr_values, context.acr_values
    level = session.aal if session is not None else ""
    aal = get_step_up(requested, aal=level, acr_values=table)
    was_sent = context.state is not None and context.state.stepped_up
    can_step_up = aal is not None and context.has_second_factor and not was_sent
    if can_step_up and session is not None and not authorization.is_silent:
        return RequireLogin(aal=aal)
    is_essential = authorization.is_acr_essential or (context.is_acr_essential and bool(requested))
    if not is_essential or is_acr_met(requested, aal=level, acr_values=table):
        return None
    return INTERACTION_REQUIRED if authorization.is_silent else UNMET_ACR


def _check_remembered_login(context: LoginContext) -> LoginOutcome | None:
    """Return the outcome if the login that Hydra remembers, even after the session, is not sufficient.

    A silent request needs no session: in a frame the browser may not send the cookie.
    """
    session, authorization = context.session, context.authorization
    if session is None and authorization.is_silent and not context.session_ended:
        return None
    restart = restart_with_login(context.login.request_url, authorization)
    if session is None or session.subject != context.login.subject:
        return restart
    # Hydra counts max_age from its own acceptance, which may be later than the login.
    step = _find_reauthentication(context, session, now=context.now - CLOCK_TOLERANCE)
    return restart if step and (authorization.is_silent or not authorization.prompt_is_fixed) else step


def _check_session(context: LoginContext) -> LoginOutcome | None:
    """Return the outcome if the session of the browser is not sufficient."""
    session, authorization, state = context.session, context.authorization, context.state
    if session is None:
        if authorization.is_silent:
            return LOGIN_REQUIRED
        if context.aal2_required:
            # The first factor of such a session is older than the request.
            is_stale = state is None and authorization.needs_fresh_login
            return RequireLogin(refresh=True) if is_stale else require_once(RequireLogin(aal="aal2"), state)
        wants_account = "registration" in authorization.prompt
        return require_once(RequireLogin(page="registration" if wants_account else "login"), state)
    is_pairwise = context.login.client.subject_type == "pairwise"  # the hint is a pseudonym then
    if authorization.hinted_subject not in ("", session.subject) and not is_pairwise:
        return Reject(error="login_required", description="Another user than expected is signed in.")
    return _find_reauthentication(context, session, now=context.now)


def _find_reauthentication(
    context: LoginContext, session: BrowserSession, *, now: datetime
) -> RequireLogin | ShowLoginRequired | None:
    factor = required_reauthentication(
        context.authorization, session, now=now, seen_at=context.state.seen_at if context.state else None
    )
    if factor == "aal1":
        return require_once(RequireLogin(refresh=True), context.state)
    if factor == "aal2" and context.has_second_factor:
        return require_once(RequireLogin(refresh=True, aal="aal2"), context.state)
    return None


def _build_acceptance(context: LoginContext, session: BrowserSession) -> dict[str, Any]:
    """Build the body that accepts a login. Hydra does not keep these values for the next login."""
    expires_at = session.expires_at
    remaining = (expires_at - context.now).total_seconds() if expires_at else DEFAULT_REMEMBER_SECONDS
    signed_in_at = session.authenticated_at
    if context.remember_seconds is not None:
        remaining = min(remaining, context.remember_seconds)
    body = {
        "subject": session.subject,
        "context": {"auth_time": int(signed_in_at.timestamp())} if signed_in_at else None,  # for the consent
        "remember": True,  # otherwise a logout neither asks nor notifies the other clients
        "remember_for": None if context.login.skip else max(1, int(remaining)),
        "acr": context.acr_values.get(session.aal, session.aal),
        "amr": build_amr(session.methods, aal=session.aal, amr_references=context.amr_references),
        "identity_provider_session_id": session.session_id,
    }
    return {key: value for key, value in body.items() if value}
