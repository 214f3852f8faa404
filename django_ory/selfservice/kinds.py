"""The five flows of Kratos that have a page, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django_ory.http.client_name import PARAMETER as CLIENT_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KINDS", "LOGIN", "RECOVERY", "REGISTRATION", "SETTINGS", "VERIFICATION", "Kind"]


@dataclass(frozen=True)
class Kind:
    """``operation`` fetches a flow; ``carries``: parameters of its start that we pass on."""

    name: str
    operation: str
    carries: tuple[str, ...] = ()

    @property
    def url_name(self) -> str:
        return f"ory:{self.name}"


LOGIN = Kind(
    "login",
    "get_self_service_login_flow",
    ("refresh", "aal", "via", "login_challenge", "organization", "identity_schema", CLIENT_NAME),
)
REGISTRATION = Kind(
    "registration",
    "get_self_service_registration_flow",
    ("login_challenge", "organization", "identity_schema", "after_verification_return_to", CLIENT_NAME),
)
RECOVERY = Kind("recovery", "get_self_service_recovery_flow")
VERIFICATION = Kind("verification", "get_self_service_verification_flow")
SETTINGS = Kind("settings", "get_self_service_settings_flow")

KINDS: Mapping[str, Kind] = {
    kind.name: kind for kind in (LOGIN, REGISTRATION, RECOVERY, VERIFICATION, SETTINGS)
}
