"""The five self-service flows that have a page, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django_ory.client.models import (
    LoginFlow,
    RecoveryFlow,
    RegistrationFlow,
    SettingsFlow,
    VerificationFlow,
)
from django_ory.http.redirects import CLIENT_NAME_PARAMETER, INVITATION_PARAMETER, LOGIN_HINT_PARAMETER

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CARRIED_PARAMETERS",
    "FLOW_TYPES_BY_NAME",
    "LOGIN",
    "RECOVERY",
    "REGISTRATION",
    "SECTION_PARAMETER",
    "SETTINGS",
    "VERIFICATION",
    "AnyFlow",
    "FlowType",
]

#: Parameter of the settings: the section of the account area. Kratos keeps the URL that started a flow.
SECTION_PARAMETER = "section"

AnyFlow = LoginFlow | RegistrationFlow | RecoveryFlow | VerificationFlow | SettingsFlow


@dataclass(frozen=True)
class FlowType:
    """A type of flow. ``operation``: the client method that fetches a flow.

    ``parameters``: the query parameters of the page that are sent to Kratos when a flow starts.
    ``hint_fields``: the inputs that may start with the ``login_hint``.
    """

    name: str
    operation: str
    parameters: tuple[str, ...] = ()
    hint_fields: tuple[str, ...] = ()

    @property
    def url_name(self) -> str:
        return f"ory:{self.name}"


#: Parameters that links between the pages keep. Kratos ignores those that a flow does not have, and keeps
#: them in its ``request_url``.
CARRIED_PARAMETERS = (
    "login_challenge",
    "organization",
    "identity_schema",
    "after_verification_return_to",
    CLIENT_NAME_PARAMETER,
    INVITATION_PARAMETER,
    LOGIN_HINT_PARAMETER,
)

LOGIN = FlowType(
    "login",
    "get_self_service_login_flow",
    ("refresh", "aal", "via", *CARRIED_PARAMETERS),
    hint_fields=("identifier",),
)
REGISTRATION = FlowType("registration", "get_self_service_registration_flow", CARRIED_PARAMETERS)
RECOVERY = FlowType(
    "recovery",
    "get_self_service_recovery_flow",
    CARRIED_PARAMETERS,
    hint_fields=("email", "recovery_address"),
)
VERIFICATION = FlowType("verification", "get_self_service_verification_flow", CARRIED_PARAMETERS)
SETTINGS = FlowType("settings", "get_self_service_settings_flow", (SECTION_PARAMETER,))

FLOW_TYPES_BY_NAME: Mapping[str, FlowType] = {
    flow_type.name: flow_type for flow_type in (LOGIN, REGISTRATION, RECOVERY, VERIFICATION, SETTINGS)
}
