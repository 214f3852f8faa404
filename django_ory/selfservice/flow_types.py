"""The five flows of Kratos that have a page, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django_ory.http.redirects import CLIENT_NAME_PARAMETER

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FLOW_TYPES", "LOGIN", "RECOVERY", "REGISTRATION", "SETTINGS", "VERIFICATION", "FlowType"]


@dataclass(frozen=True)
class FlowType:
    """``operation`` fetches a flow; ``carries``: parameters of its start that we pass on."""

    name: str
    operation: str
    carries: tuple[str, ...] = ()

    @property
    def url_name(self) -> str:
        return f"ory:{self.name}"


LOGIN = FlowType(
    "login",
    "get_self_service_login_flow",
    ("refresh", "aal", "via", "login_challenge", "organization", "identity_schema", CLIENT_NAME_PARAMETER),
)
REGISTRATION = FlowType(
    "registration",
    "get_self_service_registration_flow",
    (
        "login_challenge",
        "organization",
        "identity_schema",
        "after_verification_return_to",
        CLIENT_NAME_PARAMETER,
    ),
)
RECOVERY = FlowType("recovery", "get_self_service_recovery_flow")
VERIFICATION = FlowType("verification", "get_self_service_verification_flow")
SETTINGS = FlowType("settings", "get_self_service_settings_flow")

FLOW_TYPES: Mapping[str, FlowType] = {
    kind.name: kind for kind in (LOGIN, REGISTRATION, RECOVERY, VERIFICATION, SETTINGS)
}
