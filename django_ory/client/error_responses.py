"""Which exception a response of Ory is: by its status, and by the id and the form of its body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import (
    AAL2Required,
    BrowserLocationChangeRequired,
    ChallengeGone,
    CSRFViolation,
    FlowGone,
    OryAPIError,
    OryBadRequest,
    OryConflict,
    OryForbidden,
    OryGone,
    OryNotFound,
    OryRateLimited,
    OryServerError,
    OryUnauthorized,
    OryUnexpectedRedirect,
    RouteNotFound,
    SessionRefreshRequired,
    get_error_fields,
    get_text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["build_error"]

ERRORS_BY_STATUS_AND_ID: dict[tuple[int, str], type[OryAPIError]] = {
    (403, "session_aal2_required"): AAL2Required,
    (403, "session_refresh_required"): SessionRefreshRequired,
    (403, "security_csrf_violation"): CSRFViolation,
    (410, "self_service_flow_expired"): FlowGone,
    (410, "self_service_flow_replaced"): FlowGone,
}

ERRORS_BY_STATUS: dict[int, type[OryAPIError]] = {
    400: OryBadRequest,
    401: OryUnauthorized,
    403: OryForbidden,
    404: OryNotFound,
    409: OryConflict,
    410: OryGone,
    422: BrowserLocationChangeRequired,
    429: OryRateLimited,
}

# The reason in the JSON of Ory's routers. Routers of older versions, and proxies, return text.
NO_ROUTE = "The requested route does not exist"

ERRORS_BY_STATUS_CLASS: dict[int, type[OryAPIError]] = {3: OryUnexpectedRedirect, 5: OryServerError}


def build_error(status: int, body: Any, headers: Mapping[str, str], operation: str) -> OryAPIError:
    """Build the error for a response that is not a success. ``body``: parsed JSON of any form, or text."""
    fields = get_error_fields(body)
    kind = (
        ERRORS_BY_STATUS_AND_ID.get((status, get_text(fields.get("id"))))
        or ERRORS_BY_STATUS.get(status)
        or ERRORS_BY_STATUS_CLASS.get(status // 100, OryAPIError)
    )
    if kind is OryNotFound and (
        not isinstance(body, dict) or "error" not in body or NO_ROUTE in get_text(fields.get("reason"))
    ):
        kind = RouteNotFound
    if kind is OryGone and isinstance(body, dict):
        # Kratos omits the id for some flows. {"error": {}} is the form of Kratos, {"redirect_to"} of Hydra.
        if isinstance(body.get("error"), dict):
            kind = FlowGone
        elif isinstance(body.get("redirect_to"), str):
            kind = ChallengeGone
    return kind(status=status, body=body, headers=headers, operation=operation)
