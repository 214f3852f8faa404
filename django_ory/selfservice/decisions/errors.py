"""Meaning of Kratos' errors, by type, id, status and reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client import OryDecodeError, OryRateLimited, OryServerError, OryTransportError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.client import OryError

__all__ = ["classify_error", "is_disabled", "is_outage"]

#: Error id -> key of ``EXPLANATIONS``.
EXPLANATION_BY_ERROR_ID: Mapping[str, str] = {
    "security_csrf_violation": "cookies",
    "self_service_flow_return_to_forbidden": "return_to",
    "self_service_flow_expired": "expired",
    "session_aal1_required": "aal1",
    "identity_disabled": "account_disabled",
}

#: Reasons of errors without an id: of a disabled recovery or verification, and of a disabled account (Kratos
#: up to v26.2.0).
FLOW_DISABLED_REASON = "not allowed because it was disabled"
ACCOUNT_DISABLED_REASON = "account was disabled"


def is_outage(error: OryError) -> bool:
    """Whether Kratos is unavailable or its response is unusable. All other errors are valid responses."""
    return isinstance(error, (OryTransportError, OryDecodeError, OryServerError, OryRateLimited))


def is_disabled(error_id: str, reason: str) -> bool:
    """Whether an error with this id and reason means that the flow is disabled."""
    return error_id == "self_service_flow_disabled" or FLOW_DISABLED_REASON in reason


def classify_error(error: Mapping[str, Any]) -> str:
    """Return the key of ``EXPLANATIONS`` for a stored error (``id``, ``code``, ``reason``) of Kratos."""
    error_id, reason, code = (str(error.get("id") or ""), str(error.get("reason") or ""), error.get("code"))
    if error_id in EXPLANATION_BY_ERROR_ID:
        return EXPLANATION_BY_ERROR_ID[error_id]
    if is_disabled(error_id, reason):
        return "disabled"
    if ACCOUNT_DISABLED_REASON in reason:
        return "account_disabled"
    if isinstance(code, int) and code >= 500:
        return "server"
    return "expired" if code == 404 else "error"
