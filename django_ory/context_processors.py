"""``{{ ory }}`` in templates: ``{% if ory.is_authenticated %}``. Asks nobody unless a template does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.authentication.request import get_ory

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["ory"]


def ory(request: HttpRequest) -> dict[str, Any]:
    """``request.ory``: the same object, so a template costs no second call."""
    return {"ory": get_ory(request)}
