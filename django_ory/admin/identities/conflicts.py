"""Values of an identity that were changed in Kratos while a form was open, for people to compare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django_ory.mirror.json_patch import list_changes
from django_ory.schemas.json_text import dump_json

__all__ = ["Conflict", "list_conflicts"]

MAX_SHOWN_LENGTH = 300


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A value that was changed in Kratos: as the form showed it, as it is now, and as the user wants it.

    ``is_own``: whether the user has changed the value, too.
    """

    name: str
    before: str
    now: str
    wanted: str
    is_own: bool


def list_conflicts(
    base: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any]
) -> tuple[Conflict, ...]:
    """Return the differences between ``base`` and ``theirs``, with the values of ``mine``."""
    own = list_changes(base, mine)
    found = []
    for path, (before, now) in list_changes(base, theirs).items():
        is_own = any(_is_around(path, other) or _is_around(other, path) for other in own)
        wanted = _find(mine, path) if is_own else now
        found.append(
            Conflict(
                name=".".join(path),
                before=_shorten(before),
                now=_shorten(now),
                wanted=_shorten(wanted),
                is_own=is_own,
            )
        )
    return tuple(found)


def _is_around(outer: tuple[str, ...], inner: tuple[str, ...]) -> bool:
    return inner[: len(outer)] == outer


def _find(value: Any, path: Iterable[str]) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _shorten(value: Any) -> str:
    if value is None:
        return "-"
    text = value if isinstance(value, str) else dump_json(value)
    return text if len(text) <= MAX_SHOWN_LENGTH else f"{text[:MAX_SHOWN_LENGTH]}…"
