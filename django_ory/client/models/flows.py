"""Self-service flows. Every field but the id is optional, because older versions of Kratos lack some."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from .continue_with import ContinueWith
from .identity import Identity
from .model import AwareDatetime, NullableList, OryModel
from .session import Session
from .ui import UiContainer


class Flow(OryModel):
    """Fields of all flows. ``state`` is open: choose_method, sent_email, passed_challenge, show_form, ..."""

    id: str
    type: str = ""
    state: Any = None
    active: str | None = None
    expires_at: AwareDatetime | None = None
    issued_at: AwareDatetime | None = None
    request_url: str = ""
    return_to: str | None = None
    ui: UiContainer = UiContainer()
    transient_payload: dict[str, Any] | None = None


class _SignInFlow(Flow):
    oauth2_login_challenge: str | None = None
    oauth2_login_request: dict[str, Any] | None = None
    organization_id: str | None = None
    identity_schema: str | None = None
    session_token_exchange_code: str | None = None


class LoginFlow(_SignInFlow):
    """A login."""

    refresh: bool | None = None
    requested_aal: str | None = None
    test_context: dict[str, Any] | None = None
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None


class RegistrationFlow(_SignInFlow):
    """A registration."""


class RecoveryFlow(Flow):
    """A recovery of an account."""

    continue_with: NullableList[ContinueWith] = []


class VerificationFlow(Flow):
    """A verification of an address."""


class SettingsFlow(Flow):
    """Changes of the user's own account."""

    identity: Identity | None = None
    organization_id: str | None = None
    continue_with: NullableList[ContinueWith] = []


class SuccessfulNativeLogin(OryModel):
    """A completed login. ``session_token`` (a secret) is only set for native clients."""

    session: Session
    session_token: str | None = None
    continue_with: NullableList[ContinueWith] = []


class SuccessfulNativeRegistration(OryModel):
    """A completed registration. Kratos' hooks decide whether the user is signed in."""

    identity: Identity | None = None
    session: Session | None = None
    session_token: str | None = None
    continue_with: NullableList[ContinueWith] = []


class FlowError(OryModel):
    """An error that Kratos stored for the error page. ``error`` is an open object."""

    id: str
    error: dict[str, Any] | None = None
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None


_BY_PATH: dict[str, type[Flow]] = {
    "/self-service/login": LoginFlow,
    "/self-service/registration": RegistrationFlow,
    "/self-service/recovery": RecoveryFlow,
    "/self-service/verification": VerificationFlow,
    "/self-service/settings": SettingsFlow,
}


def flow_from_error(operation: str, body: Any) -> Flow | None:
    """The flow that an operation answered 400 with, or None if the body is not one."""
    if not isinstance(body, dict) or not isinstance(body.get("ui"), dict):
        return None
    try:
        return _BY_PATH.get(operation.partition(" ")[2], Flow).model_validate(body)
    except ValidationError:
        return None
