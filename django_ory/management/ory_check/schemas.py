"""Checks that the identity schemas of Kratos limit the size of traits.

Users choose their traits at registration. Kratos stores up to 5 MB of them, and each whoami returns them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.conf import OrySettings, get_settings

from .result import Result, attempt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django_ory.client import OryClient

__all__ = ["check_schemas", "find_unbounded", "has_trait"]

#: Formats with short values.
SHORT_FORMATS = frozenset(
    {"date", "date-time", "email", "hostname", "ipv4", "ipv6", "tel", "time", "uuid"}  # Kratos adds "tel"
)
#: Paths that one result names.
MAX_NAMED = 3
HINT = (
    'Write "additionalProperties": false for objects, "maxLength" for strings and "maxItems" for arrays: '
    "otherwise one registration makes every later request of that account slow."
)


def check_schemas(client: OryClient, alias: str) -> Iterator[Result]:
    """One result per identity schema, and one per entry of ``USER_FIELDS`` that no schema has."""
    schemas = attempt(lambda: list(client.iterate(client.list_identity_schemas)))
    if not isinstance(schemas, list):
        yield Result(alias=alias, what="identity schemas", ok=None, detail=f"could not be read: {schemas}")
        return
    for schema in schemas:
        what, paths = f"identity schema {schema.id}", find_unbounded(schema.schema_ or {})
        if not paths:
            yield Result(alias=alias, what=what, ok=True, detail="bounds the size of traits")
            continue
        named = ", ".join(paths[:MAX_NAMED]) + (", ..." if len(paths) > MAX_NAMED else "")
        yield Result(alias=alias, what=what, ok=None, detail=f"allows traits of any size: {named}", hint=HINT)
    user_fields = get_settings(alias).user_fields
    if user_fields == OrySettings(alias=alias).user_fields:
        return  # the default names traits that some schemas lack
    for field, path in user_fields.items():
        if not any(has_trait(schema.schema_ or {}, path) for schema in schemas):
            yield Result(
                alias=alias,
                what=f"user field {field}",
                ok=None,
                detail=f"is filled from the trait {path}, which no identity schema has",
                hint=f'Correct settings.ORY["{alias}"]["USER_FIELDS"], or add the trait to the schema.',
            )


def has_trait(schema: dict[str, Any], path: str) -> bool:
    """Whether the schema names the trait at a dotted path, such as ``"name.first"`` or ``"emails.0"``."""
    properties = schema.get("properties")
    traits = properties.get("traits", {}) if isinstance(properties, dict) else {}
    return _leads_to(path.split("."), traits, schema, frozenset())


def _leads_to(path: list[str], node: Any, root: dict[str, Any], seen: frozenset[str]) -> bool:
    """``seen``: the references that led to this node. A schema that contains itself ends the search."""
    if not path or node is False:
        return node is not False
    node, seen = _merged(node, root, seen)
    first, *rest = path
    properties = node.get("properties") or {}
    if first in properties:
        return _leads_to(rest, properties[first], root, frozenset())
    if first.isdecimal() and "items" in node:
        return _leads_to(rest, node["items"], root, frozenset())
    choices = [*node.get("anyOf", ()), *node.get("oneOf", ())]
    return any(_leads_to(path, choice, root, seen) for choice in choices)


def find_unbounded(schema: dict[str, Any]) -> list[str]:
    """The paths of the traits that may be of any size, such as ``["traits.name"]``; numbers do not count."""
    properties = schema.get("properties")
    traits = properties.get("traits", {}) if isinstance(properties, dict) else {}
    return list(dict.fromkeys(_walk(traits, "traits", schema, frozenset())))


def _walk(node: Any, path: str, root: dict[str, Any], seen: frozenset[str]) -> Iterator[str]:
    """``seen``: the references that led here. A schema that contains itself allows any depth."""
    if node is False:
        return
    node, seen = _merged(node, root, seen)
    if "enum" in node or "const" in node:
        return
    choices = [*node.get("anyOf", ()), *node.get("oneOf", ())]
    if "type" not in node and choices:
        for choice in choices:
            yield from _walk(choice, path, root, seen)
        return
    types = node.get("type", "any")
    for kind in types if isinstance(types, list) else [types]:
        match kind:
            case "object":
                is_open = node.get("additionalProperties", True) is not False or "patternProperties" in node
                if is_open and "maxProperties" not in node:
                    yield path
                for name, each in node.get("properties", {}).items():
                    yield from _walk(each, f"{path}.{name}", root, seen)
            case "array":
                if "maxItems" not in node:
                    yield path
                else:
                    yield from _walk(node.get("items", True), path, root, seen)
            case "string":
                if "maxLength" not in node and node.get("format") not in SHORT_FORMATS:
                    yield path
            case "any":
                yield path


def _merged(node: Any, root: dict[str, Any], seen: frozenset[str]) -> tuple[dict[str, Any], frozenset[str]]:
    """The node, merged with its ``$ref`` into the same document and with all of ``allOf``."""
    if not isinstance(node, dict):
        return {}, seen
    merged: dict[str, Any] = {}
    reference = node.get("$ref")
    if isinstance(reference, str) and reference not in seen:
        merged, seen = _merged(_resolve(reference, root), root, seen | {reference})
    for part in node.get("allOf", ()):
        added, seen = _merged(part, root, seen)
        merged = merged | added
    return merged | node, seen


def _resolve(reference: str, root: dict[str, Any]) -> Any:
    node: Any = root
    for name in reference.removeprefix("#").split("/")[1:]:
        node = node.get(name) if isinstance(node, dict) else None
    return node
