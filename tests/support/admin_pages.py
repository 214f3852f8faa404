"""URLs of the pages of a row in the admin, and what the pages show."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from django.template.response import TemplateResponse
from django.urls import reverse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django_ory.models import ProjectRow

__all__ = ["get_messages", "get_url", "without_html"]


def get_url(row: ProjectRow, name: str = "change", *arguments: str) -> str:
    """Return the URL of a page of a row."""
    return reverse(f"admin:django_ory_{row._meta.model_name}_{name}", args=[row.pk, *arguments])


def get_messages(response: Any) -> list[str]:
    """Return the texts of the messages on a page."""
    return [str(message) for message in response.context["messages"]]


@contextmanager
def without_html() -> Iterator[None]:
    """Let views return responses with ``context_data`` and without HTML, which takes most of the time.

    For a test that needs a form and its errors, if another test reads the HTML of the same form.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TemplateResponse, "rendered_content", "")
        yield
