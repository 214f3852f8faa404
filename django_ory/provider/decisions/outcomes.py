"""The outcomes of decisions. A view turns each of them into a response."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from django_ory.provider.openid.authorization import AuthorizationRequest, add_prompt_login
from django_ory.provider.state import LoginState


@dataclass(frozen=True, kw_only=True)
class Accept:
    """Accept the request at Hydra with this JSON body."""

    body: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Reject:
    """Reject the request at Hydra with an OAuth2 error code.

    ``revoke``: also end the sessions, consents and tokens of the subject at Hydra.
    ``reason``: the code for the audit log, if it is more specific than the error.
    """

    error: str
    description: str
    revoke: bool = False
    reason: str = field(default="", compare=False)

    @property
    def body(self) -> dict[str, str]:
        """The JSON body of the rejection. Hydra passes both members to the client."""
        return {"error": self.error, "error_description": self.description}


@dataclass(frozen=True, kw_only=True)
class RequireLogin:
    """Redirect to the sign-in or registration page, which returns to the same challenge."""

    page: Literal["login", "registration"] = "login"
    refresh: bool = False
    aal: Literal["aal2"] | None = None


@dataclass(frozen=True, kw_only=True)
class ShowLoginRequired:
    """Show a page with a link to a step that the browser returned without, instead of redirecting again."""

    step: RequireLogin


@dataclass(frozen=True, kw_only=True)
class RestartAtHydra:
    """Redirect to Hydra, which restarts the request.

    ``end_session``: first delete the login session that Hydra remembers.
    ``revoke_consents``: first revoke the consents for the client. Hydra does not store the consent to a
    skipped request, so without a restart the user would be asked each time.
    """

    url: str
    end_session: bool = False
    revoke_consents: bool = False


@dataclass(frozen=True, kw_only=True)
class ShowConsent:
    """Show the consent page. ``has_changed``: after a form whose page had other content than it has now."""

    has_changed: bool = False


@dataclass(frozen=True, kw_only=True)
class ShowLogout:
    """Show the page that asks whether to sign out."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Accept a consent request. Scope and audience never exceed the request and the client's registration.

    ``remember_seconds``: how long Hydra remembers the consent, 0 until it is revoked.
    ``automatic``: the user was not asked, because the client needs no consent.
    ``revoke_consents``: first revoke the automatic grants of the client.
    """

    scope: tuple[str, ...]
    audience: tuple[str, ...]
    remember: bool
    remember_seconds: int = 0
    automatic: bool = False
    revoke_consents: bool = False
    reason: str = field(default="user", compare=False)  #: for the audit log: who or what decided


LOGIN_REQUIRED = Reject(error="login_required", description="The user must sign in again.")
INACTIVE_ACCOUNT = Reject(
    error="access_denied", description="The account is not active.", revoke=True, reason="account_inactive"
)

INTERACTION_REQUIRED = Reject(
    error="interaction_required", description="The requested level needs another sign-in."
)
UNMET_ACR = Reject(
    error="unmet_authentication_requirements", description="The requested level cannot be reached."
)


def require_once(step: RequireLogin, state: LoginState | None) -> RequireLogin | ShowLoginRequired:
    """Return the step, or a page if the browser was sent there before: redirects must not loop."""
    was_sent = state is not None and (state.stepped_up or step.aal is None)
    return ShowLoginRequired(step=step) if was_sent else step


def restart_with_login(request_url: str, authorization: AuthorizationRequest) -> Reject | RestartAtHydra:
    """Restart the request with a login; reject a silent one, for which no page may be shown.

    If the prompt is fixed, a changed URL has no effect. Then Hydra's session must end, or redirects loop.
    """
    if authorization.is_silent:
        return LOGIN_REQUIRED
    return RestartAtHydra(url=add_prompt_login(request_url), end_session=authorization.prompt_is_fixed)
