"""Values that inputs can show and read back, and what a schema change means for traits."""

from __future__ import annotations

from typing import Any

import pytest

from django_ory.schemas.comparison import list_schema_differences
from django_ory.schemas.expressible import can_show_form, is_expressible
from django_ory.schemas.parse import parse_schema

from .published import schema, text

ROWS = {"type": "array", "items": {"type": "object", "properties": {"a": text(), "b": {"type": "integer"}}}}


@pytest.mark.parametrize(
    ("trait", "value", "expected"),
    [
        (text(), None, True),
        (text(), "x\ny", True),
        (text(), 5, False),
        (text(enum=["a"]), 5, True),
        ({"type": "integer"}, 5, True),
        ({"type": "integer"}, 5.5, False),
        ({"type": "integer"}, True, False),
        ({"type": "number"}, 5, True),
        ({"type": "boolean"}, 1, False),
        ({"enum": [1, "1", None]}, "2", True),
        ({"enum": [1, [2]]}, 1, False),
        ({"type": ["string", "integer"]}, "x", False),
        ({"type": "object"}, {}, False),
        ({"type": "object", "properties": {"a": text()}}, {"b": 1}, True),
        ({"type": "object", "properties": {"a": text()}}, "x", False),
        ({"type": "array", "items": text()}, ["a", "b"], True),
        ({"type": "array", "items": text()}, ["a", ""], False),
        ({"type": "array", "items": text()}, ["a\nb"], False),
        ({"type": "array", "items": text()}, [1], False),
        ({"type": "array", "items": text()}, ["a"] * 101, False),
        ({"type": "array", "items": {"type": "array"}}, [], False),
        ({"type": "array", "items": text(enum=["a"])}, ["a", "z"], True),
        ({"type": "array", "items": text(enum=["a"])}, ["a", "a"], False),
        (ROWS, [{"a": "x", "c": 1}], True),
        (ROWS, [{}], False),
        (ROWS, [{"b": "x"}], False),
        (ROWS, {}, False),
        ({"$ref": "https://elsewhere.example/schema.json"}, None, False),
    ],
)
def test_value_is_expressible(trait: dict[str, Any], value: Any, expected: bool) -> None:
    [field] = parse_schema("x", schema({"t": trait})).traits.fields
    assert is_expressible(field, value) is expected


def test_name_with_a_dot_is_not_expressible() -> None:
    [field] = parse_schema("x", schema({"a.b": text()})).traits.fields
    assert not is_expressible(field, None)


@pytest.mark.parametrize(
    ("properties", "traits", "expected"),
    [
        ({"a": text()}, {}, True),
        ({"a": text()}, None, False),
        ({"a": text()}, [], False),
        ({}, {}, False),
        ({f"t{number}": text() for number in range(301)}, {}, False),
        ({"a.b": text(), "a": {"type": "object", "properties": {"b": text()}}}, {}, False),
        ({"a": ROWS}, {"a": [{"a": "x"}] * 100}, True),
        ({f"t{number}": ROWS for number in range(3)}, {f"t{n}": [{"a": "x"}] * 100 for n in range(3)}, False),
    ],
)
def test_schema_has_a_form(properties: dict[str, Any], traits: Any, expected: bool) -> None:
    assert can_show_form(parse_schema("x", schema(properties)), traits) is expected


def test_title_and_constant_are_parsed() -> None:
    parsed = parse_schema("x", {**schema({"kind": {"const": "customer"}}), "title": " Person "})
    assert parsed.title == "Person"
    [field] = parsed.traits.fields
    assert [choice.value for choice in field.choices] == ["customer"]


def test_differences_of_a_schema_have_nested_names() -> None:
    name = {
        "type": "object",
        "properties": {"first": {"type": "integer"}, "last": text()},
        "required": ["last"],
    }
    new = parse_schema("x", schema({"name": name, "free": {}, "same": text()}, "same", "missing"))
    traits = {"name": {"first": "Ann", "middle": "M"}, "same": "x", "old": None, "free": [1]}
    found = list_schema_differences(new, traits)
    assert [each for each, _reason in found] == ["old", "name.middle", "name.first", "name.last"]
