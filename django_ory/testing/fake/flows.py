"""Self-service flows of the fake Kratos, as far as pages need them: created, fetched, expired.

The browser posts flows to Kratos itself; tests of a site do not reach that part.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from .errors import KratosError
from .http import FakeRequest, FakeResponse, Handler, json_response
from .identities import format_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .sessions import SessionStore

__all__ = ["CSRF_COOKIE", "FLOW_TYPES", "FlowStore", "build_input_node"]

FLOW_TYPES = ("login", "registration", "recovery", "verification", "settings")
CSRF_COOKIE = "csrf_token_" + "0" * 64
LIFETIME = timedelta(hours=1)

_INPUT_TYPES = {
    "email": "email",
    "date": "date",
    "date-time": "datetime-local",
    "uri": "url",
    "tel": "tel",
    "boolean": "checkbox",
    "integer": "number",
    "number": "number",
}
_TITLE_LABEL = 1070002


@dataclass(frozen=True)
class FlowOptions:
    """What decides which nodes a flow has."""

    traits_schema: Mapping[str, Any]
    traits: Mapping[str, Any]
    refresh: bool = False
    aal: str = "aal1"


def build_input_node(
    name: str,
    input_type: str,
    *,
    group: str = "default",
    value: Any = None,
    label: tuple[int, str] | None = None,
    messages: Sequence[dict[str, Any]] = (),
    **attributes: Any,
) -> dict[str, Any]:
    """A node of a flow as Kratos' JSON. ``label``: message id and text."""
    content = {"name": name, "type": input_type, "disabled": False, "node_type": "input", **attributes}
    if value is not None:
        content["value"] = value
    meta: dict[str, Any] = {"label": {"id": label[0], "text": label[1], "type": "info"}} if label else {}
    if label and label[0] == _TITLE_LABEL:
        meta["label"]["context"] = {"title": label[1]}
    return {"type": "input", "group": group, "attributes": content, "messages": list(messages), "meta": meta}


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
        **changes: Any,
    ) -> dict[str, Any]:
        """A new flow, with the nodes of a site that signs in by password and code.

        ``changes`` replace top-level keys of the flow, such as ``state`` or ``type``.
        """
        now, flow_id = datetime.now(UTC), str(uuid.uuid4())
        if nodes is None:
            schema_id = (identity or {}).get("schema_id") or next(iter(self.schemas))
            traits_schema = self.schemas[schema_id]["properties"]["traits"]
            nodes = _BUILDERS[flow_type](
                FlowOptions(traits_schema, (identity or {}).get("traits", {}), refresh=refresh, aal=aal)
            )
        messages = [*_get_messages(flow_type, refresh=refresh, aal=aal), *messages]
        flow: dict[str, Any] = {
            "id": flow_id,
            "type": "browser",
            "expires_at": format_time(now + LIFETIME),
            "issued_at": format_time(now),
            "request_url": f"{self.public_url}/self-service/{flow_type}/browser",
            "ui": {
                "action": f"{self.public_url}/self-service/{flow_type}?flow={flow_id}",
                "method": "POST",
                "nodes": list(nodes),
            },
            "state": "show_form" if flow_type == "settings" else "choose_method",
        }
        if messages:
            flow["ui"]["messages"] = messages
        if return_to:
            flow["return_to"] = return_to
        if flow_type == "login":
            stamp = flow["issued_at"]
            flow |= {"refresh": refresh, "requested_aal": aal, "created_at": stamp, "updated_at": stamp}
        if flow_type in ("login", "registration"):
            flow["organization_id"] = None
        if flow_type in ("recovery", "verification"):
            flow["active"] = "code"
        if identity is not None:
            flow["identity"] = identity
        flow |= changes
        self.flows[flow_id] = flow
        self.csrf_tokens[flow_id] = csrf_token
        return flow

    def expire(self, flow_id: str) -> None:
        """Let a flow expire: fetching it returns 410 from now on."""
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
        return [
            {"id": 1010004, "text": "Please complete the second authentication challenge.", "type": "info"}
        ]
    if flow_type == "login" and refresh:
        return [
            {"id": 1010003, "text": "Please confirm this action by verifying that it is you.", "type": "info"}
        ]
    return []


def _get_flow_type(request: FakeRequest) -> str:
    return request.path.rstrip("/").split("/")[-2]


def _build_csrf_node() -> dict[str, Any]:
    return build_input_node("csrf_token", "hidden", value=secrets.token_urlsafe(48), required=True)


def _build_button(method: str, label: tuple[int, str], *, group: str) -> dict[str, Any]:
    return build_input_node("method", "submit", group=group, value=method, label=label)


def _build_password_node(autocomplete: str) -> dict[str, Any]:
    return build_input_node(
        "password",
        "password",
        group="password",
        label=(1070001, "Password"),
        required=True,
        autocomplete=autocomplete,
    )


def _build_login_nodes(request: FlowOptions) -> list[dict[str, Any]]:
    if request.aal == "aal2":
        code = (1070006, "Authentication code")
        return [
            _build_csrf_node(),
            build_input_node("totp_code", "text", group="totp", value="", label=code, required=True),
            _build_button("totp", (1010009, "Use Authenticator"), group="totp"),
        ]
    sign_in = (1010001, "Sign in") if request.refresh else (1010022, "Sign in with password")
    return [
        _build_csrf_node(),
        build_input_node("identifier", "text", value="", label=(1070002, "Email address"), required=True),
        _build_button("code", (1010015, "Send sign in code"), group="code"),
        _build_password_node("current-password"),
        _build_button("password", sign_in, group="password"),
    ]


def _build_registration_nodes(request: FlowOptions) -> list[dict[str, Any]]:
    return [
        *_build_trait_nodes(request.traits_schema, group="default"),
        _build_csrf_node(),
        _build_button("profile", (1040001, "Sign up"), group="profile"),
    ]


def _build_settings_nodes(request: FlowOptions) -> list[dict[str, Any]]:
    return [
        _build_csrf_node(),
        *_build_trait_nodes(request.traits_schema, group="profile", values=request.traits),
        _build_button("profile", (1070003, "Save"), group="profile"),
        _build_password_node("new-password"),
        _build_button("password", (1070003, "Save"), group="password"),
    ]


def _build_recovery_nodes(request: FlowOptions) -> list[dict[str, Any]]:
    return [_build_csrf_node(), *_build_email_nodes()]


def _build_verification_nodes(request: FlowOptions) -> list[dict[str, Any]]:
    return [*_build_email_nodes(), _build_csrf_node()]


def _build_email_nodes() -> list[dict[str, Any]]:
    return [
        build_input_node("email", "email", group="code", label=(1070007, "Email"), required=True),
        _build_button("code", (1070009, "Continue"), group="code"),
    ]


def _build_trait_nodes(
    schema: Mapping[str, Any], *, group: str, values: Any = None, path: str = "traits"
) -> list[dict[str, Any]]:
    """One input per trait of an identity schema. Lists are left out."""
    nodes: list[dict[str, Any]] = []
    for name, below in schema.get("properties", {}).items():
        value = values.get(name) if isinstance(values, dict) else None
        if below.get("type") == "object":
            nodes += _build_trait_nodes(below, group=group, values=value, path=f"{path}.{name}")
            continue
        input_type = _INPUT_TYPES.get(below.get("format") or below.get("type"), "text")
        attributes: dict[str, Any] = {"required": True} if name in schema.get("required", ()) else {}
        if input_type == "email":
            attributes["autocomplete"] = "email"
        label = (1070002, below.get("title") or f"{path}.{name}")
        nodes.append(
            build_input_node(
                f"{path}.{name}", input_type, group=group, value=value, label=label, **attributes
            )
        )
    return nodes


_BUILDERS: dict[str, Callable[[FlowOptions], list[dict[str, Any]]]] = {
    "login": _build_login_nodes,
    "registration": _build_registration_nodes,
    "recovery": _build_recovery_nodes,
    "verification": _build_verification_nodes,
    "settings": _build_settings_nodes,
}
