from __future__ import annotations

import json
from typing import Any

import pytest

from django_ory.schemas.fields import Choice, TraitField, TraitKind
from django_ory.schemas.parse import MAX_SUBSCHEMAS, UnreadableSchema, parse_schema

from .published import EMAIL, PUBLISHED, schema, text


def parse(properties: dict[str, Any], *required: str, **more: Any) -> TraitField:
    return parse_schema("person", schema(properties, *required, **more)).traits


def parse_one(trait: Any) -> TraitField:
    return parse({"x": trait}).fields[0]


def shorten(field: TraitField) -> str:
    """``email*! text``: the path, marks and kind."""
    marks = ("*" if field.is_required else "") + ("!" if field.is_identifier else "")
    marks += "" if field.is_postable else "?"
    kind = field.kind.value
    inner = field.item or field
    if field.item:
        kind += f" of {inner.kind.value}"
    if inner.choices:
        kind += f" of {len(inner.choices)}"
    return f"{'.'.join(field.path)}{marks} {kind}"


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_schema_has_its_traits(name: str) -> None:
    body, expected = PUBLISHED[name]
    parsed = parse_schema("person", json.loads(json.dumps(body)))
    leaves = [each for each in parsed.traits.walk() if each.path and not each.fields]
    assert ", ".join(map(shorten, leaves)) == expected


@pytest.mark.parametrize(
    ("trait", "kind", "postable"),
    [
        ({"type": "string"}, "text", True),
        ({"type": ["string"]}, "text", True),
        ({"type": ["string", "null"]}, "text", False),
        ({"type": ["string", "integer"]}, "other", False),
        ({"type": ["integer", "number"]}, "number", False),
        ({"type": "null"}, "other", False),
        ({"type": "file"}, "other", True),
        ({"const": 5}, "integer", True),
        ({"const": "x"}, "text", True),
        ({"enum": ["a", 1]}, "other", False),
        ({"oneOf": [{"type": "string"}, {"type": "null"}]}, "text", True),
        ({"allOf": [{"title": "X"}, {"type": "number"}]}, "number", True),
        ({"properties": {"a": {"type": "string"}}}, "object", False),
        ({}, "other", False),
        (True, "other", False),
        ([], "other", False),
        (None, "other", False),
        ({"$ref": "https://other.example/x.json"}, "other", False),
        ({"$ref": "#/definitions/missing"}, "other", False),
        ({"$ref": "#/properties/traits/properties/x"}, "other", False),
        ({"$ref": 5}, "other", False),
        ({"type": {"a": 1}}, "other", False),
    ],
)
def test_type_of_a_trait_is_its_kind(trait: Any, kind: str, postable: bool) -> None:
    found = parse_one(trait)
    assert (found.kind.value, found.is_postable) == (kind, postable)


def test_alternatives_of_constants_are_choices_with_titles() -> None:
    found = parse_one({"oneOf": [{"const": "a", "title": "First"}, {"const": 2}]})
    assert found.choices == (Choice("a", "First"), Choice(2))


@pytest.mark.parametrize("enum", [["a"] * 501, "abc", {"a": 1}, [["x"], {"y": 1}]])
def test_enum_without_usable_values_has_no_choices(enum: Any) -> None:
    assert parse_one({"type": "string", "enum": enum}).choices == ()


def test_members_of_all_parts_are_found_and_only_certain_ones_required() -> None:
    one = {"properties": {"b": text()}, "required": ["b"]}
    found = parse({"a": text()}, "a", allOf=[one], anyOf=[{"properties": {"c": text()}, "required": ["c"]}])
    assert [shorten(each) for each in found.fields] == ["a* text", "b* text", "c text"]


def test_reference_by_the_id_of_the_schema_is_resolved() -> None:
    body = schema({"x": {"$ref": "https://schemas.example/person.json#/definitions/a~1b"}})
    body["definitions"] = {"a/b": {"type": "integer", "title": "Number"}}
    (found,) = parse_schema("person", body).traits.fields
    assert (found.kind, found.title) == (TraitKind.INTEGER, "Number")


def test_recursive_schema_ends() -> None:
    body = schema({"x": {"$ref": "#/definitions/tree"}})
    body["definitions"] = {
        "tree": {"type": "object", "properties": {"again": {"$ref": "#/definitions/tree"}}}
    }
    depths = [len(each.path) for each in parse_schema("person", body).traits.walk()]
    assert max(depths) < 10


def test_large_schema_is_read() -> None:
    found = parse({f"trait_{index}": text() for index in range(300)})
    assert len(found.fields) == 300


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "x",
        {},
        {"properties": []},
        {"properties": {"traits": True}},
        {"properties": {"traits": {"type": "array"}}},
        {"properties": {"traits": {"$ref": "https://other.example/traits.json"}}},
    ],
)
def test_schema_without_traits_is_unreadable(body: Any) -> None:
    with pytest.raises(UnreadableSchema):
        parse_schema("person", body)


def test_schema_that_grows_without_end_is_unreadable() -> None:
    body = schema({"x": {"$ref": "#/definitions/tree"}})
    branches = {f"branch_{index}": {"$ref": "#/definitions/tree"} for index in range(20)}
    body["definitions"] = {"tree": {"type": "object", "properties": branches}}
    with pytest.raises(UnreadableSchema, match=str(MAX_SUBSCHEMAS)):
        parse_schema("person", body)  # without the limit, this would take hours


def test_traits_without_an_object_type_do_not_accept_json() -> None:
    body = {"properties": {"traits": {"properties": {"email": EMAIL}}}}
    assert not parse_schema("person", body).accepts_json
    assert parse_schema("person", schema({"email": EMAIL})).accepts_json
