"""URLs of the pages of a row in the admin, and what the pages show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

if TYPE_CHECKING:
    from django_ory.models import ProjectRow

__all__ = ["get_messages", "get_url"]


def get_url(row: ProjectRow, name: str = "change", *arguments: str) -> str:
    """Return the URL of a page of a row."""
    return reverse(f"admin:django_ory_{row._meta.model_name}_{name}", args=[row.pk, *arguments])


def get_messages(response: Any) -> list[str]:
    """Return the texts of the messages on a page."""
    return [str(message) for message in response.context["messages"]]
