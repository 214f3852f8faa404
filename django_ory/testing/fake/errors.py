"""Errors of the fake servers, in the shapes of Kratos and of Hydra."""

from __future__ import annotations

from typing import Any

from django_ory.testing.factories import build_error_json

from .http import FakeResponse, json_response

__all__ = ["TAKEN", "FakeError", "HydraError", "KratosError"]

#: The text of both servers for a value that another resource has.
TAKEN = "Unable to insert or update resource because a resource with that value exists already"

_HYDRA_INVALID_REQUEST = (
    "The request is missing a required parameter, includes an invalid parameter value, includes a "
    "parameter more than once, or is otherwise malformed. "
)


class FakeError(Exception):
    """Raised by a handler to return an error response.

    A test that calls ``FakeOry`` directly sees ``reason``.
    """

    def __init__(self, status: int, content: dict[str, Any], *, reason: str) -> None:
        super().__init__(f"{status} {reason}".rstrip())
        self.status = status
        self.content = content

    def build_response(self) -> FakeResponse:
        """The response for this error."""
        return json_response(self.content, status=self.status)


class KratosError(FakeError):
    """``{"error": {"id": ..., "code": ..., "status": ..., "reason": ..., "message": ...}}``."""

    def __init__(
        self,
        status: int,
        *,
        error_id: str = "",
        reason: str = "",
        message: str = "",
        details: dict[str, Any] | None = None,
        **extra: Any,
    ) -> None:
        content = build_error_json(
            status, reason, error_id=error_id, message=message, details=details, **extra
        )
        super().__init__(status, content, reason=reason or content["error"].get("message", ""))


class HydraError(FakeError):
    """``{"error": ..., "error_description": ...}``."""

    def __init__(self, status: int, error: str, description: str = "") -> None:
        super().__init__(
            status, {"error": error, "error_description": description}, reason=description or error
        )

    @classmethod
    def not_found(cls) -> HydraError:
        """The 404 of an unknown id."""
        return cls(404, "Unable to locate the resource")

    @classmethod
    def conflict(cls) -> HydraError:
        """The 409 of a value that another resource has."""
        return cls(409, TAKEN)

    @classmethod
    def invalid_request(cls, detail: str) -> HydraError:
        """The 400 of a missing or invalid parameter."""
        return cls(400, "invalid_request", _HYDRA_INVALID_REQUEST + detail)
