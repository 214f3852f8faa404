"""Checks that the identity schemas of Kratos limit the size of traits, and fit the settings.

Users choose their traits at registration. Kratos stores up to 5 MB of them, and each whoami returns them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django_ory.checks.rules import setting_path
from django_ory.client import OryClient
from django_ory.conf import OrySettings

from .result import Result, attempt

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


def check_schemas(client: OryClient, settings: OrySettings) -> Iterator[Result]:
    """Yield a result per identity schema, and one per setting that does not fit the schemas."""
    schemas = attempt(lambda: list(client.iterate(client.list_identity_schemas)))
    if not isinstance(schemas, list):
        yield Result(check="identity schemas", ok=None, detail=f"could not be read: {schemas}")
        return
    for schema in schemas:
        check, paths = f"identity schema {schema.id}", find_unbounded(schema.schema_ or {})
        if paths:
            named = ", ".join(paths[:MAX_NAMED]) + (", ..." if len(paths) > MAX_NAMED else "")
            yield Result(check=check, ok=None, detail=f"allows traits of any size: {named}", hint=HINT)
        else:
            yield Result(check=check, ok=True, detail="limits the size of traits")
    known = [schema.id for schema in schemas]
    for name in settings.identity_schemas:
        if name not in known:
            detail = f"offered for sign-ups, but Kratos has only {', '.join(map(str, known)) or 'none'}"
            hint = f"Correct {setting_path(settings.alias, 'IDENTITY_SCHEMAS')}, or add the schema to Kratos."
            yield Result(check=f"identity schema {name}", ok=False, detail=detail, hint=hint)
    if settings.user_fields == OrySettings(alias=settings.alias).user_fields:
        return  # some schemas lack traits of the default
    for field, path in settings.user_fields.items():
        if not any(has_trait(schema.schema_ or {}, path) for schema in schemas):
            detail = f"filled from the trait {path}, which no identity schema has"
            hint = f"Correct {setting_path(settings.alias, 'USER_FIELDS')}, or add the trait to the schema."
            yield Result(check=f"user field {field}", ok=None, detail=detail, hint=hint)


def has_trait(schema: dict[str, Any], path: str) -> bool:
    """Return whether the schema has the trait at a dotted path, such as ``"name.first"``, ``"emails.0"``."""
    return _has_path(path.split("."), _get_traits(schema), schema, frozenset())


def find_unbounded(schema: dict[str, Any]) -> list[str]:
    """Return the paths of the traits of any size, such as ``["traits.name"]``. Numbers do not count."""
    return list(dict.fromkeys(_find_unbounded(_get_traits(schema), "traits", schema, frozenset())))


def _get_traits(schema: dict[str, Any]) -> Any:
    properties = schema.get("properties")
    return properties.get("traits", {}) if isinstance(properties, dict) else {}


def _has_path(path: list[str], node: Any, root: dict[str, Any], seen: frozenset[str]) -> bool:
    """``seen``: the references on the way to this node. A schema that contains itself ends the search."""
    if not path or node is False:
        return node is not False
    node, seen = _merge(node, root, seen)
    first, *rest = path
    properties = node.get("properties") or {}
    if first in properties:
        return _has_path(rest, properties[first], root, frozenset())
    if first.isdecimal() and "items" in node:
        return _has_path(rest, node["items"], root, frozenset())
    return any(_has_path(path, choice, root, seen) for choice in _get_choices(node))


def _find_unbounded(node: Any, path: str, root: dict[str, Any], seen: frozenset[str]) -> Iterator[str]:
    """``seen``: the references on the way to this node. A schema that contains itself allows any depth."""
    if node is False:
        return
    node, seen = _merge(node, root, seen)
    if "enum" in node or "const" in node:
        return
    choices = _get_choices(node)
    if "type" not in node and choices:
        for choice in choices:
            yield from _find_unbounded(choice, path, root, seen)
        return
    types = node.get("type", "any")
    for type_ in types if isinstance(types, list) else [types]:
        match type_:
            case "object":
                is_open = node.get("additionalProperties", True) is not False or "patternProperties" in node
                if is_open and "maxProperties" not in node:
                    yield path
                for name, each in node.get("properties", {}).items():
                    yield from _find_unbounded(each, f"{path}.{name}", root, seen)
            case "array" if "maxItems" in node:
                yield from _find_unbounded(node.get("items", True), path, root, seen)
            case "string" if "maxLength" in node or node.get("format") in SHORT_FORMATS:
                pass
            case "array" | "string" | "any":
                yield path


def _get_choices(node: dict[str, Any]) -> list[Any]:
    return [*node.get("anyOf", ()), *node.get("oneOf", ())]


def _merge(node: Any, root: dict[str, Any], seen: frozenset[str]) -> tuple[dict[str, Any], frozenset[str]]:
    """Return the node, merged with its ``$ref`` into the same document and with all of ``allOf``."""
    if not isinstance(node, dict):
        return {}, seen
    merged: dict[str, Any] = {}
    reference = node.get("$ref")
    if isinstance(reference, str) and reference not in seen:
        merged, seen = _merge(_resolve(reference, root), root, seen | {reference})
    for part in node.get("allOf", ()):
        added, seen = _merge(part, root, seen)
        merged = merged | added
    return merged | node, seen


def _resolve(reference: str, root: dict[str, Any]) -> Any:
    node: Any = root
    for name in reference.removeprefix("#").split("/")[1:]:
        node = node.get(name) if isinstance(node, dict) else None
    return node
