"""The values of an identity that were changed in Kratos while a form was open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.admin.conflicts import Conflict
from django_ory.admin.display import shorten
from django_ory.mirror.json_patch import Path, find_value, list_changes
from django_ory.schemas.json_text import dump_json

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["list_identity_conflicts"]


def list_identity_conflicts(
    before: Mapping[str, Any], now: Mapping[str, Any], yours: Mapping[str, Any]
) -> list[Conflict]:
    """Return the differences between ``before`` and ``now``, with the values of ``yours``."""
    edited = list_changes(before, yours)
    return [
        Conflict(
            name=".".join(path),
            label=".".join(path),
            before=_render(value_before),
            now=_render(value_now),
            yours=_render(find_value(yours, path)) if any(_overlap(path, each) for each in edited) else None,
        )
        for path, (value_before, value_now) in list_changes(before, now).items()
    ]


def _overlap(one: Path, other: Path) -> bool:
    return all(name == name_of_other for name, name_of_other in zip(one, other, strict=False))


def _render(value: Any) -> str:
    return "-" if value is None else shorten(value if isinstance(value, str) else dump_json(value))
