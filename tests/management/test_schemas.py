"""Limits of traits in identity schemas."""

from __future__ import annotations

import json
from typing import Any

import pytest

from django_ory.devstack.config.identity_schema import IDENTITY_SCHEMA
from django_ory.management.ory_check.schemas import find_unbounded, has_trait

SHORT = {"type": "string", "maxLength": 10}


def closed(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties}


@pytest.mark.parametrize(
    ("traits", "paths"),
    [
        (closed(), []),
        (closed(name=SHORT), []),
        (closed(name={"type": "string"}), ["traits.name"]),
        (closed(name={"type": ["string", "null"]}), ["traits.name"]),
        (closed(name={"type": "string", "format": "email"}), []),
        (closed(name={"type": "string", "format": "uri"}), ["traits.name"]),
        (closed(name={"enum": ["a", "b"]}), []),
        (closed(name={}), ["traits.name"]),
        (closed(name=True), ["traits.name"]),
        (closed(name=False), []),
        (closed(age={"type": "integer"}, member={"type": "boolean"}), []),
        ({"type": "object", "properties": {"name": SHORT}}, ["traits"]),
        ({"type": "object", "properties": {}, "additionalProperties": SHORT}, ["traits"]),
        ({"type": "object", "additionalProperties": SHORT, "maxProperties": 5}, []),
        ({**closed(), "patternProperties": {"^a": SHORT}}, ["traits"]),
        (closed(name={"type": "object", "properties": {"first": SHORT}}), ["traits.name"]),
        (closed(name=closed(first={"type": "string"})), ["traits.name.first"]),
        (closed(tags={"type": "array", "items": SHORT}), ["traits.tags"]),
        (closed(tags={"type": "array", "items": SHORT, "maxItems": 5}), []),
        (closed(tags={"type": "array", "items": {"type": "string"}, "maxItems": 5}), ["traits.tags"]),
        (closed(tags={"type": "array", "maxItems": 5}), ["traits.tags"]),
        (closed(name={"anyOf": [SHORT, {"type": "null"}]}), []),
        (closed(name={"oneOf": [SHORT, {"type": "string"}]}), ["traits.name"]),
        (closed(name={"allOf": [{"type": "string"}, {"maxLength": 5}]}), []),
        (closed(name={"$ref": "#/definitions/short"}), []),
        (closed(name={"$ref": "#/definitions/long"}), ["traits.name"]),
        (closed(name={"$ref": "#/definitions/missing"}), ["traits.name"]),
        (closed(name={"$ref": "#/definitions/itself"}), ["traits.name.again"]),
        (closed(name={"$ref": "other.json"}), ["traits.name"]),
        (closed(name={"allOf": [{"$ref": "#/definitions/long"}, {"maxLength": 5}]}), []),
        (closed(first={"$ref": "#/definitions/short"}, last={"$ref": "#/definitions/short"}), []),
    ],
)
def test_unbounded_traits_are_found(traits: dict[str, Any], paths: list[str]) -> None:
    definitions = {
        "short": SHORT,
        "long": {"type": "string"},
        "itself": closed(again={"$ref": "#/definitions/itself"}),
    }
    assert find_unbounded({"properties": {"traits": traits}, "definitions": definitions}) == paths


@pytest.mark.parametrize("schema", [{}, {"properties": None}, {"properties": {}}])
def test_schema_without_traits_is_unbounded(schema: dict[str, Any]) -> None:
    assert find_unbounded(schema) == ["traits"]


def test_default_schema_of_the_development_servers_is_bounded() -> None:
    assert find_unbounded(json.loads(IDENTITY_SCHEMA.read_text())) == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("email", True),
        ("mail", False),
        ("name.first", True),
        ("name.given", False),
        ("name", True),
        ("email.first", False),
        ("phones.0", True),
        ("phones.first", False),
        ("phones.0.number", False),
        ("address.city", True),
        ("address.town", True),
        ("address.village", False),
        ("old", False),
        ("loop.city", False),
    ],
)
def test_has_trait_follows_the_path(path: str, expected: bool) -> None:
    traits = closed(
        email=SHORT,
        name={"$ref": "#/definitions/name"},
        phones={"type": "array", "items": SHORT},
        address={"anyOf": [closed(city=SHORT), closed(town=SHORT)]},
        old=False,
        loop={"$ref": "#/definitions/loop"},
    )
    definitions = {"name": closed(first=SHORT), "loop": {"anyOf": [{"$ref": "#/definitions/loop"}]}}
    schema = {"properties": {"traits": traits}, "definitions": definitions}
    assert has_trait(schema, path) is expected


def test_schema_without_traits_has_no_trait() -> None:
    assert not has_trait({"properties": None}, "email")
