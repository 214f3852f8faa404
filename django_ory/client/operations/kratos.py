"""Everything of Kratos in one mixin."""

from __future__ import annotations

from .account import RecoveryOperations, SettingsOperations, VerificationOperations
from .frontend import FrontendOperations
from .identities import IdentityOperations
from .metadata import MetadataOperations
from .sessions import CourierOperations, SessionOperations
from .sign_in import LoginOperations, RegistrationOperations

__all__ = ["KratosOperations"]


class KratosOperations(
    FrontendOperations,
    LoginOperations,
    RegistrationOperations,
    RecoveryOperations,
    VerificationOperations,
    SettingsOperations,
    IdentityOperations,
    SessionOperations,
    CourierOperations,
    MetadataOperations,
):
    """Sessions, flows, identities, messages, and the health of every service."""
