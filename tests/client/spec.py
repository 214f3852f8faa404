"""The operations as the specification has them (``data/``), and example values made from its schemas.

Where the specification contradicts every server, the data follow the servers: ``id_token`` and ``scope`` of a
token answer are text, a node names its type, and a client's ``jwks`` is a set of keys.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Parameter:
    """One parameter. ``name``: in Python; ``wire``: as sent; ``where``: path, query, header or form."""

    name: str
    wire: str
    where: str
    type: str
    many: bool
    required: bool

    @property
    def value(self) -> Any:
        """An example value, different for every parameter of an operation."""
        if self.many:
            return [f"{self.name} 1", f"{self.name}/2"]
        return {"integer": 7, "boolean": True}.get(self.type, f"{self.name} & more")


@dataclass(frozen=True)
class Operation:
    """One operation and its possible answers."""

    name: str
    alias: str | None
    method: str
    path: str
    service: str
    since: str
    parameters: tuple[Parameter, ...]
    body: Mapping[str, Any] | None
    content: tuple[str, ...]
    returns: str | None
    returns_list: bool
    responses: Mapping[str, str | None]
    schemas: Mapping[str, Schema] = field(repr=False)

    @property
    def success(self) -> int:
        """The status of the answer that is a success."""
        return min(int(status) for status in self.responses if status[0] in "23")

    def named(self, where: str) -> list[Parameter]:
        """The parameters in ``where``."""
        return [parameter for parameter in self.parameters if parameter.where == where]

    def schema(self, name: str) -> Schema:
        """A schema by its name; the first specification spells some of them with a small letter first."""
        return self.schemas.get(name) or self.schemas[name[0].lower() + name[1:]]

    def body_schema(self) -> Schema | None:
        """The schema of the JSON body, None if there is no body."""
        if self.body is None:
            return None
        one = {"type": "string"} if self.body["type"] == "string" else self.schema(self.body["type"])
        return {"type": "array", "items": one} if self.body["list"] else one

    def answer(self) -> Any:
        """Return an example of the answer by the specification; None for an empty answer."""
        if self.returns in (None, "string", "object"):
            return {None: None, "string": "some text", "object": {"key": "value"}}[self.returns]
        one = example(self.schema(self.returns), self.schemas)
        return [one] if self.returns_list else one


def example(schema: Schema, schemas: Mapping[str, Schema], name: str = "value", depth: int = 0) -> Any:
    """A value that the schema allows, every property filled in (a schema inside itself: two levels deep)."""
    if reference := schema.get("$ref"):
        return example(schemas[reference.rsplit("/", 1)[-1]], schemas, name, depth + 1)
    if "example" in schema and schema.get("type") == "string" and "format" not in schema:
        return schema["example"]
    if "enum" in schema:
        return schema["enum"][0]
    for combined in ("oneOf", "anyOf"):
        if combined in schema:
            return example(schema[combined][0], schemas, name, depth + 1)
    if "allOf" in schema:
        parts = [example(part, schemas, name, depth + 1) for part in schema["allOf"]]
        return {key: value for part in parts for key, value in part.items()}
    match schema.get("type"):
        case "array":
            return [] if depth > 12 else [example(schema["items"], schemas, name, depth + 1)]
        case "integer" | "number":
            return 7
        case "boolean":
            return True
        case "string":
            return text(schema, name)
    if isinstance(schema.get("additionalProperties"), dict):
        return {"key": example(schema["additionalProperties"], schemas, name, depth + 1)}
    properties = schema.get("properties", {})
    required = schema.get("required", [])
    return {
        key: example(value, schemas, key, depth + 1)
        for key, value in properties.items()
        if depth < 12 or key in required
    } or {"key": "value"}


def text(schema: Schema, name: str) -> str:
    """A string of the schema's format."""
    if "ns|us|ms" in schema.get("pattern", ""):
        return "90s"
    return {
        "date-time": "2026-01-02T03:04:05Z",
        "uuid": "0f9b7c1e-2f5b-4c3c-9d3c-0d8f6f0b3a11",
        "uuid4": "0f9b7c1e-2f5b-4c3c-9d3c-0d8f6f0b3a11",
        "uri": "https://example.org/",
        "email": "somebody@example.org",
    }.get(schema.get("format", ""), f"some {name}")


def _read(rows: list[dict[str, Any]], schemas: Mapping[str, Schema]) -> list[Operation]:
    return [
        Operation(
            name=row["name"],
            alias=row.get("alias"),
            method=row["method"],
            path=row["path"],
            service=row["service"],
            since=row["since"],
            parameters=tuple(
                Parameter(p["name"], p["wire"], p["in"], p["type"], p["list"], p["required"])
                for p in row["params"]
            ),
            body=row["body"],
            content=tuple(row["content"]),
            returns=row["returns"],
            returns_list=row["returns_list"],
            responses=row["responses"],
            schemas=schemas,
        )
        for row in rows
    ]


def _load(name: str) -> Any:
    return json.loads((DATA / name).read_text())


SEED = _read(_load("seed_operations.json"), _load("seed_schemas.json"))
MODERN = _read(_load("modern_operations.json")["operations"], _load("modern_operations.json")["schemas"])
