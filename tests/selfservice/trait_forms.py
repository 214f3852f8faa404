"""Flows with the nodes that Kratos makes from a schema, and the values that a browser posts from a form."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.http import QueryDict

from django_ory.schemas.fields import TraitField, TraitKind
from django_ory.schemas.parse import parse_schema
from django_ory.selfservice.forms.fields import (
    Checkbox,
    CheckboxGroup,
    Field,
    FieldSet,
    Form,
    Hidden,
    Input,
    ListField,
    RadioGroup,
    Select,
)

from . import shapes

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]
TYPES = {TraitKind.BOOLEAN: "checkbox", TraitKind.INTEGER: "number", TraitKind.NUMBER: "number"}
FORMATS = {"email": "email", "tel": "tel", "date": "date", "date-time": "datetime-local", "uri": "url"}


def build_nodes(schema: Json, traits: Json, *, group: str) -> list[Json]:
    """The nodes of traits, as Kratos 1.3 makes them: one for each value, none for objects and their lists."""
    values = dict(flatten(traits, "traits"))
    nodes = {}
    for each in parse_schema("x", schema).traits.walk():
        if each.path and each.is_postable and (each.is_scalar or each.is_list_of_values):
            name = ".".join(("traits", *each.path))
            kind = FORMATS.get(each.format) or TYPES.get(each.kind, "text")
            more = {"value": values[name]} if name in values else {}
            nodes[name] = shapes.field(
                name, kind, group=group, label=each.title or None, required=each.is_required, **more
            )
    for name, value in values.items():
        kind = (
            "checkbox" if isinstance(value, bool) else "number" if isinstance(value, (int, float)) else "text"
        )
        nodes.setdefault(name, shapes.field(name, kind, group=group, value=value))
    return list(nodes.values())


def flatten(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    inner = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    )
    if inner is None:
        yield name, value
    else:
        for key, each in inner:
            yield from flatten(each, f"{name}.{key}")


def settings(schema: Json, traits: Json, *, messages: Any = (), section: str = "profile") -> Json:
    nodes = [
        shapes.csrf(),
        *build_nodes(schema, traits, group="profile"),
        shapes.submit("method", "profile", group="profile", label=shapes.text(1070003)),
        shapes.password(autocomplete="new-password"),
        shapes.submit("method", "password", group="password", label=shapes.text(1070003)),
    ]
    identity = {"id": "11111111-1111-4111-8111-111111111111", "schema_id": "person", "traits": traits}
    url = shapes.settings_url(section)
    return shapes.flow("settings", nodes, messages=messages, identity=identity, request_url=url)


def sign_up(schema: Json, traits: Json | None = None, *extra: Json) -> Json:
    nodes = [
        shapes.csrf(),
        *build_nodes(schema, traits or {}, group="default"),
        *(extra or [shapes.submit("method", "profile", group="profile", label=shapes.text(1040001))]),
    ]
    return shapes.flow("registration", nodes)


def second_step(schema: Json, traits: Json) -> Json:
    """Kratos hides the traits that were entered, and shows the credentials."""
    hidden = [shapes.hidden(name, value) for name, value in flatten(traits, "traits")]
    nodes = [
        shapes.password(autocomplete="new-password"),
        shapes.submit("method", "password", group="password", label=shapes.text(1040001)),
        shapes.submit("screen", "previous", group="profile", label=shapes.text(1040008)),
        *hidden,
        shapes.csrf(),
    ]
    return shapes.flow("registration", nodes, messages=[shapes.text(1040009)])


def list_posted(form: Form) -> list[tuple[str, str]]:
    """The names and values that a browser posts, without those of the buttons."""
    visible = (each for group in form.groups for each in group.fields)
    return [pair for each in (*form.hidden, *visible) for pair in _list_pairs(each)]


def post(form: Form, **typed: str) -> QueryDict:
    """Post a form after typing. ``__`` stands for a dot of a name."""
    data = QueryDict(mutable=True)
    for name, value in list_posted(form):
        data.appendlist(name, value)
    for name, value in typed.items():
        data.setlist(name.replace("__", "."), [value])
    return data


def _list_pairs(field: Field) -> list[tuple[str, str]]:
    match field:
        case Hidden():
            return [(field.name, field.value)]
        case FieldSet():
            return [pair for each in field.fields for pair in _list_pairs(each)]
        case ListField():
            marker = [(field.name, "")] if field.can_change else []
            return [
                *marker,
                *(pair for row in field.rows for each in row.fields for pair in _list_pairs(each)),
            ]
        case CheckboxGroup():
            marker = [(field.name, "")] if field.marker else []
            return [*marker, *((field.name, each.value) for each in field.options if each.selected)]
        case Checkbox():
            off = [(field.name, field.off_value)] if field.off_value else []
            return [*off, *([(field.name, "true")] if field.checked else [])]
        case RadioGroup():
            return [(field.name, each.value) for each in field.options if each.selected]
        case Select():
            chosen = [each.value for each in field.options if each.selected]
            return [(field.name, (chosen or [field.options[0].value])[0])]
        case Input():
            return [(field.name, field.value or "")]
        case _:
            return []


def decode_as_kratos(traits: TraitField, pairs: list[tuple[str, str]]) -> Json:
    """The traits that Kratos reads from a form: of each name the first value, of a boolean the last one."""
    values: dict[str, list[str]] = {}
    for name, posted in pairs:
        values.setdefault(name, []).append(posted)
    found: Json = json.loads(values["traits"][0]) if "traits" in values else {}
    for each in traits.walk():
        given = values.get(".".join(("traits", *each.path))) if each.path and each.is_postable else None
        if given is None or each.kind in (TraitKind.OBJECT, TraitKind.OTHER):
            continue
        value: Any = given[-1] if each.kind is TraitKind.BOOLEAN else given[0]
        if each.kind is TraitKind.LIST:
            value = given
        elif not value:
            continue
        elif each.kind is not TraitKind.TEXT:
            value = json.loads(value)
        parent = found
        for name in each.path[:-1]:
            parent = parent.setdefault(name, {})
        parent[each.path[-1]] = value
    return found
