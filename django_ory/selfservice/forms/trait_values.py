"""The values of traits in the nodes of a flow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django_ory.schemas.fields import TraitField, TraitKind
from django_ory.schemas.values import MAX_LIST_ROWS, TRAITS, find_rows

if TYPE_CHECKING:
    from django_ory.client.models import UiNode

__all__ = ["add_empty_lists", "is_free_of_loss", "read_nodes"]


def read_nodes(
    traits: TraitField, nodes: Iterable[UiNode], stored: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Build the traits from the nodes of a flow. Kratos has one node for each value, also in lists.

    Traits outside of the schema are left out, except in the rows of lists. ``stored``: the traits of the
    identity, whose rows are more exact: there are no nodes for null and for empty lists and objects.
    """
    values = {}
    for node in nodes:
        if node.name.startswith(f"{TRAITS}.") and node.value is not None:
            values[node.name] = node.value
    found = _read_object(traits, TRAITS, values)
    _restore_rows(traits, found, stored or {})
    return found


def _restore_rows(field: TraitField, values: Any, stored: Any) -> None:
    """Replace the rows of lists of objects that have not changed by the stored ones."""
    if not isinstance(values, dict) or not isinstance(stored, Mapping):
        return
    for member in field.fields:
        key = member.path[-1]
        rows, present = values.get(key), stored.get(key)
        if member.kind is TraitKind.OBJECT:
            _restore_rows(member, rows, present)
        elif member.item is not None and member.item.fields and rows and isinstance(present, list):
            shown = [each.path[-1] for each in member.item.fields]
            for index, (row, old) in enumerate(zip(rows, present, strict=False)):
                if isinstance(old, dict) and all(row.get(name) == old.get(name) for name in shown):
                    rows[index] = old


def _read_object(field: TraitField, prefix: str, values: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for member in field.fields:
        name = f"{prefix}.{member.path[-1]}"
        value = _read_value(member, name, values)
        if value not in (None, {}, []):
            found[member.path[-1]] = value
    return found


def _read_value(field: TraitField, name: str, values: Mapping[str, Any]) -> Any:
    if field.kind is TraitKind.OBJECT:
        return _read_object(field, name, values)
    if field.kind is not TraitKind.LIST:
        return values.get(name)
    item = field.item or TraitField(path=field.path, kind=TraitKind.TEXT)
    rows = []
    # One row more than a form has, so that a longer list is recognized.
    limit = MAX_LIST_ROWS + 1 if item.kind is TraitKind.OBJECT else None
    for index in find_rows(name, values)[:limit]:
        row = _read_value(item, f"{name}.{index}", values)
        if item.kind is TraitKind.OBJECT:
            row = _read_rest(f"{name}.{index}.", values) | row
        rows.append(row)
    return [row for row in rows if row not in (None, {})]


def _read_rest(prefix: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a row by their nodes alone. Numbers as names are positions in a list."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name.startswith(prefix):
            *parents, last = name.removeprefix(prefix).split(".")
            target = found
            for parent in parents:
                inner = target.setdefault(parent, {})
                if not isinstance(inner, dict):
                    break
                target = inner
            target[last] = value
    return {name: _to_lists(value) for name, value in found.items()}


def _to_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    members = {name: _to_lists(inner) for name, inner in value.items()}
    is_list = sorted(members) == sorted(map(str, range(len(members))))
    return [members[str(index)] for index in range(len(members))] if is_list else members


def add_empty_lists(field: TraitField, values: dict[str, Any]) -> None:
    """Add the missing lists of objects. Kratos would replace them by objects, and reject those."""
    for member in field.fields:
        key = member.path[-1]
        if member.kind is TraitKind.LIST and not member.is_list_of_values:
            values.setdefault(key, [])
        elif member.kind is TraitKind.OBJECT:
            inner = values.get(key, {})
            if isinstance(inner, dict):
                add_empty_lists(member, inner)
                if inner:
                    values[key] = inner


def is_free_of_loss(field: TraitField, value: Any) -> bool:
    """Whether Kratos reads this value back from the fields of its own form."""
    if not isinstance(value, Mapping):
        return value not in (None, "") and field.is_scalar and field.is_postable
    members = {each.path[-1]: each for each in field.fields}
    return all(name in members and is_free_of_loss(members[name], inner) for name, inner in value.items())
