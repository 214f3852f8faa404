"""What to do with Hydra's login, consent and logout requests. Plain values in, a decision out, no calls.

What must not go wrong: a session that is at hand is not always good enough (prompt, max_age), a grant is
never more than was requested, and the person in front of the page is the one that the request is about.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from .assurance import amr, wanted_aal
from .authorization import Authorization, read_authorization, with_prompt_login
from .consents import AUTOMATIC
from .decisions import Accept, Ask, AskAgain, Grant, Redirect, Reject, RestartConsent, SignIn
from .freshness import SignedIn, missing_step
from .scopes import REQUIRED

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from django_ory.client.models import (
        OAuth2ConsentRequest,
        OAuth2LoginRequest,
        OAuth2LogoutRequest,
    )

    from .trail import Trail

__all__ = ["Answer", "decide_consent", "decide_login", "decide_logout", "grant_body"]

#: Seconds that Hydra remembers a sign-in whose session does not say when it ends. Never 0: its meaning has
#: changed from "until the browser closes" to 30 days.
DEFAULT_REMEMBER_FOR = 3600


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was posted from the consent page."""

    accepted: bool
    scope: frozenset[str] = frozenset()
    remember: bool = False


def decide_login(
    login: OAuth2LoginRequest,
    *,
    session: SignedIn | None,
    active: bool,
    now: datetime,
    trail: Trail | None = None,
    acrs: Mapping[str, str] | None = None,
    second_factor: bool = True,
    owes_second_factor: bool = False,
    ended: bool = False,
) -> Accept | Reject | Redirect | SignIn | AskAgain:
    """Sign in with the session at hand, ask for a better one, or refuse.

    ``active``: the account in question may sign in. ``trail``: set when the browser comes back from our
    sign-in page. ``acrs``: level (aal1, aal2) -> acr value. ``second_factor``: the person has one to give.
    ``owes_second_factor``: there is no session because Kratos demands the second factor first.
    ``ended``: there is no session for sure: the browser brought what used to be one, or would have brought
    it, since the page is not in a frame.
    """
    asked = read_authorization(login)
    acrs = acrs or {"aal1": "aal1", "aal2": "aal2"}
    if asked.unknown_prompts:
        return Reject(
            error="invalid_request", description=f"Unsupported prompt: {' '.join(asked.unknown_prompts)}."
        )
    if not active and (login.skip or session is not None):
        return _INACTIVE
    objection: Reject | Redirect | SignIn | AskAgain | None
    if login.skip:
        objection = _check_remembered(
            login, asked, session=session, now=now, trail=trail, second_factor=second_factor, ended=ended
        )
    else:
        objection = _check_session(
            login,
            asked,
            session=session,
            now=now,
            trail=trail,
            second_factor=second_factor,
            owes_second_factor=owes_second_factor,
        )
    if objection is not None:
        return objection
    if session is None:
        return Accept(body={"subject": login.subject, "remember": True})
    aal = wanted_aal(asked.acr_values, aal=session.aal, acrs={acr: level for level, acr in acrs.items()})
    stepped_up = trail is not None and trail.stepped_up  # voluntary, so it is asked for once
    if aal and second_factor and not stepped_up and "none" not in asked.prompt:
        return SignIn(aal=aal)
    return Accept(body=_accept_login(login, session, acrs=acrs, now=now))


def _check_remembered(
    login: OAuth2LoginRequest,
    asked: Authorization,
    *,
    session: SignedIn | None,
    now: datetime,
    trail: Trail | None,
    second_factor: bool,
    ended: bool,
) -> Reject | Redirect | SignIn | AskAgain | None:
    """Why Hydra's memory of a sign-in is not enough. It outlives the session, and who was there.

    A silent request (prompt=none) does without one: in a frame the browser may not send the cookie. Hydra
    counts max_age from its own acceptance, which may be younger than the sign-in.
    """
    if session is None:
        return None if "none" in asked.prompt and not ended else _begin_again(login.request_url, asked)
    if session.subject != login.subject:
        return _begin_again(login.request_url, asked)
    step = missing_step(asked, session, now=now - _SLACK, trail=trail, second_factor=second_factor)
    if step is None:
        return None
    return step if asked.sealed and "none" not in asked.prompt else _begin_again(login.request_url, asked)


def _begin_again(request_url: str, asked: Authorization) -> Reject | Redirect:
    """The request once more, with a sign-in, unless no page may be shown.

    In a sealed one prompt=login would change nothing, and Hydra would send the browser back for ever.
    """
    if "none" in asked.prompt:
        return _LOGIN_REQUIRED
    return Redirect(url=with_prompt_login(request_url), forget=asked.sealed)


def _check_session(
    login: OAuth2LoginRequest,
    asked: Authorization,
    *,
    session: SignedIn | None,
    now: datetime,
    trail: Trail | None,
    second_factor: bool,
    owes_second_factor: bool,
) -> Reject | SignIn | AskAgain | None:
    """Why the session at hand is not enough, or what to do without. Once, then on a page: never a loop."""
    if session is None:
        if "none" in asked.prompt:
            return _LOGIN_REQUIRED
        if owes_second_factor and trail is None and asked.needs_fresh_sign_in:
            return SignIn(refresh=True)  # the first factor is older than the request
        page: Literal["login", "registration"] = "registration" if "registration" in asked.prompt else "login"
        return _sign_in(page, trail=trail, owes_second_factor=owes_second_factor)
    pairwise = login.client.subject_type == "pairwise"  # then the hint is no subject of ours
    if asked.hinted_subject and asked.hinted_subject != session.subject and not pairwise:
        return Reject(error="login_required", description="Another user than expected is signed in.")
    return missing_step(asked, session, now=now, trail=trail, second_factor=second_factor)


def _sign_in(
    page: Literal["login", "registration"] = "login", *, trail: Trail | None, owes_second_factor: bool
) -> SignIn | AskAgain:
    """Each step is asked for once: the first factor, then the second one if Kratos demands it."""
    if owes_second_factor:
        step = SignIn(aal="aal2")
        return AskAgain(sign_in=step) if trail and trail.stepped_up else step
    return AskAgain(sign_in=SignIn(page=page)) if trail else SignIn(page=page)


def _accept_login(
    login: OAuth2LoginRequest, session: SignedIn, *, acrs: Mapping[str, str], now: datetime
) -> dict[str, Any]:
    """What Hydra does not keep from login to login, so it is said each time. Unset keys are not sent."""
    body = {
        "subject": session.subject,
        "remember": True,  # else logout would neither ask nor tell the other sites
        "remember_for": None if login.skip else _remember_for(session, now),
        "acr": acrs.get(session.aal, session.aal),
        "amr": amr(session.methods, aal=session.aal),
        "identity_provider_session_id": session.session_id,
    }
    return {key: value for key, value in body.items() if value}


def _remember_for(session: SignedIn, now: datetime) -> int:
    if session.expires_at is None:
        return DEFAULT_REMEMBER_FOR
    return max(1, int((session.expires_at - now).total_seconds()))


def decide_consent(
    consent: OAuth2ConsentRequest,
    *,
    signed_in: str | None,
    active: bool = True,
    trusted: bool = False,
    has_consent: bool = False,
    stored_audience: Collection[str] = (),
    answer: Answer | None = None,
    trail: Trail | None = None,
    owes_second_factor: bool = False,
) -> Grant | Reject | Redirect | RestartConsent | SignIn | AskAgain | Ask:
    """Grant, refuse or ask. ``consent`` is Hydra's current response, never the posted form.

    Args:
        consent: The consent request.
        signed_in: The subject of the browser's session.
        active: Whether the account may sign in.
        trusted: The client, read again, needs no consent.
        has_consent: The user has consented to these scopes before. Hydra's ``skip`` alone is not enough: it
            is also set for consents that were granted automatically.
        stored_audience: The audience of earlier consents. Hydra's ``skip`` does not compare it.
        answer: The posted form.
        trail: Set when the browser returns from the sign-in page.
        owes_second_factor: Kratos requires the second factor before it returns a session.
    """
    scope = tuple(dict.fromkeys(consent.requested_scope))
    audience = tuple(dict.fromkeys(consent.requested_access_token_audience))
    refused = answer is not None and not answer.accepted
    if trusted or (consent.skip and has_consent):
        if not active:
            return _INACTIVE
        if refused:  # the page was open when the client became a trusted one
            return _REFUSED
        if not trusted:
            audience = tuple(name for name in audience if name in stored_audience)
        # Hydra ignores skip_consent with prompt=none, unless a consent is remembered.
        return Grant(scope=scope, audience=audience, remember=True, asked=not trusted)
    asked = read_authorization(consent)
    if consent.skip and "none" in asked.prompt:
        return _CONSENT_REQUIRED  # no page may be shown
    if signed_in is None:
        return _sign_in(trail=trail, owes_second_factor=owes_second_factor)
    if signed_in != consent.subject:
        return _begin_again(consent.request_url, asked)
    if not active:
        return _INACTIVE
    if answer is None:
        can_restart = consent.skip and not asked.needs_fresh_sign_in  # a restart would ask for it again
        return RestartConsent(url=consent.request_url) if can_restart else Ask()
    if refused:
        return _REFUSED
    granted = tuple(name for name in scope if name in answer.scope or name in REQUIRED)
    return Grant(scope=granted, audience=audience, remember=answer.remember, revoke=consent.skip)


def grant_body(grant: Grant, *, claims: Mapping[str, Any]) -> dict[str, Any]:
    """The body that accepts a consent. Claims are sent each time: Hydra does not remember them."""
    body: dict[str, Any] = {
        "grant_scope": list(grant.scope),
        "grant_access_token_audience": list(grant.audience),
        "remember": grant.remember,
        "remember_for": 0,  # seconds; 0 is until it is revoked
        "session": {"id_token": dict(claims), "access_token": {}},
    }
    return body if grant.asked else {**body, "context": AUTOMATIC}


def decide_logout(
    logout: OAuth2LogoutRequest,
    *,
    skip_logout_consent: bool,
    accepted: bool | None,
    owes_second_factor: bool = False,
) -> Accept | Reject | Ask:
    """End the session or ask. ``accepted`` is None before the user has answered.

    Only a logout that the client started, with the user's ID token as proof, is accepted without asking.
    ``owes_second_factor``: the browser has a session whose owner Kratos does not return. The user is asked,
    because the ID token may be from another person.
    """
    if accepted is None:
        skips = logout.rp_initiated and skip_logout_consent and not owes_second_factor
        return Accept(body={}) if skips else Ask()
    return (
        Accept(body={})
        if accepted
        else Reject(error="access_denied", description="The user stays signed in.")
    )


_SLACK = timedelta(seconds=5)  # Hydra cuts auth_time to whole seconds, and clocks differ
_LOGIN_REQUIRED = Reject(error="login_required", description="The user must sign in again.")
_CONSENT_REQUIRED = Reject(error="consent_required", description="The user must be asked for consent.")
_REFUSED = Reject(error="access_denied", description="The user refused the access.")
_INACTIVE = Reject(error="access_denied", description="The account is not active.", revoke=True)
