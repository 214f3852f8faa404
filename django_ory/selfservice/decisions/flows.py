"""Decides about a request for the page of a flow, on plain values: no request, no response, no HTTP.

``decide_without_flow`` is for a request without a flow, ``decide_with_flow`` for a fetched flow or an error.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django_ory.client import (
    AAL2Required,
    BrowserLocationChangeRequired,
    CSRFViolation,
    OryAPIError,
    OryError,
    OryUnauthorized,
    SessionRefreshRequired,
)
from django_ory.client.identifiers import parse_uuid
from django_ory.client.models import LoginFlow
from django_ory.selfservice.flow_types import LOGIN, RECOVERY, REGISTRATION, SETTINGS

from .errors import is_disabled, is_outage
from .redirect_loop import EMPTY_GUARD, RedirectLoopGuard

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django_ory.http.redirects import TrustedOrigins
    from django_ory.selfservice.flow_types import AnyFlow, FlowType

__all__ = [
    "BrowserState",
    "ChooseSchema",
    "DenyAccess",
    "FlowDecision",
    "FlowRequest",
    "RedirectBack",
    "RedirectToLogin",
    "RedirectToOry",
    "RenderExplanation",
    "RenderFlow",
    "RenderUnavailable",
    "RestartFlow",
    "StartFlow",
    "decide_with_flow",
    "decide_without_flow",
    "is_for_anonymous",
]

logger = logging.getLogger("django_ory.selfservice")

#: Restarts within a minute, by reason. Blocked cookies stay blocked, so one restart is enough.
MAX_RESTARTS_BY_REASON = {"cookies": 1}
MAX_RESTARTS = 2

#: The type of flow that Kratos ties to a browser. A flow of type "api" can be created, filled in and read by
#: any client, so its texts and the values that a user enters are not protected.
BROWSER_FLOW = "browser"

#: More nodes than any form has. Rendering more would only keep a worker busy.
MAX_NODES = 500


@dataclass(frozen=True)
class FlowRequest:
    """The validated query of a request. ``return_to`` is absolute and allowed.

    ``is_restart``: the redirect of a restart leads here. ``url``: the URL of the request.
    """

    flow_id: str | None = None
    return_to: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    is_restart: bool = False
    url: str = ""


@dataclass(frozen=True)
class BrowserState:
    """The Kratos session of the browser. ``aal2_required``: Kratos requires the second factor first."""

    signed_in: bool = False
    aal: str | None = None
    aal2_required: bool = False


@dataclass(frozen=True)
class RenderFlow:
    """Render the flow. ``reason``: of the restart, or empty."""

    flow: AnyFlow
    reason: str = ""


@dataclass(frozen=True)
class StartFlow:
    """Redirect to Kratos for a new flow."""

    flow_type: FlowType
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """Identifies the redirect for the loop guard."""
        return f"start {self.flow_type.name} {sorted(self.parameters.items())}"


@dataclass(frozen=True)
class ChooseSchema:
    """Let the user choose the identity schema of a sign-up. ``parameters``: those of the sign-up."""

    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RestartFlow:
    """Restart the page, counted by the loop guard. The new page shows ``reason``.

    ``flow_id``: the new flow, if Kratos has created one.
    """

    reason: str
    return_to: str | None = None
    flow_id: str | None = None


@dataclass(frozen=True)
class RedirectToLogin:
    """Redirect to the sign-in page, and from there to ``return_to``. ``refresh``: also with a session."""

    return_to: str | None
    refresh: bool = False


@dataclass(frozen=True)
class RedirectBack:
    """The page has nothing to do: redirect to ``return_to``, not yet validated, or to the default page."""

    return_to: str | None

    @property
    def fingerprint(self) -> str:
        """Identifies the redirect for the loop guard."""
        return f"leave {self.return_to}"


@dataclass(frozen=True)
class DenyAccess:
    """The page at ``return_to`` keeps redirecting this user to the sign-in page: explain that."""


@dataclass(frozen=True)
class RedirectToOry:
    """Redirect to a validated URL of Kratos, Hydra or the site."""

    url: str


@dataclass(frozen=True)
class RenderExplanation:
    """Render the page for a reason: a key of ``EXPLANATIONS``. ``reference``: an id for support."""

    reason: str
    reference: str = ""


@dataclass(frozen=True)
class RenderUnavailable:
    """Kratos is unavailable, or its response is unusable."""

    error: OryError


FlowDecision = (
    RenderFlow
    | StartFlow
    | ChooseSchema
    | RestartFlow
    | RedirectToLogin
    | RedirectBack
    | DenyAccess
    | RedirectToOry
    | RenderExplanation
    | RenderUnavailable
)


def decide_without_flow(
    flow_type: FlowType,
    query: FlowRequest,
    browser: BrowserState,
    guard: RedirectLoopGuard = EMPTY_GUARD,
    *,
    schemas: Collection[str] = (),
) -> FlowDecision:
    """Decide about a request without a flow: start one, unless another page comes first or is requested.

    ``schemas``: the ids of the identity schemas that a sign-up offers; empty for Kratos' own choice.
    """
    if query.is_restart and not guard.restarts:  # the cookie was set with the redirect that leads here
        return RenderExplanation("cookies")
    parameters = dict(query.parameters)
    if flow_type is SETTINGS and not browser.signed_in:
        return _require_aal2(query, guard) if browser.aal2_required else RedirectToLogin(query.url)
    if flow_type is RECOVERY and browser.signed_in:
        return _start(SETTINGS, {}, query.return_to, guard)
    if flow_type in (LOGIN, REGISTRATION) and "login_challenge" not in parameters:
        if flow_type is LOGIN:
            parameters = _adapt_to_session(parameters, browser)
        if browser.signed_in and parameters.get("aal") != "aal2" and "refresh" not in parameters:
            return _redirect_back(query.return_to, guard)
    if flow_type is REGISTRATION and schemas and parameters.get("identity_schema") not in schemas:
        if len(schemas) > 1:
            kept = {name: value for name, value in parameters.items() if name != "identity_schema"}
            return ChooseSchema({**kept, "return_to": query.return_to} if query.return_to else kept)
        (parameters["identity_schema"],) = schemas
    return _start(flow_type, parameters, query.return_to, guard)


def decide_with_flow(
    flow_type: FlowType,
    query: FlowRequest,
    guard: RedirectLoopGuard,
    result: AnyFlow | OryError,
    origins: TrustedOrigins,
    *,
    signed_in: bool,
) -> FlowDecision:
    """Decide about a request with a flow. ``result``: the fetched flow, or the error of the call.

    ``signed_in``: whether the browser has a session. It only counts for a flow that ``is_for_anonymous``.
    """
    if isinstance(result, OryError):
        return _decide_with_error(query, guard, result, origins)
    if result.type != BROWSER_FLOW:
        logger.info("%s flow ignored: its type is %r, not browser.", flow_type.name, result.type)
        return _restart("other", guard, return_to=query.return_to)
    if signed_in and is_for_anonymous(flow_type, result):
        return _redirect_back(result.return_to or query.return_to, guard)
    if len(result.ui.nodes) > MAX_NODES:
        logger.error("%s flow not shown: it has more than %d nodes.", flow_type.name, MAX_NODES)
        return RenderExplanation("untrusted_response", result.id)
    if not origins.allows_form_action(result.ui.action) and result.ui.method.upper() != "GET":
        logger.error(
            "%s flow not shown: its form posts to another origin than KRATOS_BROWSER_URL. Compare this "
            "setting with serve.public.base_url of Kratos.",
            flow_type.name,
        )
        return RenderExplanation("untrusted_response", result.id)
    return RenderFlow(result, guard.reason)


def is_for_anonymous(flow_type: FlowType, result: AnyFlow | OryError) -> bool:
    """Whether a flow is for an anonymous user, not for a refresh or a higher AAL of a session."""
    if isinstance(result, LoginFlow):
        return not result.refresh and result.requested_aal != "aal2"
    return flow_type is REGISTRATION and not isinstance(result, OryError)


def _adapt_to_session(parameters: Mapping[str, str], browser: BrowserState) -> dict[str, str]:
    """Change ``aal`` and ``refresh`` so that Kratos shows a form.

    Kratos rejects ``aal2`` without a session, and redirects a session that lacks the second factor back to us
    without ``aal2``.
    """
    others = {name: value for name, value in parameters.items() if name not in ("aal", "refresh")}
    refresh = "refresh" in parameters
    if browser.aal2_required:  # a new first factor may be required before the second one
        return dict(parameters) if refresh else {**others, "aal": "aal2"}
    is_satisfied = parameters.get("aal") == "aal2" and browser.aal == "aal2" and not refresh
    return others if is_satisfied or not browser.signed_in else dict(parameters)


def _start(
    flow_type: FlowType, parameters: Mapping[str, str], return_to: str | None, guard: RedirectLoopGuard
) -> FlowDecision:
    """Start a flow, unless Kratos keeps redirecting this browser back without a form."""
    start = StartFlow(flow_type, {**parameters, "return_to": return_to} if return_to else parameters)
    return RenderExplanation("redirect_loop") if guard.is_looping(start.fingerprint) else start


def _require_aal2(query: FlowRequest, guard: RedirectLoopGuard) -> FlowDecision:
    return _start(LOGIN, {"aal": "aal2"}, query.url, guard)


def _redirect_back(return_to: str | None, guard: RedirectLoopGuard) -> FlowDecision:
    """Redirect back, unless that page keeps redirecting this browser to the sign-in page."""
    back = RedirectBack(return_to)
    return DenyAccess() if return_to and guard.is_looping(back.fingerprint) else back


def _restart(
    reason: str, guard: RedirectLoopGuard, *, return_to: str | None, flow_id: str | None = None
) -> FlowDecision:
    if guard.restarts >= MAX_RESTARTS_BY_REASON.get(reason, MAX_RESTARTS):
        return RenderExplanation("cookies" if reason == "cookies" else "too_many_restarts")
    return RestartFlow(reason, return_to, flow_id)


def _decide_with_error(
    query: FlowRequest, guard: RedirectLoopGuard, error: OryError, origins: TrustedOrigins
) -> FlowDecision:
    """Decide by status as well as by id: some errors of Kratos have no id."""
    match error:
        case _ if is_outage(error):
            return RenderUnavailable(error)
        case CSRFViolation():
            return _restart("cookies", guard, return_to=query.return_to)
        case AAL2Required():
            return _require_aal2(query, guard)
        case SessionRefreshRequired():
            return RedirectToLogin(query.url, refresh=True)
        case BrowserLocationChangeRequired():
            url = error.redirect_browser_to
            if origins.allows_redirect(url):
                return RedirectToOry(url)
            return RenderExplanation("untrusted_response", error.request_id)
        case OryAPIError(id="session_already_available" | "session_aal_already_fulfilled"):
            return _redirect_back(query.return_to, guard)
        case OryUnauthorized(id="session_aal1_required"):
            return _start(LOGIN, {}, query.return_to, guard)
        case OryUnauthorized():
            return RedirectToLogin(query.url)
        case OryAPIError(id="self_service_flow_return_to_forbidden"):
            logger.warning(
                "Kratos rejected a return_to of this site. Check selfservice.allowed_return_urls of Kratos."
            )
            return _restart("return_to", guard, return_to=None)
        case OryAPIError() if is_disabled(error.id, error.reason):
            return RenderExplanation("disabled")
        case OryAPIError(status=410):
            return_to = getattr(error, "return_to", "") or query.return_to
            new_id = getattr(error, "use_flow_id", "")
            flow_id = new_id if parse_uuid(new_id) else None  # no other id is sent to Kratos
            return _restart("expired", guard, return_to=return_to, flow_id=flow_id)
        case OryAPIError(status=404):
            return _restart("expired", guard, return_to=query.return_to)
        case _:  # security_identity_mismatch, and errors of later versions
            return _restart("other", guard, return_to=query.return_to)
