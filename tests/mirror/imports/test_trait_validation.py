"""Validation of traits: the path and the keyword of each violation, no values, and no document is fetched."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from django_ory.mirror.imports.trait_validation import build_trait_validator

from .conftest import add_user, run


def validate(traits_schema: dict[str, Any], traits: dict[str, Any], **schema: Any) -> list[dict[str, Any]]:
    document = {"type": "object", "properties": {"traits": traits_schema}, **schema}
    validator = build_trait_validator(document)
    assert validator is not None
    return [dict(finding.details) for finding in validator(traits)]


TEXT = {"type": "string", "maxLength": 3}


@pytest.mark.parametrize(
    ("schema", "traits", "expected"),
    [
        ({"properties": {"a": TEXT}}, {"a": "abc"}, []),
        ({"properties": {"a": TEXT}}, {"a": "abcd"}, [("traits.a", "maxLength")]),
        ({"properties": {"a": TEXT}}, {"a": 1}, [("traits.a", "type")]),
        ({"required": ["a"]}, {}, [("traits", "required")]),
        ({"properties": {"a": {"enum": ["x", 1, None]}}}, {"a": "y"}, [("traits.a", "enum")]),
        ({"properties": {"a": {"format": "email"}}}, {"a": "nobody"}, [("traits.a", "format")]),
        (
            {"properties": {"a": {"type": "array", "items": TEXT}}},
            {"a": ["x", "long"]},
            [("traits.a.1", "maxLength")],
        ),
        ({"additionalProperties": False}, {"b": 1}, [("traits", "additionalProperties")]),
    ],
)
def test_violations_are_named_without_values(
    schema: dict[str, Any], traits: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    found = validate(schema, traits)
    assert [(each["path"], each["keyword"]) for each in found] == expected
    assert "nobody" not in str(found)


def test_many_violations_are_cut() -> None:
    found = validate({"additionalProperties": TEXT}, {f"t{number}": 1 for number in range(50)})
    assert len(found) == 5


def test_schema_of_another_document_is_not_fetched() -> None:
    remote = {"properties": {"a": {"$ref": "http://127.0.0.1:9/schema.json"}}}
    assert validate(remote, {"a": 1}) == []


def test_definition_of_the_same_document_is_used() -> None:
    local = {"properties": {"a": {"$ref": "#/definitions/short"}}}
    found = validate(local, {"a": "long one"}, definitions={"short": TEXT})
    assert [each["keyword"] for each in found] == ["maxLength"]


@pytest.mark.django_db
def test_without_the_package_the_command_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    assert build_trait_validator({}) is None
    add_user()
    out = run("ory_import_users")
    assert "Traits were not validated" in out
    assert "1 created" in out
