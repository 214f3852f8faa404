"""``{{ ory }}`` in templates: ``{% if ory.is_authenticated %}``. Calls Kratos only if used."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from django_ory.authentication.request import get_ory

__all__ = ["ory"]


def ory(request: HttpRequest) -> dict[str, Any]:
    """Add ``request.ory`` to the context as ``ory``."""
    return {"ory": get_ory(request)}
