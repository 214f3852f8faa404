"""JSON Patch (RFC 6902)."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .model import OryBody


class JsonPatch(OryBody):
    """One step: ``op`` is add, remove, replace and so on; ``path`` is a JSON Pointer (RFC 6901)."""

    op: str
    path: str
    from_: str | None = Field(default=None, alias="from")
    value: Any = None
