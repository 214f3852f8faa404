"""Validates identity schemas before Kratos starts.

Kratos reads a schema at the first registration, and returns 500 if the schema is invalid.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django_ory.devstack.errors import DevstackError

IDENTITY_SCHEMA = Path(__file__).with_name("identity.schema.json")
"""The default schema: an e-mail address and a name."""

DRAFTS = tuple(
    f"http://json-schema.org/{draft}schema#" for draft in ("draft-07/", "draft-06/", "draft-04/", "")
)
"""The values of ``$schema`` that Kratos accepts, compared as text."""


def schema_url(schema: str = "") -> str:
    """Return the URL of a schema. A file is embedded into a ``base64://`` URL.

    Raises DevstackError if the file cannot be read, is not JSON, or is a schema that Kratos cannot use.
    """
    if "://" in schema:
        return schema
    file = Path(schema) if schema else IDENTITY_SCHEMA
    try:
        content = file.read_bytes()
        document = json.loads(content)
    except (OSError, ValueError) as error:
        raise DevstackError(f"Cannot read the identity schema {file}: {error}") from error
    problems = list(_find_problems(document))
    if problems:
        raise DevstackError("\n".join((f"Kratos cannot use the identity schema {file}.", *problems)))
    return "base64://" + base64.b64encode(content).decode()


def _find_problems(document: Any) -> Iterator[str]:
    if not isinstance(document, dict):
        yield "It must be a JSON object."
        return
    properties = document.get("properties")
    if not isinstance(properties, dict) or "traits" not in properties:
        yield 'The traits are missing: {"properties": {"traits": {...}}}.'
    for path, node in _walk(document, "#"):
        draft, reference = node.get("$schema"), node.get("$ref")
        if draft is not None and not _is_property(path) and draft not in DRAFTS:
            yield f'"$schema" at {path} is {json.dumps(draft)}. Use one that Kratos accepts: "{DRAFTS[0]}".'
        if isinstance(reference, str) and not _is_self_contained(reference):
            yield (
                f'"$ref" at {path} is {json.dumps(reference)}, another file, which Kratos cannot read. Copy '
                'that schema into this file, below "definitions": "$ref": "#/definitions/...".'
            )


def _walk(value: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every object of a document with its JSON pointer."""
    if isinstance(value, dict):
        yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from _walk(inner, f"{path}/{key}")


def _is_property(path: str) -> bool:
    """Return whether the keys of an object are property names, not keywords."""
    return path.endswith(("/properties", "/definitions", "/patternProperties"))


def _is_self_contained(reference: str) -> bool:
    """Return whether Kratos can resolve a reference: in the same document, or by HTTP."""
    return reference.startswith("#") or urlsplit(reference).scheme in ("http", "https")
