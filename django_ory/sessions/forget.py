"""Dropping what is remembered, so that a change takes effect on the next request, in every process."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

__all__ = ["forget_identity", "forget_request"]


def forget_identity(alias: str, identity_id: UUID | str) -> None:
    """Let no answer about this identity be used that was given before now."""


def forget_request(request: HttpRequest) -> None:
    """Let no answer about this request's credential be used again."""
