"""JSON Patch (RFC 6902) with only the differences of two JSON values.

Kratos v1.3.1 accepts add, remove and replace. It ignores ``remove`` for the metadata of an identity.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["Path", "build_json_patch", "find_value", "is_same_json", "list_changes", "merge_json"]

Path = tuple[str, ...]
_ABSENT = object()


def build_json_patch(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the steps from ``before`` to ``after``. Members that are only in ``before`` do not change.

    Objects are compared member by member, lists as a whole. A member that is missing on one side of a nested
    object is added or removed. Kratos' own members (the outermost level) are never removed.
    """
    return [step for name, value in after.items() for step in _build_steps((name,), before.get(name), value)]


def list_changes(before: Any, after: Any) -> dict[Path, tuple[Any, Any]]:
    """Return the values that differ: path -> value before and value after. None for a missing value."""
    return {
        path: (find_value(before, path), find_value(after, path))
        for path, _value in _list_differences((), before, after)
    }


def merge_json(base: Any, mine: Any, theirs: Any) -> Any:
    """Make the changes from ``base`` to ``mine`` in ``theirs``. Where both changed a value, mine is used."""
    if not (isinstance(base, Mapping) and isinstance(mine, Mapping) and isinstance(theirs, Mapping)):
        return theirs if is_same_json(base, mine) else mine
    merged = dict(theirs)
    for name in base.keys() | mine.keys():
        if name not in mine:
            merged.pop(name, None)
        elif name in theirs and name in base:
            merged[name] = merge_json(base[name], mine[name], theirs[name])
        elif name not in base or not is_same_json(base[name], mine[name]):
            merged[name] = mine[name]
    return merged


def is_same_json(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON. ``True`` and 1 differ, 1 and 1.0 do not."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(is_same_json(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same_json, one, other))
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def find_value(value: Any, path: Path) -> Any:
    """Return the value at a path; None for a missing value."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _build_steps(path: Path, before: Any, after: Any) -> Iterator[dict[str, Any]]:
    for at, value in _list_differences(path, before, after):
        pointer = "".join(f"/{name.replace('~', '~0').replace('/', '~1')}" for name in at)
        if value is _ABSENT:
            yield {"op": "remove", "path": pointer}
        else:  # replaces a value, too (RFC 6902, section 4.1)
            yield {"op": "add", "path": pointer, "value": value}


def _list_differences(path: Path, before: Any, after: Any) -> Iterator[tuple[Path, Any]]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in before:
            if name not in after:
                yield (*path, name), _ABSENT
        for name, value in after.items():
            yield from _list_differences((*path, name), before.get(name, _ABSENT), value)
    elif before is _ABSENT or not is_same_json(before, after):
        yield path, after
