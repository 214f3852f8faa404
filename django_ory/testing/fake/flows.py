"""Self-service flows of the fake Kratos, as far as pages need them: created, fetched, expired.

The browser posts flows to Kratos itself; tests of a site do not reach that part.
"""

from __future__ import annotations

import secrets
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django_ory.testing.factories import format_time
from django_ory.testing.flows import (
    FLOW_TYPES,
    FlowOptions,
    build_flow_json,
    build_flow_nodes_json,
    build_message_json,
)

from .errors import KratosError
from .http import FakeRequest, FakeResponse, Handler, json_response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .sessions import SessionStore

__all__ = ["CSRF_COOKIE", "FlowStore"]

CSRF_COOKIE = "csrf_token_" + "0" * 64


class FlowStore:
    """The flows and error pages of one fake Kratos."""

    def __init__(self, sessions: SessionStore, *, public_url: str) -> None:
        self.sessions = sessions
        self.schemas = sessions.identities.schemas
        self.public_url = public_url
        self.flows: dict[str, dict[str, Any]] = {}
        self.csrf_tokens: dict[str, str] = {}  #: flow id -> value of the CSRF cookie of its browser
        self.errors: dict[str, dict[str, Any]] = {}
        self.allowed_return_urls: tuple[str, ...] = ("http://testserver/", "http://localhost")

    def routes(self) -> dict[str, Handler]:
        """The routes of the self-service flows."""
        routes: dict[str, Handler] = {"GET /self-service/errors": self._get_error}
        for flow_type in FLOW_TYPES:
            routes[f"GET /self-service/{flow_type}/browser"] = self._build_create_handler(flow_type)
            routes[f"GET /self-service/{flow_type}/flows"] = self._get_flow
        return routes

    # Python interface.

    def add(
        self,
        flow_type: str,
        *,
        csrf_token: str = "",
        refresh: bool = False,
        aal: str = "aal1",
        return_to: str = "",
        nodes: Sequence[dict[str, Any]] | None = None,
        messages: Sequence[dict[str, Any]] = (),
        identity: dict[str, Any] | None = None,
        **fields: Any,
    ) -> dict[str, Any]:
        """A new flow, with the nodes of a site that signs in by password and code.

        ``fields`` replace top-level keys of the flow, such as ``state`` or ``type``.
        """
        if nodes is None:
            schema_id = (identity or {}).get("schema_id") or next(iter(self.schemas))
            traits_schema = self.schemas[schema_id]["properties"]["traits"]
            options = FlowOptions(
                traits_schema,
                (identity or {}).get("traits", {}),
                refresh=refresh,
                aal=aal,
                has_totp=self.sessions.identities.has_second_factor((identity or {}).get("id", "")),
            )
            nodes = build_flow_nodes_json(flow_type, options)
        if return_to:
            fields["return_to"] = return_to
        if identity is not None:
            fields["identity"] = identity
        flow = build_flow_json(
            flow_type,
            nodes,
            messages=[*_get_messages(flow_type, refresh=refresh, aal=aal), *messages],
            refresh=refresh,
            aal=aal,
            kratos_url=self.public_url,
            **fields,
        )
        self.flows[flow["id"]] = flow
        self.csrf_tokens[flow["id"]] = csrf_token
        return flow

    def expire(self, flow_id: str) -> None:
        """Let a flow expire. From now on it is fetched with 410."""
        self.flows[flow_id]["expires_at"] = format_time(datetime.now(UTC) - timedelta(seconds=1))

    def add_error(self, *, code: int, reason: str = "", message: str = "") -> str:
        """An error for the error page. Returns its id."""
        error_id = str(uuid.uuid4())
        self.errors[error_id] = {"code": code, "reason": reason, "message": message}
        return error_id

    # The public API.

    def _build_create_handler(self, flow_type: str) -> Handler:
        def create(request: FakeRequest) -> FakeResponse:
            return self._create(flow_type, request)

        return create

    def _create(self, flow_type: str, request: FakeRequest) -> FakeResponse:
        session, return_to = self.sessions.find(request), request.get_query("return_to")
        refresh, aal = request.get_query("refresh") == "true", request.get_query("aal") or "aal1"
        if return_to and not return_to.startswith(self.allowed_return_urls):
            raise KratosError(
                400,
                error_id="self_service_flow_return_to_forbidden",
                reason=f'Requested return_to URL "{return_to}" is not allowed.',
            )
        if session is None and flow_type == "settings":
            raise KratosError(
                401,
                error_id="session_inactive",
                reason="No active session was found in this request.",
                message="request does not have a valid authentication session",
            )
        if flow_type == "login" and aal == "aal2" and session is None:
            raise KratosError(
                401,
                error_id="session_aal1_required",
                reason="You can not requested a higher AAL (AAL2/AAL3) without an active session.",
                message="aal2 and aal3 can only be requested if a session exists already",
            )
        if (
            session is not None
            and flow_type in ("login", "registration")
            and not refresh
            and aal == session.aal
        ):
            raise KratosError(
                400,
                error_id="session_already_available",
                reason="A valid session was detected and thus login is not possible. Did you forget to set "
                "`?refresh=true`?",
                message="you are already logged in",
            )
        csrf_token = request.get_cookie(CSRF_COOKIE) or secrets.token_urlsafe(24)
        identity = None
        if flow_type == "settings" and session is not None:
            identity = self.sessions.identities.get_public_json(session.identity_id)
        flow = self.add(
            flow_type,
            csrf_token=csrf_token,
            refresh=refresh and session is not None,
            aal=aal,
            return_to=return_to,
            identity=identity,
        )
        cookie = f"{CSRF_COOKIE}={csrf_token}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"
        return json_response(flow, headers={"Set-Cookie": cookie})

    def _get_flow(self, request: FakeRequest) -> FakeResponse:
        flow_id = request.get_query("id")
        flow = self.flows.get(flow_id)
        if flow is None or f"/self-service/{_get_flow_type(request)}?" not in flow["ui"]["action"]:
            raise KratosError(404)
        if _get_flow_type(request) == "settings":
            if self.sessions.find(request) is None:
                raise KratosError(401, reason="A valid Ory Session Cookie or Ory Session Token is missing.")
        elif self.csrf_tokens[flow_id] and request.get_cookie(CSRF_COOKIE) != self.csrf_tokens[flow_id]:
            raise KratosError(
                403,
                error_id="security_csrf_violation",
                reason="Please retry the flow and optionally clear your cookies.",
                details={"reject_reason": "The CSRF cookie is missing or belongs to another flow."},
                message="the request was rejected to protect you from Cross-Site-Request-Forgery",
            )
        if flow["expires_at"] <= format_time(datetime.now(UTC)):
            start = f"{self.public_url}/self-service/{_get_flow_type(request)}/browser"
            details = {"redirect_to": start}
            if "return_to" in flow:
                details["return_to"] = flow["return_to"]
            error_id = (
                "self_service_flow_expired" if _get_flow_type(request) in ("login", "registration") else ""
            )
            raise KratosError(
                410,
                error_id=error_id,
                reason="The flow has expired. Redirect the user to the flow's start to begin a new one.",
                details=details,
            )
        return json_response(flow)

    def _get_error(self, request: FakeRequest) -> FakeResponse:
        error_id = request.get_query("id")
        error = self.errors.get(error_id)
        if error_id == "stub:500":
            error = {
                "code": 500,
                "status": "Internal Server Error",
                "reason": "This is a stub error.",
                "message": "An internal server error occurred, please contact the system administrator",
            }
        if error is None:
            raise KratosError(404)
        never = "0001-01-01T00:00:00Z"
        return json_response(
            {"id": str(uuid.uuid4()), "error": error, "created_at": never, "updated_at": never}
        )


def _get_messages(flow_type: str, *, refresh: bool, aal: str) -> list[dict[str, Any]]:
    if flow_type == "login" and aal == "aal2":
        return [build_message_json(1010004, "Please complete the second authentication challenge.")]
    if flow_type == "login" and refresh:
        return [build_message_json(1010003, "Please confirm this action by verifying that it is you.")]
    return []


def _get_flow_type(request: FakeRequest) -> str:
    return request.path.rstrip("/").split("/")[-2]
