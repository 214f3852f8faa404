"""Applies the methods of ``OryAdapter`` for fields: visibility, texts, order and groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from typing import Any

from django_ory.adapter import OryAdapter

from .fields import Button, Checkbox, CheckboxGroup, Field, FieldSet, Hidden, Input, ListField, Script, Select

__all__ = ["adapt_fields", "can_hide_fields"]

#: What ``get_field_texts`` may replace.
FIELD_TEXTS = ("label", "hint")


def adapt_fields(fields: Sequence[Field], adapter: OryAdapter, *, flow_name: str) -> list[Field]:
    """Return the fields as the adapter of the project wants them.

    Hidden fields and scripts are kept as they are. A field that is not shown sends its value, because Kratos
    deletes the traits that a form does not contain. A field with an error is always shown.
    """
    return _FieldAdapter(adapter, flow_name).adapt(fields)


def can_hide_fields(adapter: OryAdapter) -> bool:
    """Whether the adapter of the project has an ``is_field_shown`` of its own."""
    return type(adapter).is_field_shown is not OryAdapter.is_field_shown


class _FieldAdapter:
    def __init__(self, adapter: OryAdapter, flow_name: str) -> None:
        self.adapter = adapter
        self.flow_name = flow_name

    def adapt(self, fields: Iterable[Field]) -> list[Field]:
        """Adapt the fields of one level."""
        found: list[Field] = []
        for field in fields:
            if isinstance(field, (Hidden, Script)):
                found.append(field)
            elif any(each.has_error for each in field.walk()) or self._is_shown(field):
                found.append(self._adapt_inside(self._set_texts(field)))
            else:
                found += build_hidden_fields(field)
        found.sort(key=self._get_position)
        return self._group(found)

    def _is_shown(self, field: Field) -> bool:
        return self.adapter.is_field_shown(field, flow_name=self.flow_name)

    def _get_position(self, field: Field) -> float:
        if isinstance(field, (Hidden, Script)):
            return 0
        return self.adapter.get_field_position(field, flow_name=self.flow_name)

    def _set_texts(self, field: Field) -> Field:
        texts = self.adapter.get_field_texts(field, flow_name=self.flow_name)
        if not texts:
            return field
        names = {each.name for each in dataclass_fields(field)}
        changes: dict[str, Any] = {
            name: str(texts[name]) for name in FIELD_TEXTS if name in texts and name in names
        }
        return replace(field, **changes) if changes else field

    def _adapt_inside(self, field: Field) -> Field:
        if isinstance(field, FieldSet):
            return replace(field, fields=tuple(self.adapt(field.fields)))
        if isinstance(field, ListField):
            rows = (replace(row, fields=tuple(self.adapt(row.fields))) for row in field.rows)
            return replace(field, rows=tuple(rows))
        return field

    def _group(self, fields: Iterable[Field]) -> list[Field]:
        """Put fields with the same title into a group, where the first one of them is."""
        found: list[Field] = []
        places: dict[tuple[str, str], int] = {}
        for field in fields:
            is_input = isinstance(field, (Input, FieldSet, ListField))
            title = self.adapter.get_field_group(field, flow_name=self.flow_name) if is_input else ""
            key = (field.group, str(title))
            if not title or not isinstance(field, (Input, FieldSet, ListField)):
                found.append(field)
            elif key in places:
                group = found[places[key]]
                assert isinstance(group, FieldSet)  # noqa: S101 (for the type checker)
                found[places[key]] = replace(group, fields=(*group.fields, field))
            else:
                places[key] = len(found)
                found.append(
                    FieldSet(
                        group=field.group,
                        id=f"{field.id}-group",
                        name=field.name,
                        label=str(title),
                        fields=(field,),
                    )
                )
        return found


def build_hidden_fields(field: Field) -> list[Hidden]:
    """Build hidden fields that send the values of a field, as a browser would."""
    return [Hidden(group=field.group, name=name, value=value) for name, value in _list_values(field)]


def _list_values(field: Field) -> Iterator[tuple[str, str]]:
    match field:
        case Hidden():
            yield field.name, field.value
        case FieldSet():
            for each in field.fields:
                yield from _list_values(each)
        case ListField():
            if field.can_change:
                yield field.name, ""
            for row in field.rows:
                for each in row.fields:
                    yield from _list_values(each)
        case CheckboxGroup():
            if field.marker:
                yield field.name, ""
            yield from ((field.name, each.value) for each in field.options if each.selected)
        case Select():
            yield from ((field.name, each.value) for each in field.options if each.selected)
        case Checkbox():
            if field.checked or field.off_value:
                yield field.name, "true" if field.checked else field.off_value
        case Input() if field.value:
            yield field.name, field.value
        case Button():
            return
