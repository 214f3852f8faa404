"""Reads the traits of an identity schema (JSON Schema, draft 7), as far as Kratos makes forms of them.

The work is bounded, as the schema may be wrong or huge: references to other documents are not followed,
recursion ends, and a schema with too many parts is rejected.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from .fields import Choice, TraitField, TraitKind, TraitSchema

__all__ = ["UnreadableSchema", "parse_schema"]

#: More subschemas than any published identity schema has, and than Kratos reads in reasonable time.
MAX_SUBSCHEMAS = 10_000
#: Objects and lists inside of each other. Deeper traits are kept, but not shown.
MAX_SCHEMA_DEPTH = 8
MAX_CHOICES = 500
MAX_TITLE_LENGTH = 300

KINDS: Mapping[str, TraitKind] = {
    "string": TraitKind.TEXT,
    "integer": TraitKind.INTEGER,
    "number": TraitKind.NUMBER,
    "boolean": TraitKind.BOOLEAN,
    "array": TraitKind.LIST,
    "object": TraitKind.OBJECT,
}
#: Keywords with subschemas of which one or none applies.
ALTERNATIVES = ("anyOf", "oneOf", "if", "then", "else")
LIMITS = ("minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems")
#: Kratos' keyword, and its credentials that have an identifier.
EXTENSION = "ory.sh/kratos"
IDENTIFIER_CREDENTIALS = ("password", "webauthn", "code")

Json = Mapping[str, Any]


class UnreadableSchema(ValueError):
    """The schema has no traits, or is too large. The text names the cause, without content of the schema."""


def parse_schema(schema_id: str, schema: Any) -> TraitSchema:
    """Parse an identity schema.

    Raises UnreadableSchema for a schema without an object ``properties.traits``, or with too many parts.
    """
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    traits = properties.get("traits") if isinstance(properties, Mapping) else None
    if not isinstance(traits, Mapping):
        raise UnreadableSchema("it has no properties.traits")
    parser = _Parser(schema)
    parsed = parser.parse(traits, (), is_required=True)
    if parsed.kind is not TraitKind.OBJECT:
        raise UnreadableSchema("its traits are not an object")
    title = _find_text([schema], "title")
    return TraitSchema(id=schema_id, title=title, traits=parsed, accepts_json=parsed.is_postable)


class _Parser:
    def __init__(self, root: Json) -> None:
        self.root = root
        self.count = 0

    def parse(self, node: Any, path: tuple[str, ...], *, is_required: bool, depth: int = 0) -> TraitField:
        parts = list(self._collect(node))
        certain = [part for part, is_certain in parts if is_certain]
        every = [part for part, _is_certain in parts]
        kind = _get_kind(certain) or _get_kind(every) or TraitKind.OTHER
        extensions = [part[EXTENSION] for part in every if isinstance(part.get(EXTENSION), Mapping)]
        item: TraitField | None = None
        fields: tuple[TraitField, ...] = ()
        if kind is TraitKind.LIST:
            item = self._parse_item(every, path, depth)
        elif kind is TraitKind.OBJECT:
            fields = self._parse_members(parts, path, depth)
        return TraitField(
            path=path,
            kind=kind,
            title=_find_text(every, "title"),
            description=_find_text(every, "description"),
            format=_find_text(every, "format"),
            choices=_get_choices(certain, node),
            must_be_true=any(part.get("const") is True for part in certain),
            is_required=is_required,
            is_read_only=any(part.get("readOnly") is True for part in certain),
            is_identifier=any(map(_is_identifier, extensions)) or bool(item and item.is_identifier),
            is_postable=any(map(_has_one_type, every)),
            limits=_get_limits(certain),
            item=item,
            fields=fields,
        )

    def _parse_item(self, parts: list[Json], path: tuple[str, ...], depth: int) -> TraitField | None:
        items = next((part["items"] for part in parts if "items" in part), None)
        if items is None:
            return None
        if (
            not isinstance(items, Mapping) or depth >= MAX_SCHEMA_DEPTH
        ):  # a list of schemas: one for each position
            return TraitField(path=path, kind=TraitKind.OTHER)
        return self.parse(items, path, is_required=True, depth=depth + 1)

    def _parse_members(
        self, parts: list[tuple[Json, bool]], path: tuple[str, ...], depth: int
    ) -> tuple[TraitField, ...]:
        if depth >= MAX_SCHEMA_DEPTH:
            return ()
        required = {
            name
            for part, is_certain in parts
            if is_certain and isinstance(part.get("required"), list)
            for name in part["required"]
            if isinstance(name, str)
        }
        members: dict[str, Any] = {}
        for part, _is_certain in parts:
            properties = part.get("properties")
            if isinstance(properties, Mapping):
                for name, member in properties.items():
                    members.setdefault(str(name), member)
        return tuple(
            self.parse(member, (*path, name), is_required=name in required, depth=depth + 1)
            for name, member in members.items()
        )

    def _collect(self, node: Any) -> Iterator[tuple[Json, bool]]:
        """The schema and those that apply with it. The flag: whether always, or only in some cases."""
        pending: list[tuple[Any, bool]] = [(node, True)]
        seen: set[int] = set()
        while pending:
            part, is_certain = pending.pop(0)
            if not isinstance(part, Mapping) or id(part) in seen:
                continue
            seen.add(id(part))
            self.count += 1
            if self.count > MAX_SUBSCHEMAS:
                raise UnreadableSchema(f"it has more than {MAX_SUBSCHEMAS} parts")
            yield part, is_certain
            if isinstance(part.get("$ref"), str):
                pending.append((self._resolve(part["$ref"]), is_certain))
            pending += [(each, is_certain) for each in _get_list(part, "allOf")]
            for keyword in ALTERNATIVES:
                pending += [(each, False) for each in _get_list(part, keyword)]

    def _resolve(self, reference: str) -> Any:
        """The part of this schema that a reference names; None for other documents."""
        document, _, pointer = reference.partition("#")
        if document and document not in (self.root.get("$id"), self.root.get("id")):
            return None
        found: Any = self.root
        for token in unquote(pointer).split("/")[1:]:
            name = token.replace("~1", "/").replace("~0", "~")
            if isinstance(found, Mapping):
                found = found.get(name)
            elif isinstance(found, list) and name.isdecimal() and len(name) < 5 and int(name) < len(found):
                found = found[int(name)]
            else:
                return None
        return found


def _get_list(part: Json, keyword: str) -> list[Any]:
    value = part.get(keyword)
    return value if isinstance(value, list) else [value] if isinstance(value, Mapping) else []


def _get_types(part: Json) -> list[str]:
    """The types that a schema names, or those of its constant or its enum."""
    types = part.get("type")
    if isinstance(types, str):
        return [types]
    if isinstance(types, list):
        return [each for each in types if isinstance(each, str)]
    values = [part["const"]] if "const" in part else part.get("enum")
    return sorted({_get_type(value) for value in values}) if isinstance(values, list) else []


def _get_type(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case Mapping():
            return "object"
        case _:
            return "null"


def _get_kind(parts: list[Json]) -> TraitKind | None:
    """The kind that all parts agree on; ``OTHER`` if there are several, None if no part names a type."""
    found = {name for part in parts for name in _get_types(part)} - {"null"}
    if found == {"integer", "number"}:
        return TraitKind.NUMBER
    if len(found) == 1:
        return KINDS.get(next(iter(found)), TraitKind.OTHER)
    if found:
        return TraitKind.OTHER
    has_members = any(isinstance(part.get("properties"), Mapping) for part in parts)
    return TraitKind.OBJECT if has_members else None


def _has_one_type(part: Json) -> bool:
    """Whether Kratos knows how to read the value from a form: by one type, or by a constant."""
    types = part.get("type")
    has_one_type = isinstance(types, str) or (isinstance(types, list) and len(types) == 1)
    return (has_one_type and types not in ("null", ["null"])) or "const" in part


def _get_choices(parts: list[Json], node: Any) -> tuple[Choice, ...]:
    """The values of an enum, a constant, or alternatives of one constant each, which may have titles."""
    for part in parts:
        values = part.get("enum")
        if isinstance(part.get("const"), (str, int, float)) and not isinstance(part["const"], bool):
            values = [part["const"]]
        if isinstance(values, list) and len(values) <= MAX_CHOICES:
            has_parts = any(isinstance(value, (list, Mapping)) for value in values)
            return () if has_parts else tuple(map(Choice, values))
    for keyword in ("oneOf", "anyOf"):
        options = _get_list(node, keyword) if isinstance(node, Mapping) else []
        constants = [each for each in options if isinstance(each, Mapping) and "const" in each]
        if constants and len(constants) == len(options) <= MAX_CHOICES:
            return tuple(Choice(each["const"], _find_text([each], "title")) for each in constants)
    return ()


def _get_limits(parts: list[Json]) -> dict[str, float]:
    return {
        name: part[name]
        for part in reversed(parts)
        for name in LIMITS
        if isinstance(part.get(name), (int, float)) and not isinstance(part[name], bool)
    }


def _find_text(parts: list[Json], keyword: str) -> str:
    texts = (part[keyword] for part in parts if isinstance(part.get(keyword), str))
    return next((text.strip()[:MAX_TITLE_LENGTH] for text in texts if text.strip()), "")


def _is_identifier(extension: Json) -> bool:
    credentials = extension.get("credentials")
    if not isinstance(credentials, Mapping):
        return False
    found = (credentials.get(name) for name in IDENTIFIER_CREDENTIALS)
    return any(isinstance(each, Mapping) and each.get("identifier") is True for each in found)
