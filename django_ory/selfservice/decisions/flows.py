"""Decides what to do with a request to a flow page, on plain values: no request, no response, no HTTP.

``decide_without_flow`` is for a request without a flow, ``decide_with_flow`` for a fetched flow or an error.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django_ory.client import (
    AAL2Required,
    BrowserLocationChangeRequired,
    CSRFViolation,
    OryAPIError,
    OryError,
    OryUnauthorized,
    SessionRefreshRequired,
)
from django_ory.selfservice.flow_types import LOGIN, RECOVERY, REGISTRATION, SETTINGS, FlowType

from .errors import is_disabled, is_outage
from .redirect_loop import EMPTY_GUARD, RedirectLoopGuard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.http.redirects import TrustedOrigins

__all__ = [
    "BrowserState",
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
    "parse_flow_id",
]

logger = logging.getLogger("django_ory.selfservice")

#: How often a page may start over within a minute. Refused cookies do not get better by trying, so once is
#: enough.
RESTARTS = {"cookies": 1}
RESTARTS_OTHERWISE = 2

#: The type of flow that Kratos ties to a browser. A flow of type "api" can be created, filled in and read by
#: any client, so its texts and the values that a user types into it are not protected.
BROWSER = "browser"

#: More nodes than any form has; rendering them would only keep a worker busy.
MAX_NODES = 500


@dataclass(frozen=True)
class FlowRequest:
    """What the address says, cleaned: ``flow`` is a UUID, ``return_to`` absolute and allowed."""

    flow: str | None = None
    return_to: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    again: bool = False
    page: str = ""


@dataclass(frozen=True)
class BrowserState:
    """Session state of the browser. ``aal2_required``: Kratos requires a second factor. ``barred``: signed
    out here, and Kratos may not have heard of it.
    """

    signed_in: bool = False
    aal: str | None = None
    aal2_required: bool = False
    unavailable: bool = False
    barred: bool = False


@dataclass(frozen=True)
class RenderFlow:
    """Render the flow. ``reason``: why the visitor sees a new one, empty if it is the one asked for."""

    flow: Any
    reason: str = ""


@dataclass(frozen=True)
class StartFlow:
    """Send the browser to Kratos for a new flow."""

    kind: FlowType
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """For the guard."""
        return f"start {self.kind.name} {sorted(self.parameters.items())}"


@dataclass(frozen=True)
class RestartFlow:
    """Start over, guarded. ``flow``: go on with this one. ``reason`` is shown on the new page."""

    reason: str
    return_to: str | None = None
    flow: str | None = None


@dataclass(frozen=True)
class RedirectToLogin:
    """Sign in first, then come back to ``return_to``."""

    return_to: str | None
    refresh: bool = False


@dataclass(frozen=True)
class RedirectBack:
    """Nothing to do here: on to ``return_to``, which must still be checked, else home."""

    return_to: str | None

    @property
    def fingerprint(self) -> str:
        """For the guard."""
        return f"leave {self.return_to}"


@dataclass(frozen=True)
class RedirectToOry:
    """Send the browser to this address of Kratos, Hydra or the site."""

    url: str


@dataclass(frozen=True)
class RenderExplanation:
    """A page that says why not. ``reason`` is a key of ``EXPLANATIONS``; ``reference`` is for support."""

    reason: str
    reference: str = ""


@dataclass(frozen=True)
class RenderUnavailable:
    """Kratos does not answer, or not with sense. No ``error``: it was reported already."""

    error: OryError | None = None


FlowDecision = (
    RenderFlow
    | StartFlow
    | RestartFlow
    | RedirectToLogin
    | RedirectBack
    | RedirectToOry
    | RenderExplanation
    | RenderUnavailable
)


def parse_flow_id(value: str | None) -> str | None:
    """The id if it is a UUID in its usual form, else None: nothing else reaches Kratos."""
    try:
        return value if value and str(UUID(value)) == value.lower() else None
    except ValueError:
        return None


def decide_without_flow(
    kind: FlowType, asked: FlowRequest, visitor: BrowserState, guard: RedirectLoopGuard = EMPTY_GUARD
) -> FlowDecision:
    """A visit without a flow: start one, unless something else comes first or there is nothing to do."""
    if visitor.unavailable:
        return RenderUnavailable()
    if asked.again and not guard.restarts:
        # The guard's cookie was set with the redirect that leads here, and has not come back.
        return RenderExplanation("cookies")
    parameters = {name: value for name, value in asked.parameters.items() if name in kind.parameters}
    if kind is SETTINGS and not visitor.signed_in:
        return _step_up(asked, guard) if visitor.aal2_required else RedirectToLogin(asked.page)
    if kind is RECOVERY and visitor.signed_in:
        return _start(SETTINGS, _with_return_to({}, asked.return_to), guard)
    if kind in (LOGIN, REGISTRATION) and "login_challenge" not in parameters:
        if kind is LOGIN:
            parameters = _assurance(parameters, visitor)
        if visitor.signed_in and parameters.get("aal") != "aal2" and "refresh" not in parameters:
            return _leave(asked.return_to, guard)
    return _start(kind, _with_return_to(parameters, asked.return_to), guard)


def decide_with_flow(
    kind: FlowType,
    asked: FlowRequest,
    visitor: BrowserState,
    guard: RedirectLoopGuard,
    result: Any,
    origins: TrustedOrigins,
) -> FlowDecision:
    """A visit with a flow. ``result`` is the flow, or the ``OryError`` that came instead of it."""
    if isinstance(result, OryError):
        return _after_error(kind, asked, guard, result, origins)
    if result.type != BROWSER:
        logger.info("Ignored a %s flow of type %r: only browser flows are shown.", kind.name, result.type)
        return _restart("other", guard, return_to=asked.return_to)
    if kind in (LOGIN, REGISTRATION) and visitor.signed_in and _is_plain(result):
        return _leave(result.return_to or asked.return_to, guard)
    if len(result.ui.nodes) > MAX_NODES:
        logger.error("A %s flow of Kratos has more than %d nodes and is not shown.", kind.name, MAX_NODES)
        return RenderExplanation("untrusted_response", result.id)
    if not origins.allows_form_action(result.ui.action) and result.ui.method.upper() != "GET":
        logger.error(
            "A %s flow of Kratos posts to another origin than KRATOS_BROWSER_URL and is not shown. "
            "Compare that setting with serve.public.base_url of Kratos.",
            kind.name,
        )
        return RenderExplanation("untrusted_response", result.id)
    return RenderFlow(result, guard.reason)


def _is_plain(flow: Any) -> bool:
    """A sign-in for somebody who is not signed in yet: neither a fresh one nor a second factor."""
    return not getattr(flow, "refresh", False) and getattr(flow, "requested_aal", None) != "aal2"


def _assurance(parameters: Mapping[str, str], visitor: BrowserState) -> dict[str, str]:
    """For Kratos, ``aal2`` without a session is an error, and half-way without ``aal2`` a loop.

    A session that has ended here alone would make it send the visitor back at once; a fresh sign-in makes a
    cookie that is not barred, and where there is no session any more Kratos takes it for a plain one.
    """
    if visitor.barred:
        return {**{name: value for name, value in parameters.items() if name != "aal"}, "refresh": "true"}
    if visitor.aal2_required:  # a fresh first factor may be required before the second one
        return dict(parameters) if parameters.get("refresh") else {**parameters, "aal": "aal2"}
    satisfied = parameters.get("aal") == "aal2" and visitor.aal == "aal2" and "refresh" not in parameters
    if satisfied or not visitor.signed_in:
        return {name: value for name, value in parameters.items() if name not in ("aal", "refresh")}
    return dict(parameters)


def _with_return_to(parameters: Mapping[str, str], return_to: str | None) -> dict[str, str]:
    return {**parameters, **({"return_to": return_to} if return_to else {})}


def _start(kind: FlowType, parameters: Mapping[str, str], guard: RedirectLoopGuard) -> FlowDecision:
    """To Kratos, unless it sends this visitor back again and again without a page: the two halves disagree
    about who is signed in.
    """
    start = StartFlow(kind, parameters)
    return RenderExplanation("redirect_loop") if guard.is_looping(start.fingerprint) else start


def _step_up(asked: FlowRequest, guard: RedirectLoopGuard) -> FlowDecision:
    return _start(LOGIN, {"aal": "aal2", "return_to": asked.page}, guard)


def _leave(return_to: str | None, guard: RedirectLoopGuard) -> FlowDecision:
    """Onward, unless that page keeps sending this visitor back: signing in does not open it."""
    leave = RedirectBack(return_to)
    return RenderExplanation("access_denied") if return_to and guard.is_looping(leave.fingerprint) else leave


def _restart(
    reason: str, guard: RedirectLoopGuard, *, return_to: str | None, flow: str | None = None
) -> FlowDecision:
    if guard.restarts >= RESTARTS.get(reason, RESTARTS_OTHERWISE):
        return RenderExplanation("cookies" if reason == "cookies" else "too_many_restarts")
    return RestartFlow(reason, return_to, flow)


def _after_error(
    kind: FlowType, asked: FlowRequest, guard: RedirectLoopGuard, error: OryError, origins: TrustedOrigins
) -> FlowDecision:
    """Status first, id second: Kratos leaves the id out of some of its answers."""
    match error:
        case _ if is_outage(error):
            return RenderUnavailable(error)
        case CSRFViolation():
            return _restart("cookies", guard, return_to=asked.return_to)
        case AAL2Required():
            return _step_up(asked, guard)
        case SessionRefreshRequired():
            return RedirectToLogin(asked.page, refresh=True)
        case BrowserLocationChangeRequired():
            url = error.redirect_browser_to
            return (
                RedirectToOry(url)
                if origins.allows_redirect(url)
                else RenderExplanation("untrusted_response", error.request_id)
            )
        case OryAPIError(id="session_already_available" | "session_aal_already_fulfilled"):
            return _leave(asked.return_to, guard)
        case OryUnauthorized(id="session_aal1_required"):
            return _start(LOGIN, _with_return_to({}, asked.return_to), guard)
        case OryUnauthorized():
            return RedirectToLogin(asked.page)
        case OryAPIError(id="self_service_flow_return_to_forbidden"):
            logger.warning(
                "Kratos does not allow a return_to of this site. See selfservice.allowed_return_urls."
            )
            return _restart("return_to", guard, return_to=None)
        case OryAPIError() if is_disabled(error.id, error.reason):
            return RenderExplanation("disabled")
        case OryAPIError(status=410):
            return_to = getattr(error, "return_to", "") or asked.return_to
            replacement = parse_flow_id(getattr(error, "use_flow_id", ""))
            return _restart("expired", guard, return_to=return_to, flow=replacement)
        case OryAPIError(status=404):
            return _restart("expired", guard, return_to=asked.return_to)
        case _:  # also security_identity_mismatch, and what Ory may invent
            return _restart("other", guard, return_to=asked.return_to)
