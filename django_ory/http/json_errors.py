"""Errors for programs, in the form that Kratos gives its own."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.http import JsonResponse

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

__all__ = ["json_error"]


def json_error(status: int, error_id: str, message: _StrOrPromise, **more: str) -> JsonResponse:
    """``{"error": {"id", "code", "status", "message"}}``. ``more`` stands beside ``error``."""
    error = {
        "id": error_id,
        "code": status,
        "status": HTTPStatus(status).phrase,
        "message": str(message),
    }
    return JsonResponse({"error": error, **more}, status=status)
