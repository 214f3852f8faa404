"""Identity schemas for the configuration of a real Kratos."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["build_identity_schema", "build_schemas_config"]


def build_identity_schema(
    traits: dict[str, Any], required: Sequence[str] = (), **more: Any
) -> dict[str, Any]:
    """Return a schema with these properties of ``traits``. ``more``: properties beside ``traits``."""
    properties = {"traits": {"type": "object", "properties": traits, "required": [*required]}, **more}
    return {
        "$id": f"http://127.0.0.1:9/{len(traits)}.json",
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": properties,
    }


def build_schemas_config(**schemas: dict[str, Any]) -> dict[str, Any]:
    """Return the part of Kratos' configuration with these schemas. The first one is the default."""
    embedded = [
        {"id": name, "url": "base64://" + base64.b64encode(json.dumps(document).encode()).decode()}
        for name, document in schemas.items()
    ]
    return {"identity": {"default_schema_id": embedded[0]["id"], "schemas": embedded}}
