"""The rules of an identity schema that the fake Kratos applies, and its texts for mistakes.

Known keywords: ``type``, ``properties``, ``required``, ``additionalProperties``, ``items``, ``enum``,
``const``, ``minLength``, ``maxLength``, ``minimum``, ``maximum``, and the format ``email``. All others allow
everything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["describe_mistakes"]

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True)
class _Mistake:
    instance: str
    schema: str
    text: str
    causes: list[_Mistake] = field(default_factory=list)

    def lines(self, indent: str = "") -> Iterator[str]:
        yield f"{indent}I[{self.instance}] S[{self.schema}] {self.text}"
        for cause in self.causes:
            yield from cause.lines(f"{indent}  ")


def describe_mistakes(schema: Mapping[str, Any], traits: Any) -> str:
    """Return the reason with which Kratos v1.3.1 rejects traits; "" for valid ones.

    ``schema``: the part of the schema below ``properties.traits``.
    """
    mistake = _check(schema, traits, "#/traits", "#/properties/traits")
    return "\n".join(mistake.lines()) if mistake else ""


def _check(schema: Mapping[str, Any], value: Any, at: str, rule: str) -> _Mistake | None:
    expected, actual = schema.get("type"), _get_type(value)
    allowed = expected if isinstance(expected, list) else [expected] if expected else []
    if allowed and actual not in allowed and not (actual == "integer" and "number" in allowed):
        kind = "number" if actual == "integer" else actual
        return _Mistake(at, f"{rule}/type", f"expected {' or '.join(allowed)}, but got {kind}")
    causes = [*_check_value(schema, value, at, rule)]
    if isinstance(value, dict):
        causes += _check_object(schema, value, at, rule)
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        found = (_check(schema["items"], each, f"{at}/{n}", f"{rule}/items") for n, each in enumerate(value))
        causes += [each for each in found if each]
    if len(causes) <= 1:
        return causes[0] if causes else None
    return _Mistake(at, rule, "validation failed", causes)


def _check_value(schema: Mapping[str, Any], value: Any, at: str, rule: str) -> Iterator[_Mistake]:
    if "const" in schema and schema["const"] != value:
        yield _Mistake(at, f"{rule}/const", f"value must be {_format(schema['const'])}")
    if "enum" in schema and value not in schema["enum"]:
        yield _Mistake(at, f"{rule}/enum", f"value must be one of {', '.join(map(_format, schema['enum']))}")
    if isinstance(value, str):
        size = len(value)
        if size < schema.get("minLength", 0):
            yield _Mistake(
                at, f"{rule}/minLength", f"length must be >= {schema['minLength']}, but got {size}"
            )
        if size > schema.get("maxLength", size):
            yield _Mistake(
                at, f"{rule}/maxLength", f"length must be <= {schema['maxLength']}, but got {size}"
            )
        if schema.get("format") == "email" and not _EMAIL.fullmatch(value):
            yield _Mistake(at, f"{rule}/format", f'{json.dumps(value)} is not valid "email"')
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if value < schema.get("minimum", value):
            yield _Mistake(at, f"{rule}/minimum", f"must be >= {schema['minimum']} but found {value}")
        if value > schema.get("maximum", value):
            yield _Mistake(at, f"{rule}/maximum", f"must be <= {schema['maximum']} but found {value}")


def _check_object(
    schema: Mapping[str, Any], value: Mapping[str, Any], at: str, rule: str
) -> Iterator[_Mistake]:
    properties = schema.get("properties", {})
    if missing := [json.dumps(name) for name in schema.get("required", ()) if name not in value]:
        yield _Mistake(at, f"{rule}/required", f"missing properties: {', '.join(missing)}")
    unknown = [json.dumps(name) for name in value if name not in properties]
    if unknown and schema.get("additionalProperties") is False:
        text = f"additionalProperties {', '.join(unknown)} not allowed"
        yield _Mistake(at, f"{rule}/additionalProperties", text)
    for name, member in value.items():
        if isinstance(properties.get(name), dict):
            path = name.replace("~", "~0").replace("/", "~1")
            found = _check(properties[name], member, f"{at}/{path}", f"{rule}/properties/{path}")
            if found:
                yield found


def _format(value: Any) -> str:
    """Return an allowed value as Kratos writes it: numbers are quoted, too."""
    if value is None:
        return "<nil>"
    is_text = isinstance(value, str) or not isinstance(value, (bool, dict, list))
    return json.dumps(str(value)) if is_text else json.dumps(value)


def _get_type(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "integer" if value.is_integer() else "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"
