"""JSON and models of self-service flows, their nodes and messages, as Kratos v1.3.1 sends them."""

from __future__ import annotations

import base64
import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from .factories import KRATOS_URL, format_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = [
    "FLOW_TYPES",
    "FlowOptions",
    "build_flow",
    "build_flow_json",
    "build_flow_nodes_json",
    "build_input_node_json",
    "build_message_json",
    "build_node_json",
]

FLOW_TYPES = ("login", "registration", "recovery", "verification", "settings")
FLOW_LIFETIME = timedelta(hours=1)

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
#: A transparent image of one pixel in place of the QR code.
_QR_CODE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5E"
    "rkJggg=="
)
_TRAITS_SCHEMA = {
    "properties": {"email": {"type": "string", "format": "email", "title": "E-mail address"}},
    "required": ["email"],
}


@dataclass(frozen=True)
class FlowOptions:
    """The inputs of the nodes of a flow."""

    traits_schema: Mapping[str, Any]
    traits: Mapping[str, Any]
    refresh: bool = False
    aal: str = "aal1"
    has_totp: bool = False


def build_message_json(
    message_id: int, text: str = "", *, message_type: str = "info", context: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A message of a flow or node, or a label. ``message_type``: ``"info"``, ``"success"`` or ``"error"``."""
    message = {"id": message_id, "text": text or f"Message {message_id}", "type": message_type}
    return message if context is None else {**message, "context": dict(context)}


def build_node_json(
    node_type: str,
    group: str,
    attributes: Mapping[str, Any],
    *,
    label: Mapping[str, Any] | None = None,
    messages: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """A node of any type. ``label``: a message, see ``build_message_json``."""
    return {
        "type": node_type,
        "group": group,
        "attributes": {"node_type": node_type, **attributes},
        "messages": list(messages),
        "meta": {"label": label} if label else {},
    }


def build_input_node_json(
    name: str,
    input_type: str = "text",
    *,
    group: str = "default",
    value: Any = None,
    label: Mapping[str, Any] | tuple[int, str] | None = None,
    messages: Sequence[Mapping[str, Any]] = (),
    **attributes: Any,
) -> dict[str, Any]:
    """A node of type ``input``. ``label``: a message, or its id and text."""
    content = {"name": name, "type": input_type, "disabled": False, **attributes}
    if value is not None:
        content["value"] = value
    if isinstance(label, tuple):
        context = {"title": label[1]} if label[0] == _TITLE_LABEL else None
        label = build_message_json(*label, context=context)
    return build_node_json("input", group, content, label=label, messages=messages)


def build_flow_json(
    flow_type: str,
    nodes: Sequence[Mapping[str, Any]] | None = None,
    *,
    messages: Sequence[Mapping[str, Any]] = (),
    refresh: bool = False,
    aal: str = "aal1",
    kratos_url: str = KRATOS_URL,
    **fields: Any,
) -> dict[str, Any]:
    """The JSON of a browser flow.

    ``flow_type``: ``"login"``, ``"registration"``, ``"recovery"``, ``"verification"`` or ``"settings"``.
    Without ``nodes`` it has those of a site that signs in by password and code. ``refresh`` and ``aal``: of
    a login flow. ``ui`` among ``fields`` replaces single fields of ``ui``.
    """
    now, flow_id = datetime.now(UTC), fields.get("id") or str(uuid.uuid4())
    if nodes is None:
        nodes = build_flow_nodes_json(flow_type, FlowOptions(_TRAITS_SCHEMA, {}, refresh=refresh, aal=aal))
    ui: dict[str, Any] = {
        "action": f"{kratos_url}/self-service/{flow_type}?flow={flow_id}",
        "method": "POST",
        "nodes": list(nodes),
    }
    if messages:
        ui["messages"] = list(messages)
    flow: dict[str, Any] = {
        "id": flow_id,
        "type": "browser",
        "expires_at": format_time(now + FLOW_LIFETIME),
        "issued_at": format_time(now),
        "request_url": f"{kratos_url}/self-service/{flow_type}/browser",
        "ui": ui | fields.pop("ui", {}),
        "state": "show_form" if flow_type == "settings" else "choose_method",
    }
    if flow_type == "login":
        at = flow["issued_at"]
        flow |= {"refresh": refresh, "requested_aal": aal, "created_at": at, "updated_at": at}
    if flow_type in ("login", "registration"):
        flow["organization_id"] = None
    if flow_type in ("recovery", "verification"):
        flow["active"] = "code"
    return flow | fields


def build_flow(flow_type: str, *args: Any, **fields: Any) -> Any:
    """The flow of ``build_flow_json`` as the client's model, such as ``models.LoginFlow``."""
    from django_ory.client import models

    model: Any = getattr(models, f"{flow_type.title()}Flow")
    return model.model_validate(build_flow_json(flow_type, *args, **fields))


def build_flow_nodes_json(flow_type: str, options: FlowOptions) -> list[dict[str, Any]]:
    """The nodes of a new flow of a site that signs in by password and code."""
    return _BUILDERS[flow_type](options)


def _build_csrf_node() -> dict[str, Any]:
    return build_input_node_json("csrf_token", "hidden", value=secrets.token_urlsafe(48), required=True)


def _build_button(method: str, label: tuple[int, str], *, group: str) -> dict[str, Any]:
    return build_input_node_json("method", "submit", group=group, value=method, label=label)


def _build_password_node(autocomplete: str) -> dict[str, Any]:
    return build_input_node_json(
        "password",
        "password",
        group="password",
        label=(1070001, "Password"),
        required=True,
        autocomplete=autocomplete,
    )


def _build_login_nodes(options: FlowOptions) -> list[dict[str, Any]]:
    if options.aal == "aal2":
        code = (1070006, "Authentication code")
        return [
            _build_csrf_node(),
            build_input_node_json("totp_code", "text", group="totp", value="", label=code, required=True),
            _build_button("totp", (1010009, "Use Authenticator"), group="totp"),
        ]
    sign_in = (1010001, "Sign in") if options.refresh else (1010022, "Sign in with password")
    return [
        _build_csrf_node(),
        build_input_node_json(
            "identifier", "text", value="", label=(1070002, "Email address"), required=True
        ),
        _build_button("code", (1010015, "Send sign in code"), group="code"),
        _build_password_node("current-password"),
        _build_button("password", sign_in, group="password"),
    ]


def _build_registration_nodes(options: FlowOptions) -> list[dict[str, Any]]:
    return [
        *_build_trait_nodes(options.traits_schema, group="default"),
        _build_csrf_node(),
        _build_button("profile", (1040001, "Sign up"), group="profile"),
    ]


def _build_settings_nodes(options: FlowOptions) -> list[dict[str, Any]]:
    return [
        _build_csrf_node(),
        *_build_trait_nodes(options.traits_schema, group="profile", values=options.traits),
        _build_button("profile", (1070003, "Save"), group="profile"),
        _build_password_node("new-password"),
        _build_button("password", (1070003, "Save"), group="password"),
        build_input_node_json(
            "lookup_secret_regenerate",
            "submit",
            group="lookup_secret",
            value="true",
            label=(1050008, "Generate new backup recovery codes"),
        ),
        *_build_totp_nodes(has_totp=options.has_totp),
    ]


def _build_totp_nodes(*, has_totp: bool) -> list[dict[str, Any]]:
    """The authenticator app in settings: to set one up, or to remove it."""
    if has_totp:
        unlink = (1050004, "Unlink TOTP Authenticator App")
        return [
            build_input_node_json(
                "totp_unlink", "submit", group="totp", value="true", label=unlink, required=True
            )
        ]
    secret = base64.b32encode(secrets.token_bytes(20)).decode()
    shown = build_message_json(1050006, secret, context={"secret": secret})
    help_text = "This is your authenticator app secret. Use it if you can not scan the QR code."
    return [
        build_node_json(
            "img",
            "totp",
            {"id": "totp_qr", "src": _QR_CODE, "width": 256, "height": 256},
            label=build_message_json(1050005, "Authenticator app QR code"),
        ),
        build_node_json(
            "text",
            "totp",
            {"id": "totp_secret_key", "text": shown},
            label=build_message_json(1050017, help_text),
        ),
        build_input_node_json("totp_code", group="totp", label=(1070006, "Verify code"), required=True),
        _build_button("totp", (1070003, "Save"), group="totp"),
    ]


def _build_recovery_nodes(options: FlowOptions) -> list[dict[str, Any]]:
    return [_build_csrf_node(), *_build_email_nodes()]


def _build_verification_nodes(options: FlowOptions) -> list[dict[str, Any]]:
    return [*_build_email_nodes(), _build_csrf_node()]


def _build_email_nodes() -> list[dict[str, Any]]:
    return [
        build_input_node_json("email", "email", group="code", label=(1070007, "Email"), required=True),
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
            build_input_node_json(
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
